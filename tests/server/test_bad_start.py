"""What people must mend ends in one sentence with the remedy, exit code 2, and nothing is lost."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.databases import SqliteDatabases
from tests.server.running import Installation, until
from tests.servers.sample import Sample

pytestmark = pytest.mark.system

# A file system of its own for the data directory, so that it can be full or read-only.
_MOUNT = 'mount -t tmpfs -o size={size} tmpfs "$TRUEUP_DATA" && {then} exec "$@"'


def on_a_disk(installation: Installation, size: str, then: str = "") -> list[str]:
    """Return the command that gives a program a small disk as its data directory."""
    installation.data.mkdir()
    within = ["unshare", "--map-root-user", "--mount", "sh", "-c", _MOUNT.format(size=size, then=then), "sh"]
    tried = subprocess.run([*within, "true"], env=installation.environ, capture_output=True, check=False)
    if tried.returncode:
        pytest.skip("this machine does not let us mount a disk of our own")
    return within


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """Return the sentence of a refusal."""
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    return done.stderr


def test_taken_port_is_named_with_another(installation: Installation) -> None:
    installation.configure("Frontend: http: http://127.0.0.1:9/")
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", installation.port))
        other.listen()

        told = refused(installation.run("up"))

    assert f"Port {installation.port} on 127.0.0.1 is taken by another program" in told
    assert f"--listen 127.0.0.1:{installation.port + 1}" in told
    assert not (installation.data / "trueup.db").exists()


def test_address_of_another_machine_is_refused(installation: Installation) -> None:
    told = refused(installation.run("up", "--listen", "192.0.2.1:8420"))

    assert "192.0.2.1 is no address of this machine" in told


def test_second_engine_is_told_pid_and_start_of_the_first(installation: Installation, sample: Sample) -> None:
    installation.configure(f"Frontend: http: {sample.addresses['frontend']}")
    with installation.up() as running:
        running.wait_until_watching()

        for verb in ("up", "engine"):
            told = refused(installation.run(verb))
            assert f"in use by another trueup (pid {running.process.pid}, started 20" in told

        until("still watching", lambda: installation.state("frontend") == "up")


def test_bad_yaml_is_shown_with_its_line(installation: Installation) -> None:
    installation.config.write_text("components:\n  - name: A\n    checks: [{htp: http://127.0.0.1/}]\n")

    told = refused(installation.run("up"))

    assert "trueup.yaml:3:" in told
    assert "http" in told


def test_configuration_that_is_a_directory_is_refused(installation: Installation) -> None:
    installation.config.mkdir()

    assert "this is a directory" in refused(installation.run("up"))


def test_setting_that_cannot_be_read_is_refused(installation: Installation) -> None:
    told = refused(installation.run("up", TRUEUP_LISTEN="foo"))

    assert told.startswith("trueup: TRUEUP_LISTEN=foo is not HOST:PORT")


def test_database_address_that_cannot_be_used_is_refused_without_its_password(
    installation: Installation,
) -> None:
    unreachable = installation.run("up", DATABASE_URL="postgresql://user:hunter2@127.0.0.1:9/db")
    unknown = installation.run("up", DATABASE_URL="mysql://user:hunter2@127.0.0.1/db")

    assert "PostgreSQL" in refused(unreachable)
    assert "mysql://" in refused(unknown)
    assert "hunter2" not in unreachable.stderr + unknown.stderr


def test_database_of_a_newer_version_is_refused(
    installation: Installation, sqlite_databases: SqliteDatabases
) -> None:
    path = existing(installation, sqlite_databases)
    with closing(sqlite3.connect(path)) as link, link:
        link.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('trueup', '0099_later', '2030-01-01')"
        )

    for verb in (["up"], ["web"], ["status"], ["ledger", "--check", "a"]):
        assert "written by a newer trueup: it holds 0099_later" in refused(installation.run(*verb))


def test_file_that_is_no_database_is_refused(installation: Installation) -> None:
    installation.data.mkdir()
    (installation.data / "trueup.db").write_text("this is a letter to my aunt, not a database" * 200)

    assert "is no SQLite database" in refused(installation.run("up"))


def test_locked_database_is_refused(installation: Installation, sqlite_databases: SqliteDatabases) -> None:
    path = existing(installation, sqlite_databases)
    installation.configure("Frontend: http: http://127.0.0.1:9/")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        told = refused(installation.run("up"))

    assert f"The database {path} cannot be used: another program holds it" in told


def test_read_only_disk_is_refused(installation: Installation) -> None:
    within = on_a_disk(installation, "1m", 'mount -o remount,ro "$TRUEUP_DATA" &&')

    told = refused(run_within(installation, within))

    assert f"{installation.data}" in told
    assert "read-only" in told


def test_full_disk_is_refused_at_the_start(installation: Installation) -> None:
    within = on_a_disk(installation, "100k")

    assert "the disk is full" in refused(run_within(installation, within))


def test_disk_that_fills_up_loses_nothing(installation: Installation, sample: Sample) -> None:
    within = on_a_disk(installation, "4m")
    installation.configure(f"WebSocket: websocket: {sample.addresses['websocket']}")
    with installation.up(within=within) as running:
        running.wait_until_watching()
        until("up", lambda: running.said("to=up"))
        # The path of its own view of the disk
        inside = Path(f"/proc/{running.process.pid}/root{installation.data}")
        fill(inside / "filler")
        until("the fault", lambda: running.said("results are not stored; they wait in memory"))
        sample.enter("websocket", "down")
        until("a page all the while", lambda: running.get("/healthz"))
        (inside / "filler").unlink()
        until("recovery", lambda: running.said("the database takes results again"))
        until("the outage", lambda: running.said("to=down"))
        running.stop()
        assert not running.said("given up")
        assert not running.said("results are lost")


def fill(path: Path) -> None:
    """Write until the disk is full."""
    with path.open("wb", buffering=0) as file:
        for size in (65_536, 4_096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue


def existing(installation: Installation, databases: SqliteDatabases) -> Path:
    """Put a migrated database into the data directory."""
    installation.data.mkdir()
    with databases.fresh(installation.folder) as made:
        shutil.move(made.address, installation.data / "trueup.db")
    return installation.data / "trueup.db"


def run_within(installation: Installation, within: list[str]) -> subprocess.CompletedProcess[str]:
    """Run ``trueup up`` within another command, to its end."""
    installation.configure("Frontend: http: http://127.0.0.1:9/")
    return subprocess.run(
        [*within, sys.executable, "-m", "trueup", "up"],
        cwd=installation.folder, env=installation.environ, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


def test_directory_that_may_not_be_written_is_refused(installation: Installation) -> None:
    # root may write everywhere, unless it gives that up
    within = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    installation.data.mkdir(mode=0o500)

    assert "may not read or write it" in refused(run_within(installation, within))

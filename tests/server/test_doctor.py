"""The doctor finds what is wrong here, and nothing where all is well."""

from __future__ import annotations

import http.server
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.config.loading import spec
from tests.databases import Database
from tests.server.running import Installation, free_port
from tests.servers.dns import SILENT, Zone
from tests.servers.run import Servers

from trueup import conf
from trueup.cli import run
from trueup.config.apply import apply
from trueup.server.doctor import clock, disk, engine, machine, zones
from trueup.server.doctor.examine import Examined, examine
from trueup.server.doctor.finding import SEVERITIES, Finding
from trueup.server.faults import StartError
from trueup.store import lock
from trueup.store.models import SeriesState, Vital
from trueup.store.seal import ensure_key

DOCS = Path(__file__).parents[2] / "docs" / "reference" / "doctor.md"
MACHINES_OWN = {"clock-unsynchronised", "disk-space", "disk-slow", "open-files", "timezone-data"}
TEXT = """\
site: {timezone: Europe/Moscow}
components:
  - name: Backend
    checks: [{http: 'http://backend.test/', token: '${TOKEN}'}]
"""


class Clinic:
    """An installation that is well; each test breaks one thing."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.config = folder / "trueup.yaml"
        self._patch = monkeypatch
        self.zone = Zone({})

    def put(self, **environ: str) -> None:
        """Set settings and variables."""
        for name, value in environ.items():
            self._patch.setenv(name, value)
        conf.current.cache_clear()

    def unset(self, name: str) -> None:
        """Take a variable away."""
        self._patch.delenv(name)
        conf.current.cache_clear()

    def examine(self, clock_url: str = "") -> Examined:
        """Look at everything."""
        return examine(conf.current(), clock_url)

    def ids(self) -> set[str]:
        """Return what is found, but for what may be so of the machine that tests."""
        return {each.id for each in self.examine().findings} - MACHINES_OWN

    def finding(self, wanted: str) -> Finding:
        """Return one finding."""
        found = [each for each in self.examine().findings if each.id == wanted]
        assert found, f"{wanted} was not found"
        return found[0]


@pytest.fixture
def servers() -> Iterator[Servers]:
    """Run servers on loopback."""
    with Servers() as each:
        yield each


@pytest.fixture
def clinic(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, servers: Servers
) -> Iterator[Clinic]:
    """Give an installation in which all is well."""
    yield from _well(tmp_path, monkeypatch, servers)


@pytest.fixture
def each_clinic(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, servers: Servers
) -> Iterator[Clinic]:
    """Give an installation in which all is well, on each database."""
    yield from _well(tmp_path, monkeypatch, servers)


def _well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, servers: Servers) -> Iterator[Clinic]:
    async def silent(reader: Any, writer: Any) -> None:
        writer.close()

    made = Clinic(tmp_path, monkeypatch)
    made.data.mkdir(mode=0o750)
    made.put(
        TRUEUP_DATA=str(made.data),
        TRUEUP_CONFIG=str(made.config),
        TRUEUP_LISTEN=f"127.0.0.1:{free_port()}",
        TRUEUP_RESOLVERS=made.zone.start(servers),
        TRUEUP_WITNESSES=servers.start(silent).endpoint,
        TOKEN="t",
    )
    ensure_key(conf.current().key_file)
    made.config.write_text(TEXT)
    apply(spec(TEXT, environ={"TOKEN": "t"}), time.time_ns() // 1000, "trueup.yaml")
    yield made
    conf.current.cache_clear()


@contextmanager
def web_server(date: str | None) -> Iterator[str]:
    """Run a web server that sends a date, a wrong one if so wished."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response_only(200)
            if date is not None:
                self.send_header("Date", date)
            self.end_headers()

        def log_message(self, *words: Any) -> None:
            """Keep quiet."""

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_nothing_is_found_where_all_is_well(each_clinic: Clinic) -> None:
    found = each_clinic.examine()

    assert {each.id for each in found.findings} <= MACHINES_OWN
    assert set(found.versions) == {"python", "django", "libcurl", "sqlite"}


def test_every_finding_is_explained_and_provoked() -> None:
    headings = re.findall(r"^## (\S+)\n\n(\w+)\.$", DOCS.read_text("utf-8"), re.MULTILINE)
    provoked = set(
        re.findall(
            r"""['"]([a-z]+(?:-[a-z]+)+)['"]""", Path(__file__).read_text("utf-8").split("\n# provoked\n")[1]
        )
    )

    assert {name: severity.lower() for name, severity in headings} == SEVERITIES
    assert set(SEVERITIES) - provoked == set()


# provoked


def test_wrong_clock_is_seen_beside_that_of_a_web_server(clinic: Clinic) -> None:
    with web_server("Mon, 23 Nov 2026 10:00:00 GMT") as url:
        found = [each for each in clinic.examine(url).findings if each.id == "clock-off"]

    assert "behind that of http" in found[0].sentence or "ahead of that of http" in found[0].sentence
    assert "(10:00:00 UTC)" in found[0].sentence


def test_right_clock_is_found_right(clinic: Clinic) -> None:
    now = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())

    with web_server(now) as url:
        assert not [each for each in clinic.examine(url).findings if each.id == "clock-off"]


@pytest.mark.parametrize("date", [None, "yesterday"])
def test_web_server_without_the_time_is_refused(date: str | None) -> None:
    with web_server(date) as url, pytest.raises(StartError, match="Name another web server"):
        list(clock.against(url, conf.read({"TRUEUP_DATA": "data"})))


def test_kernel_is_asked_whether_somebody_sets_its_clock() -> None:
    found = [each.id for each in clock.synchronised()]

    assert found in ([], ["clock-unsynchronised"])
    if shutil.which("adjtimex"):
        told = subprocess.run(["adjtimex", "-p"], capture_output=True, text=True, check=True).stdout
        status = re.search(r"status: (\d+)", told)
        assert status
        assert bool(int(status[1]) & 0x40) == bool(found)


def test_results_of_the_future_are_found(each_clinic: Clinic) -> None:
    SeriesState.objects.update(last_answered_us=time.time_ns() // 1000 + 3_600_000_000)

    assert each_clinic.ids() == {"clock-behind"}


def test_outdated_time_zone_data_is_found(tmp_path: Path) -> None:
    # the zone files of a system that never heard of a change: Moscow as Samara
    packaged = subprocess.run(
        [sys.executable, "-c", "import tzdata; print(tzdata.__path__[0])"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    (tmp_path / "Europe").mkdir()
    shutil.copy(Path(packaged, "zoneinfo/Europe/Samara"), tmp_path / "Europe/Moscow")
    script = """
import datetime
from trueup.server.doctor.zones import zones
for each in zones(["Europe/Moscow", "UTC"], datetime.datetime.now(datetime.UTC)):
    print(each.id, each.sentence)
"""

    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONTZPATH": str(tmp_path)},
    )  # fmt: skip

    assert done.stdout.split()[0] == "timezone-data"
    assert "says UTC+04:00" in done.stdout
    assert "says UTC+03:00" in done.stdout


def test_unknown_zone_is_the_loaders_matter() -> None:
    from datetime import UTC, datetime

    assert list(zones.zones(["Mars/Base"], datetime.now(UTC))) == []


def test_dead_resolvers_are_found(clinic: Clinic) -> None:
    clinic.put(TRUEUP_RESOLVERS=f"127.0.0.1:{free_port()}")

    assert clinic.ids() == {"resolver-dead"}
    assert "backend.test cannot be resolved" in clinic.finding("resolver-dead").sentence


def test_one_silent_resolver_of_two_is_found(clinic: Clinic, servers: Servers) -> None:
    mute = Zone({"doctor.trueup.invalid": SILENT}).start(servers)
    clinic.put(TRUEUP_RESOLVERS=f"{conf.current().resolvers[0]} {mute}")

    assert clinic.ids() == {"resolver-silent"}


def test_witnesses_that_do_not_answer_are_found(clinic: Clinic) -> None:
    alive = conf.current().witnesses[0]
    clinic.put(TRUEUP_WITNESSES=f"{alive} no-witness.test:53")
    one = clinic.ids()
    clinic.put(TRUEUP_WITNESSES="no-witness.test:53")

    assert one == {"witness-silent"}
    assert clinic.ids() == {"witnesses-dead"}


def test_refusal_of_a_witness_is_a_sign_of_life(clinic: Clinic) -> None:
    clinic.put(TRUEUP_WITNESSES=f"127.0.0.1:{free_port()}")

    assert clinic.ids() == set()


def test_ping_that_is_not_allowed_is_found() -> None:
    from tests.probes.test_icmp import may_unshare

    if not may_unshare():
        pytest.skip("needs root, unshare and ip (apt-get install util-linux iproute2)")
    script = """
import os
from pathlib import Path
from trueup import conf
from trueup.server.doctor import network
from trueup.probes.base import kinds
kinds()
Path("/proc/sys/net/ipv4/ping_group_range").write_text("1 0")
settings = conf.read({"TRUEUP_DATA": "data"})
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
print([each.id for each in network.ping(settings, ["icmp"])], list(network.ping(settings, ["http"])))
"""
    command = f"ip link set lo up && exec {sys.executable} -c '{script}'"

    done = subprocess.run(
        ["unshare", "-n", "sh", "-c", command.replace("'" + script + "'", '"$SCRIPT"')],
        capture_output=True, text=True, check=False, env={**os.environ, "SCRIPT": script},
    )  # fmt: skip

    assert (done.stdout, done.stderr) == (f"{['ping-not-allowed']} []\n", "")


def test_too_few_open_files_are_found() -> None:
    script = """
import resource
from trueup.server.doctor import machine
from trueup.server.doctor.stored import Times
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
print([each.id for each in machine.open_files([Times(10_000_000, 10_000_000)] * 500)])
print(list(machine.open_files([Times(10_000_000, 10_000_000)] * 3)))
"""

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == [f"{['open-files']}", "[]"]
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] >= 256


def test_taken_port_is_found(clinic: Clinic) -> None:
    with web_server(None) as url:
        clinic.put(TRUEUP_LISTEN=url.removeprefix("http://").rstrip("/"))

        assert clinic.ids() == {"port-taken"}


def test_disk_that_is_nearly_full_or_slow_is_found(tmp_path: Path) -> None:
    found = [*disk.space(tmp_path, least_bytes=10**18), *disk.speed(tmp_path, slow_us=0)]

    assert [each.id for each in found] == ["disk-space", "disk-slow"]
    assert list(tmp_path.iterdir()) == []


def test_files_of_another_user_are_found(clinic: Clinic) -> None:
    strange = list(disk.owner(clinic.data, user=os.geteuid() + 4711))
    if os.geteuid() == 0:
        os.chown(clinic.data / "keys" / "secret.key", 65534, -1)
        assert "data-owner" in clinic.ids()

    assert [each.id for each in strange] == (["data-owner"] if os.geteuid() + 4711 else [])


def test_directory_that_cannot_be_written_is_found(tmp_path: Path) -> None:
    found = list(disk.writable(tmp_path / "none"))

    assert [each.id for each in found] == ["data-unwritable"]


def test_key_that_others_can_read_or_that_is_another_one_is_found(clinic: Clinic) -> None:
    key = conf.current().key_file
    key.chmod(0o644)
    open_to_others = clinic.finding("key-unusable")
    key.chmod(0o600)
    apply(spec(TEXT.replace("${TOKEN}", "secret")), time.time_ns() // 1000, "trueup.yaml")
    key.unlink()
    ensure_key(key)

    assert open_to_others.remedy == f"Run: chmod 600 {key}"
    assert "cannot be decrypted with the key" in clinic.finding("key-unusable").sentence


def test_secret_without_its_variable_is_found(clinic: Clinic) -> None:
    clinic.unset("TOKEN")

    found = clinic.finding("secret-missing")

    assert "Check backend cannot be asked: its option token refers to" in found.sentence
    assert "TOKEN" in found.sentence
    assert clinic.ids() == {"secret-missing", "config-unusable"}


def test_missing_data_and_database_are_found(tmp_path: Path) -> None:
    here = Installation(tmp_path)

    done = here.run("doctor", "--json", TRUEUP_RESOLVERS=f"127.0.0.1:{free_port()}")

    ids = [each["id"] for each in json.loads(done.stdout)["findings"]]
    assert set(ids) - MACHINES_OWN == {"data-missing", "database-missing", "config-missing"}
    assert done.returncode == 1
    assert not (tmp_path / "data").exists()


def test_older_and_newer_databases_are_found(each_clinic: Clinic) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('trueup', '9999_x', '2026-01-01')"
        )
    newer = each_clinic.finding("database-newer")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE name = '9999_x' OR name = '0003_check_tags'")
    older = each_clinic.finding("database-old")

    assert "9999_x" in newer.sentence
    assert "0003_check_tags" in older.sentence


def test_database_that_is_none_is_found(tmp_path: Path) -> None:
    here = Installation(tmp_path)
    here.data.mkdir()
    (here.data / "trueup.db").write_bytes(b"no database at all" * 100)

    done = here.run("doctor", "--json", TRUEUP_RESOLVERS=f"127.0.0.1:{free_port()}")

    found = {each["id"]: each for each in json.loads(done.stdout)["findings"]}
    assert done.returncode == 2
    assert "it is no SQLite database" in found["database-unusable"]["sentence"]


def test_engine_that_gives_no_sign_of_life_is_found(clinic: Clinic) -> None:
    held = lock.take(clinic.data, 0)
    try:
        os.utime(clinic.data / "lock", (1, 1))
        assert engine.holder(clinic.data) == os.getpid()

        assert clinic.ids() == {"engine-silent"}
    finally:
        held.release()


def test_engine_of_another_directory_is_found(each_clinic: Clinic) -> None:
    Vital.objects.create(
        process="engine", pid=os.getpid(), host=os.uname().nodename, started_us=0,
        tick_us=time.time_ns() // 1000, details={"wall_us": time.time_ns() // 1000},
    )  # fmt: skip

    assert each_clinic.ids() == {"second-engine"}

    held = lock.take(each_clinic.data, 0)
    try:
        assert each_clinic.ids() == set()
    finally:
        held.release()


def test_configuration_that_is_missing_wrong_or_not_applied_is_found(clinic: Clinic) -> None:
    clinic.config.write_text(TEXT.replace("Backend", "API"))
    other = clinic.finding("config-not-applied")
    clinic.config.write_text("components: []")
    wrong = clinic.finding("config-unusable")
    clinic.config.unlink()

    assert "applying it would make 4 changes" in other.sentence
    assert "components is empty" in wrong.sentence
    assert clinic.ids() == {"config-missing"}


def test_configuration_that_cannot_be_applied_is_found(clinic: Clinic) -> None:
    two = TEXT + "  - {name: API, checks: [{tcp: 'localhost:1'}]}\n"
    apply(spec(two, environ={"TOKEN": "t"}), time.time_ns() // 1000, "trueup.yaml")
    clinic.config.write_text(TEXT.replace("name: Backend", "name: Backend\n    was: api"))

    assert "cannot take over the history of 'api'" in clinic.finding("config-unusable").sentence


def test_old_programs_are_found() -> None:
    found = list(machine.old({"libcurl": "7.88.1", "sqlite": "3.36.0", "python": "3.11.7"}))

    assert [each.id for each in found] == ["version-old", "version-old"]
    assert list(machine.old(machine.versions())) == []


def test_exit_code_says_how_bad_it_is(clinic: Clinic, capsys: pytest.CaptureFixture[str]) -> None:
    clinic.config.unlink()
    warned = run(["doctor"])
    text = capsys.readouterr().out
    clinic.put(TRUEUP_RESOLVERS=f"127.0.0.1:{free_port()}")

    assert warned == 1
    assert "config-missing: There is no" in text
    assert "docs/reference/doctor.md#config-missing" in text
    assert run(["doctor", "--json"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert document["findings"][0]["id"] == "resolver-dead"
    assert document["well"] is False


def test_resolvers_are_not_asked_where_no_target_has_a_name(clinic: Clinic) -> None:
    text = TEXT.replace("{http: 'http://backend.test/', token: '${TOKEN}'}", "{tcp: '127.0.0.1:1'}")
    clinic.config.write_text(text)
    apply(spec(text), time.time_ns() // 1000, "trueup.yaml")
    clinic.put(TRUEUP_RESOLVERS=f"127.0.0.1:{free_port()}")

    assert clinic.ids() == set()

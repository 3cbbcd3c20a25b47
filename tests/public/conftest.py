"""Fixtures for the Python API: a sample platform and a directory to work in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from tests.databases import Database
from tests.servers.sample import Sample

from trueup import UptimeMonitor, conf

_YAML = """
defaults: {{interval: 10s, timeout: 5s, confirm: 1}}
components:
  - name: Frontend
    checks:
      - http: {frontend}
  - name: Backend
    checks:
      - http: {backend}
"""


@pytest.fixture
def sample() -> Iterator[Sample]:
    """Give a sample platform that is up."""
    each = Sample()
    yield each
    each.close()


def _forget_connection() -> None:
    connections.close_all()
    with suppress(AttributeError):
        del connections["default"]


@pytest.fixture(autouse=True)
def _other_thread_has_no_database_of_another_test() -> None:
    asyncio.run(sync_to_async(_forget_connection)())


@pytest.fixture
def settings_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Give a way to set settings by their names; file and data lie in the test's own directory."""

    def put(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        conf.current.cache_clear()

    put(
        TRUEUP_CONFIG=str(tmp_path / "trueup.yaml"),
        TRUEUP_DATA=str(tmp_path / "data"),
        TRUEUP_WITNESSES="none",
    )
    yield put
    monkeypatch.undo()
    conf.current.cache_clear()


@pytest.fixture
def monitor(
    database: Database, settings_of: Callable[..., None], sample: Sample, tmp_path: Path
) -> UptimeMonitor:
    """Give a monitor of the sample platform on both databases."""
    (tmp_path / "trueup.yaml").write_text(_YAML.format(**sample.addresses))
    return UptimeMonitor()

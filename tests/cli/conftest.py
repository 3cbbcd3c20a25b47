"""Fixtures for verbs that run in the test's own process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.servers.sample import Sample

from trueup import conf


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run in an empty directory, and undo what flags wrote into the environment."""
    monkeypatch.chdir(tmp_path)
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)
    conf.current.cache_clear()


@pytest.fixture
def sample() -> Iterator[Sample]:
    """Give a sample platform that is up."""
    each = Sample()
    yield each
    each.close()

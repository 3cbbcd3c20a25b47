"""Fixtures for whole processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.server.running import Installation
from tests.servers.sample import Sample


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """Give a directory with nothing in it yet."""
    return Installation(tmp_path)


@pytest.fixture
def sample() -> Iterator[Sample]:
    """Give a sample platform that is up."""
    each = Sample()
    yield each
    each.close()

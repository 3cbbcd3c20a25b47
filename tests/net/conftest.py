"""Servers, names and loops on loopback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.servers import Servers

from trueup.net.side import Side


@pytest.fixture
def servers() -> Iterator[Servers]:
    """Give servers on loopback that end with the test."""
    with Servers() as running:
        yield running


@pytest.fixture
def side() -> Iterator[Side]:
    """Give the thread in which names are asked for."""
    running = Side()
    yield running
    running.close()

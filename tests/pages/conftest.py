"""Fixtures for the pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from trueup.figures.cache import shared


@pytest.fixture
def client() -> Iterator[Client]:
    """Give a client of a process that has shown nothing yet."""
    shared.cache_clear()
    yield Client()
    shared.cache_clear()

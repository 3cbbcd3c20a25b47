"""Write blocks: the summary of a series' day, and its samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection

from trueup.domain.record import STATES, Row
from trueup.domain.result import State
from trueup.store import histogram
from trueup.store.standing import ANSWERS

_COUNTED = tuple(STATES.index(state) for state in (State.UP, State.DEGRADED, State.DOWN, State.UNKNOWN))
_ANSWERS = frozenset(STATES.index(state) for state in ANSWERS)
_LOCK = 7_275_656_112_001  # of PostgreSQL's advisory locks: whoever writes blocks
_COLUMNS = (
    "series_id",
    "day",
    "n",
    "up",
    "degraded",
    "down",
    "unknown",
    "latency_n",
    "latency_sum_us",
    "latency_min_us",
    "latency_max_us",
    "histogram",
    "samples",
)


class Key(NamedTuple):
    """Which block: its series, and its day since 1970-01-01 UTC."""

    series: int
    day: int


def lock() -> None:
    """Keep everyone else from writing blocks until the transaction ends."""
    if connection.vendor == "postgresql":  # on SQLite the transaction itself keeps them out
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def put(blocks: Sequence[Sequence[Any]]) -> None:
    """Insert blocks, or rewrite those that are there: key, ``summary``, samples of each."""
    places = ", ".join("%s" for _ in _COLUMNS)
    changed = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[2:])
    # The names are those of our own columns: nothing in this statement comes from outside.
    statement = (
        f"INSERT INTO trueup_block ({', '.join(_COLUMNS)}) VALUES ({places}) "  # noqa: S608
        f"ON CONFLICT (series_id, day) DO UPDATE SET {changed}"
    )
    if blocks:
        with connection.cursor() as cursor:
            cursor.executemany(statement, blocks)


def summary(rows: Sequence[Row]) -> tuple[Any, ...]:
    """Return a day's counts, latencies and histogram, in the order of the columns."""
    states = [row.state for row in rows]
    latencies = [row.duration_us for row in rows if row.state in _ANSWERS]
    return (
        len(rows),
        *(states.count(state) for state in _COUNTED),
        len(latencies),
        sum(latencies),
        min(latencies, default=None),
        max(latencies, default=None),
        histogram.pack(histogram.count(latencies)),
    )

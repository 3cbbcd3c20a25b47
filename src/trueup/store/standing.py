"""Where a series stands, as the one writer of the ledger keeps it in memory and as its row holds it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from trueup.domain.result import FailureClass, Result, State
from trueup.domain.state import Seen, Track, silent_at_us
from trueup.domain.text import from_json
from trueup.domain.timeline import Probed
from trueup.store.buckets import Buckets, unpack
from trueup.store.models import SeriesState
from trueup.store.rows import Table
from trueup.store.words import as_json

ANSWERS = (State.UP, State.DEGRADED)  # the states of an answer that is good for its latency
_UP = str(State.UP)
NO_PROBE: tuple[None, None] = (None, None)


@dataclass(slots=True)
class Standing:
    """One row of ``SeriesState``: its track, what was seen last, and its run of results that are not up."""

    track: Track
    last_state: str = ""
    last_cause: str = ""
    good_us: int | None = None
    good_latency_us: int | None = None
    epoch: int = 0
    slot: int = 0
    number: int = 0
    results: int = 0
    buckets: Buckets = field(default_factory=Buckets)
    certificate_not_after_us: int | None = None
    rules_from_us: int = 0
    run_us: int | None = None
    run_count: int = 0
    run_kept_us: int = 0

    def mark(self, result: Result) -> None:
        """Count a result, and keep the newest key: a key must never be given twice."""
        self.results += 1
        key = (result.epoch, result.slot, result.number)
        if key > (self.epoch, self.slot, self.number):
            self.epoch, self.slot, self.number = key

    def saw(self, result: Result) -> None:
        """Note a result that counts as the last one seen."""
        state, cause = result.state, result.cause
        self.last_state = str(state)
        self.last_cause = "" if cause is None else str(cause)
        if state in ANSWERS:
            self.good_us = result.asked_us + result.duration_us
            self.good_latency_us = result.duration_us
        detail = result.detail
        if detail is not None and detail.certificate is not None:
            self.certificate_not_after_us = detail.certificate.not_after_us

    def went_on(self, result: Result) -> None:
        """Do what ``mark``, ``saw`` and the buckets do with a result that is up, as the one before was."""
        self.mark(result)
        duration_us = result.duration_us
        self.good_us = result.asked_us + duration_us
        self.good_latency_us = duration_us
        self.last_state, self.last_cause = _UP, ""
        self.buckets.add(duration_us)
        detail = result.detail
        if detail is not None and detail.certificate is not None:
            self.certificate_not_after_us = detail.certificate.not_after_us


TABLE = Table(
    "trueup_seriesstate",
    {
        "state": "text",
        "since_us": "bigint",
        "covered_until_us": "bigint",
        "floor_us": "bigint",
        "last_asked_us": "bigint",
        "last_answered_us": "bigint",
        "before_asked_us": "bigint",
        "before_answered_us": "bigint",
        "pending": "jsonb",
        "silent": "boolean",
        "silent_at_us": "bigint",
        "last_state": "text",
        "last_cause": "text",
        "good_us": "bigint",
        "good_latency_us": "bigint",
        "epoch": "smallint",
        "slot": "bigint",
        "number": "smallint",
        "results": "bigint",
        "buckets": "bytea",
        "certificate_not_after_us": "bigint",
        "rules_from_us": "bigint",
        "run_us": "bigint",
        "run_count": "integer",
        "run_kept_us": "bigint",
        "series_id": "bigint",
    },
)


def row(series: int, standing: Standing, patience_us: int) -> tuple[Any, ...]:
    """Return the values of ``TABLE``'s columns; ``patience_us`` as in ``domain.state.Rules``."""
    track = standing.track
    state, since_us, covered_until_us, floor_us, last, steady, pending, silent = track
    return (
        str(state),  # a plain string binds faster than its enumeration
        since_us,
        covered_until_us,
        floor_us,
        *(last or NO_PROBE),
        *(steady or NO_PROBE),
        as_json(pending) if pending else "[]",  # a list for each, in the order of its fields
        silent,
        silent_at_us(track, patience_us),
        standing.last_state,
        standing.last_cause,
        standing.good_us,
        standing.good_latency_us,
        standing.epoch,
        standing.slot,
        standing.number,
        standing.results,
        standing.buckets.pack(),
        standing.certificate_not_after_us,
        standing.rules_from_us,
        standing.run_us,
        standing.run_count,
        standing.run_kept_us,
        series,
    )


def load() -> Iterator[tuple[int, Standing]]:
    """Yield where every series stands, with its id."""
    names = [name for name, _ in TABLE.columns]
    for values in SeriesState.objects.values_list(*names).iterator(2_000):
        yield values[-1], _standing(values)


def _standing(values: tuple[Any, ...]) -> Standing:
    state, since_us, covered_us, floor_us, *edges = values[:8]
    pending, silent, _, *seen = values[8:-1]
    last, steady = _probed(*edges[:2]), _probed(*edges[2:])
    track = Track(State(state), since_us, covered_us, floor_us, last, steady, _pending(pending), silent)
    last_state, last_cause, good_us, good_latency_us, epoch, slot, number, results, buckets, *rest = seen
    return Standing(
        track,
        last_state,
        last_cause,
        good_us,
        good_latency_us,
        epoch,
        slot,
        number,
        results,
        unpack(bytes(buckets)),
        *rest,
    )


def _probed(asked_us: int | None, answered_us: int | None) -> Probed | None:
    return None if asked_us is None or answered_us is None else Probed(asked_us, answered_us)


def _pending(listed: list[list[Any]]) -> tuple[Seen, ...]:
    return tuple(
        Seen(
            asked_us,
            answered_us,
            State(state),
            None if cause is None else FailureClass(cause),
            None if text is None else from_json(text),
        )
        for asked_us, answered_us, state, cause, text in listed
    )

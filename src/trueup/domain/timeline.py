"""What is known of one check over time, and the three ways to read it.

A record is a set member, not a list item: overlaps, repetition and order change nothing. Where
records overlap, down counts before degraded, up, paused, unknown: evidence before its absence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from trueup.domain.interval import NEVER, Span, Spans
from trueup.domain.result import State


class Probed(NamedTuple):
    """When a probe was asked and when it was answered, microseconds UTC."""

    asked_us: int
    answered_us: int


@dataclass(frozen=True, slots=True)
class Record:
    """A state from ``start_us`` to ``end_us`` (``None``: it goes on), and the probes at its edges.

    ``a`` is the last probe of the state before, ``b`` the first of this one, ``c`` its last, ``d``
    the first after it. A missing probe means that the edge is exact.
    """

    state: State
    start_us: int
    end_us: int | None = None
    a: Probed | None = None
    b: Probed | None = None
    c: Probed | None = None
    d: Probed | None = None


@dataclass(frozen=True, slots=True)
class Blip:
    """A run of probes that was never confirmed: no part of the point value, part of the band."""

    state: State
    b: Probed
    c: Probed
    a: Probed | None = None
    d: Probed | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """What is known of one check while it exists, from ``since_us`` to ``until_us``.

    An open record goes on to ``covered_until_us``, where that is given, and never past the instant
    for which the timeline is read. Time without a record is unknown.
    """

    records: Sequence[Record]
    blips: Sequence[Blip] = ()
    since_us: int | None = None
    until_us: int | None = None
    covered_until_us: int | None = None


class Reading(NamedTuple):
    """The sets of instants of one check; the states are disjoint and fill its existence.

    ``low`` and ``high`` are the down time of the error band: with everything unknown, unconfirmed and
    unproven down and each outage as long as its probes allow, and as short as they allow.
    """

    up: Spans
    degraded: Spans
    down: Spans
    unknown: Spans
    paused: Spans
    low: Spans
    high: Spans


def read(timeline: Timeline, within: Span) -> Reading:
    """Return the reading of a timeline between two instants; it is cut at ``within.end_us``."""
    existence = Span(
        within.start_us if timeline.since_us is None else max(timeline.since_us, within.start_us),
        within.end_us if timeline.until_us is None else min(timeline.until_us, within.end_us),
    )
    open_us = within.end_us if timeline.covered_until_us is None else timeline.covered_until_us
    if existence.start_us >= existence.end_us:
        return NOTHING
    records = [record for record in timeline.records if _reaches(record, existence, open_us)]
    calm = None if timeline.blips else _calm(timeline, records, existence, open_us)
    if calm is not None:
        return calm
    up, degraded, down, paused = (spans.clip(existence) for spans in _states(records, open_us))
    asked = Spans([existence]) - paused
    unknown = asked - up.union(degraded, down)
    doubts = (
        *_longest(records, open_us),
        *_unproven(timeline, records, open_us),
        *_runs(timeline.blips, down=True),
    )
    low = Spans(doubts).clip(existence) & asked
    high = Spans(_shortest(records, open_us)) & down - Spans(_runs(timeline.blips, down=False))
    return Reading(up, degraded, down, unknown, paused, low.union(down, unknown), high)


def _reaches(record: Record, existence: Span, open_us: int) -> bool:
    """Return whether a record, as long as its probes allow, has a part in the existence."""
    start_us, end_us = record.start_us, open_us if record.end_us is None else record.end_us
    if record.a is not None and record.a[0] < start_us:
        start_us = record.a[0]
    if record.d is not None and record.d[1] > end_us:
        end_us = record.d[1]
    return start_us < existence[1] and end_us > existence[0]


def _calm(timeline: Timeline, records: Sequence[Record], existence: Span, open_us: int) -> Reading | None:
    """Return the reading at once where one record tells all, as it mostly does, else nothing."""
    if len(records) != 1:
        return None
    record = records[0]
    end_us = open_us if record.end_us is None else record.end_us
    if record.start_us > existence.start_us or end_us < existence.end_us or record.state is State.DOWN:
        return None
    if any(
        start_us < existence.end_us and end_us > existence.start_us
        for start_us, end_us in _unproven(timeline, records, open_us)
    ):
        return None
    whole = Spans([existence])
    if record.state is State.UNKNOWN:
        return NOTHING._replace(unknown=whole, low=whole)
    return NOTHING._replace(**{record.state.value: whole})


def _states(records: Iterable[Record], open_us: int) -> Iterator[Spans]:
    """Yield when it was up, degraded, down, paused, as sets that have nothing in common."""
    spans: dict[State, list[tuple[int, int]]] = {state: [] for state in State}
    for record in records:
        end_us = open_us if record.end_us is None else record.end_us
        spans[record.state].append((record.start_us, end_us))
    up, degraded, down, paused = (
        Spans(spans[state]) for state in (State.UP, State.DEGRADED, State.DOWN, State.PAUSED)
    )
    if not _apart(span for state in spans if state is not State.UNKNOWN for span in spans[state]):
        degraded -= down
        up -= down | degraded
        paused -= down.union(degraded, up)
    yield from (up, degraded, down, paused)


def _apart(spans: Iterable[tuple[int, int]]) -> bool:
    return all(left[1] <= right[0] for left, right in pairwise(sorted(spans)))


def _longest(records: Iterable[Record], open_us: int) -> Iterator[tuple[int, int]]:
    """Yield every outage from the last probe before it to the answer of the first after it."""
    for record in records:
        if record.state is State.DOWN:
            end_us = open_us if record.end_us is None else record.end_us
            yield (
                record.start_us if record.a is None else record.a.asked_us,
                end_us if record.d is None else record.d.answered_us,
            )


def _unproven(timeline: Timeline, records: Iterable[Record], open_us: int) -> Iterator[tuple[int, int]]:
    """Yield what is covered of a state that was not down, but not proven, beside time that is unknown.

    That is before the answer of its first probe, and after the asking of its last: it may have been down
    still, or already. Where the timeline begins or people paused it, nobody asked beside it.
    """
    for record in records:
        if record.state not in (State.UP, State.DEGRADED):
            continue
        end_us = open_us if record.end_us is None else record.end_us
        if record.a is None and record.b is not None and record.start_us != timeline.since_us:
            yield record.start_us, min(record.b.answered_us, end_us)
        if record.d is None and record.c is not None and not _is_paused(timeline, end_us):
            yield record.c.asked_us, end_us


def _is_paused(timeline: Timeline, from_us: int) -> bool:
    return any(each.start_us == from_us and each.state is State.PAUSED for each in timeline.records)


def _runs(blips: Iterable[Blip], *, down: bool) -> Iterator[tuple[int, int]]:
    """Yield every blip to down, or from it, from the last probe before to the answer of the first after."""
    for blip in blips:
        if (blip.state is State.DOWN) is down:
            yield (blip.a or blip.b).asked_us, (blip.d or blip.c).answered_us


def _shortest(records: Iterable[Record], open_us: int) -> Iterator[tuple[int, int]]:
    """Yield every outage from the answer of its first probe to the asking of its last."""
    for record in records:
        if record.state is State.DOWN:
            end_us = open_us if record.end_us is None else record.end_us
            yield (
                record.start_us if record.b is None else record.b.answered_us,
                end_us if record.c is None else record.c.asked_us,
            )


NOTHING = Reading(NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER)

"""What a component says over all of time, from the records of its checks and the words of the terms."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from trueup.domain.interval import NEVER, Span, Spans
from trueup.domain.result import State
from trueup.domain.sla.case import LINE, Part
from trueup.domain.sla.voices import Said, Voice, combine
from trueup.domain.status import needed
from trueup.domain.terms import Terms
from trueup.domain.timeline import Record, Timeline, read

# Where several records touch an edge, the state that counts most is the one beside it.
_WEIGHT = {
    State.UNKNOWN: 0, State.PAUSED: 1, State.UP: 2, State.DEGRADED: 3, State.DOWN: 4,
}  # fmt: skip


def voice(part: Part, terms: Terms, known: Span) -> Voice:
    """Return what a component says; what lies after ``known`` is not looked at.

    Time of which no check knows anything is unknown, and so is a pause, unless the terms exclude it.
    ``absent`` is when the component takes no part: its own maintenance, and an excluded pause.
    """
    said, paused, outside = _component(part, terms, known)
    blind = said.unknown.union(outside, paused) if terms.paused == "unknown" else said.unknown | outside
    left = paused if terms.paused == "exclude" else NEVER
    found = replace(said, unknown=blind, low=said.low | blind, absent=own_maintenance(part, terms) | left)
    return replace(found, repeats=_carried(found, left)) if terms.unknown == "carry" else found


def own_maintenance(part: Part, terms: Terms) -> Spans:
    """Return the component's own maintenance that was announced early enough."""
    notice_us = terms.maintenance.notice_us
    return Spans((each.start_us, each.end_us) for each in part.maintenance if each.admitted(notice_us))


def _carried(said: Voice, left: Spans) -> Said:
    """Return what is said if unknown time repeats what was last known, however long ago that was.

    Where nothing was known before, it stays unknown. What was seen during maintenance is known, too.
    """
    up = Spans([LINE]) - said.unknown.union(left, said.down, said.degraded)
    sets = ((said.down, State.DOWN), (said.degraded, State.DEGRADED), (up, State.UP))
    known = sorted((end_us, state) for spans, state in sets for _, end_us in spans.pairs)
    ends = [end_us for end_us, _ in known]
    gained: dict[State, list[tuple[int, int]]] = {state: [] for state in State}
    for span in said.unknown.pairs:
        position = bisect_right(ends, span[0])
        gained[known[position - 1][1] if position else State.UNKNOWN].append(span)
    return Said(
        said.down | Spans(gained[State.DOWN]),
        said.degraded | Spans(gained[State.DEGRADED]),
        Spans(gained[State.UNKNOWN]),
    )


def _component(part: Part, terms: Terms, known: Span) -> tuple[Voice, Spans, Spans]:
    """Return what the checks say together, when all that are there are paused, and when none is there."""
    checks = part.checks or (Timeline(()),)
    k = max(needed(part.down_when, len(checks)), 1)
    heard = [_check(check, part.default_state, terms.edge, known) for check in checks]
    if len(heard) == 1:
        said, paused, outside = heard[0]
        return replace(said, absent=NEVER), paused, outside
    together = combine([said for said, _, _ in heard], k)
    paused = together.absent & NEVER.union(*(each for _, each, _ in heard))
    return replace(together, absent=NEVER), paused, together.absent - paused


def _check(check: Timeline, default: State, edge: str, known: Span) -> tuple[Voice, Spans, Spans]:
    if default is not State.UNKNOWN:
        check = replace(check, records=[*check.records, *_gaps(check, default, known)])
    reading = read(check, known)
    if edge != "observed":  # the band is that of what was observed, wherever the terms put the point
        there = read(replace(check, records=list(moved(check.records, edge))), known)
        low, high = reading.low.union(there.down, there.unknown), reading.high & there.down
        reading = there._replace(low=low, high=high)
    since_us = LINE.start_us if check.since_us is None else check.since_us
    until_us = LINE.end_us if check.until_us is None else check.until_us
    outside = Spans([known]) - Spans([(since_us, until_us)])
    said = Voice(
        reading.down,
        reading.degraded,
        reading.unknown,
        reading.paused | outside,
        reading.low,
        reading.high,
        reading.degraded - reading.low,
        reading.degraded,
    )
    return said, reading.paused, outside


def _gaps(check: Timeline, default: State, known: Span) -> Iterator[Record]:
    """Yield a record of the default state for all time in which there is none."""
    open_us = known.end_us if check.covered_until_us is None else check.covered_until_us
    told = Spans((each.start_us, open_us if each.end_us is None else each.end_us) for each in check.records)
    for start_us, end_us in (Spans([known]) - told).pairs:
        yield Record(default, start_us, end_us)


def moved(records: Sequence[Record], edge: str) -> Iterator[Record]:
    """Yield the records with the edges of every outage where the terms want them.

    Time that an outage gives up goes to the state beside it, and is up where no record touches it
    though a probe saw the end of the outage. An edge without a probe is exact and stays.
    """
    rest = sorted(records, key=lambda record: _WEIGHT[record.state])
    before = {each.end_us: each.state for each in rest if each.state is not State.DOWN}
    after = {each.start_us: each.state for each in rest if each.state is not State.DOWN}
    for record in records:
        if record.state is not State.DOWN:
            yield record
            continue
        start_us, end_us = _edges(record, edge)
        if end_us is not None and start_us >= end_us:
            start_us = end_us = max(min(start_us, record.end_us or start_us), record.start_us)
        if end_us is None or start_us < end_us:
            yield replace(record, start_us=start_us, end_us=end_us)
        state = before.get(record.start_us, State.UP if record.a else None)
        if start_us > record.start_us and state is not None:
            yield Record(state, record.start_us, start_us)
        if record.end_us is not None and end_us is not None and end_us < record.end_us:
            state = after.get(record.end_us, State.UP if record.d else None)
            if state is not None:
                yield Record(state, end_us, record.end_us)


def _edges(record: Record, edge: str) -> tuple[int, int | None]:
    """Return where an outage begins and ends; half a microsecond of a middle is left off at both edges."""
    start_us, end_us = record.start_us, record.end_us
    a, b, c, d = record.a, record.b, record.c, record.d
    if edge == "midpoint":
        start_us = start_us if a is None else min((a.asked_us + start_us) // 2, start_us)
        if end_us is None or c is None or d is None:
            return start_us, end_us
        return start_us, min((c.asked_us + end_us) // 2, end_us)
    if edge == "conservative":
        start_us = start_us if a is None else min(a.asked_us, start_us)
        return start_us, end_us if end_us is None or d is None else max(d.answered_us, end_us)
    start_us = start_us if b is None else max(b.answered_us, start_us)
    return start_us, end_us if end_us is None or c is None else min(c.asked_us, end_us)

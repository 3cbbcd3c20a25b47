"""A component's outages and the state it is in, read off its checks' ledgers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from trueup.domain.outage import Outage
from trueup.domain.quorum import Stretch
from trueup.domain.result import State
from trueup.domain.sla import Tally, evaluate_days
from trueup.domain.timeline import Probed, Record, Timeline


def stretches(checks: Sequence[Timeline], start_us: int, as_of_us: int, down_when: str) -> list[Stretch]:
    """Return what a component was between two instants, oldest first; neighbours differ.

    Time in which none of its checks existed is left out.
    """
    edges = sorted({start_us, as_of_us, *_changes(checks, start_us, as_of_us)})
    if len(edges) < 2:
        return []
    found: list[Stretch] = []
    tallies = evaluate_days(checks, edges, as_of_us, down_when=down_when)
    for (begin_us, end_us), tally in zip(pairwise(edges), tallies, strict=True):
        state = _state(tally)
        if state is None:
            continue
        if found and found[-1].state is state and found[-1].end_us == begin_us:
            begin_us = found.pop().start_us
        found.append(Stretch(begin_us, end_us, state))
    return found


def outages(checks: Sequence[Timeline], parts: Sequence[Stretch], as_of_us: int) -> list[Outage]:
    """Return the outages among a component's stretches, newest first, each with its outermost probes."""
    records = [record for check in checks for record in check.records if record.state is State.DOWN]
    down = [part for part in parts if part.state is State.DOWN]
    return [_outage(records, part, as_of_us) for part in reversed(down)]


def _outage(records: Sequence[Record], part: Stretch, as_of_us: int) -> Outage:
    # Where a component goes down, one of its checks does; several at once leave the widest bounds.
    begun = [record for record in records if record.start_us == part.start_us]
    ended = [record for record in records if record.end_us == part.end_us]
    return Outage(
        part.start_us,
        part.end_us,
        ongoing=part.end_us >= as_of_us and not ended,
        a=min((record.a for record in begun if record.a), default=None),
        b=max((record.b for record in begun if record.b), key=_answered_us, default=None),
        c=min((record.c for record in ended if record.c), default=None),
        d=max((record.d for record in ended if record.d), key=_answered_us, default=None),
    )


def _answered_us(probe: Probed) -> int:
    return probe.answered_us


def _changes(checks: Sequence[Timeline], start_us: int, as_of_us: int) -> set[int]:
    """Return every instant at which what is known of a check changes."""
    found: set[int] = set()
    for check in checks:
        found.update(record.start_us for record in check.records)
        found.update(record.end_us for record in check.records if record.end_us is not None)
        found.update(at for at in (check.since_us, check.until_us, check.covered_until_us) if at is not None)
    return {at_us for at_us in found if start_us < at_us < as_of_us}


def _state(tally: Tally) -> State | None:
    for state in State:
        if getattr(tally, f"{state}_us"):
            return state
    return None

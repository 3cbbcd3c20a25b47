"""Find a point before late results at which a series' state does not depend on anything before.

That is the last of so many equal results in a row, without a gap, as the longest confirmation takes, where
no correction lies over it; else the beginning of the ledger, or of its part after a pause.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trueup.domain.result import Result, State
from trueup.domain.state import Track, opened
from trueup.domain.timeline import Probed
from trueup.engine.centre.corrected import hidden
from trueup.engine.centre.live import Live
from trueup.store.blocks import DAY_US
from trueup.store.read import restating
from trueup.store.read.samples import kept_from_us, samples
from trueup.store.write.draft import Span

Pauses = Sequence[tuple[int, int | None]]


@dataclass(frozen=True, slots=True)
class Start:
    """A certain point: the track there, the entry open there, and from when on all is made anew."""

    track: Track
    current: Span
    from_us: int
    after: tuple[int, ...] = ()  # the place of the last result that is part of it


def find(live: Live, before_us: int, pauses: Pauses) -> Start | None:
    """Return the newest certain point before an instant; None when what it takes is no longer kept."""
    series = live.watched.series
    floor_us = max(
        [live.watched.created_us, *(end_us for _, end_us in pauses if end_us and end_us <= before_us)]
    )
    kept_us = kept_from_us(series)
    alike = 0
    newest = later = None
    for result in _backwards(series, max(floor_us, kept_us), before_us):
        if not counts(live, pauses, result):
            continue
        same = later is not None and result.state is later.state and not _apart(live, result, later)
        if alike and same:
            alike += 1
        else:
            alike, newest = 1, result
        if alike == 1 and hidden(live.corrections, result.asked_us):
            alike, newest = 0, None  # what is written there does not follow from results
        later = result
        if alike >= live.longest_run and newest is not None:
            return _steady(live, newest, floor_us)
    if kept_us > floor_us:
        return None
    beginning = Span(State.UNKNOWN, floor_us, None, None, None, None, None, None, None)
    return Start(opened(floor_us), beginning, floor_us)


def _steady(live: Live, result: Result, floor_us: int) -> Start:
    entry = restating.entry_at(live.watched.series, result.asked_us)
    probed = Probed(result.asked_us, result.answered_us)
    covered_us = result.answered_us + live.rules_at(result.asked_us).interval_us
    track = Track(result.state, entry.start_us, covered_us, floor_us, probed, probed)
    return Start(track, entry, result.asked_us, place(result))


def counts(live: Live, pauses: Pauses, result: Result) -> bool:
    """Return whether a result enters the ledger: not withdrawn, asked after creation, not while paused."""
    asked_us = result.asked_us
    if result.state is State.UNKNOWN or asked_us < live.watched.created_us:
        return False
    return not any(
        start_us <= asked_us and (end_us is None or asked_us < end_us) for start_us, end_us in pauses
    )


def place(result: Result) -> tuple[int, ...]:
    """Return what results of one series are ordered by."""
    return (result.asked_us, result.epoch, result.slot, result.number)


def _backwards(series: int, from_us: int, before_us: int) -> Iterator[Result]:
    """Yield stored results, the newest first; days are read as they are needed."""
    end_us = before_us
    while end_us > from_us:
        start_us = max(from_us, (end_us - 1) // DAY_US * DAY_US)
        yield from reversed(samples(series, start_us, end_us))
        end_us = start_us


def _apart(live: Live, result: Result, later: Result) -> bool:
    interval_us = live.rules_at(result.asked_us).interval_us
    return 2 * (later.asked_us - result.answered_us - interval_us) > interval_us

"""Lay corrections over a ledger: what people decided that it is to have been from an instant to another.

The results say what they said; a correction is laid over what follows from them, and again whenever that
is made anew. Paused time stays paused: that is no judgement of ours that could be wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from trueup.domain.result import State
from trueup.domain.state import Change, Step
from trueup.engine.centre import events
from trueup.store.read import restating
from trueup.store.read.correction import Corrected
from trueup.store.write.draft import Draft, Span

if TYPE_CHECKING:
    from trueup.engine.centre.live import Live


def lay(spans: Iterable[Span], corrections: Iterable[Corrected]) -> list[Span]:
    """Return entries, in order, as corrections in the order of their taking leave them.

    Cuts are exact, and an edge that a cut makes has no probes: people decided it. What remains of an entry
    keeps the probes of its other edge.
    """
    laid = list(spans)
    for one in corrections:
        laid = [piece for span in laid for piece in _cut(span, one)]
    return laid


def hidden(corrections: Iterable[Corrected], at_us: int) -> bool:
    """Tell whether a correction lies over an instant."""
    return any(one.start_us <= at_us < one.end_us for one in corrections)


def apply(live: Live, one: Corrected, draft: Draft) -> tuple[list[int], list[tuple[int, int]]]:
    """Lay a correction over what is written of a series and of its verdict.

    Return the entries that it supersedes, by id, and those it makes, by series and start.
    """
    gone: list[int] = []
    made: list[tuple[int, int]] = []
    for series in live.written:
        written = [
            entry for entry in restating.entries(series, one.start_us) if entry.span.start_us < one.end_us
        ]
        spans = [entry.span for entry in written]
        laid = lay(spans, [one])
        there, stays = set(spans), set(laid)
        old = [entry.id for entry in written if entry.span not in stays]
        blips = restating.blips(series, one.start_us)
        draft.supersede(old, [each.id for each in blips if each.blip.first.asked_us < one.end_us])
        gone += old
        for span in laid:
            if span not in there:
                draft.span(series, span)
                made.append((series, span.start_us))
        if series == live.watched.series and laid and laid[-1].end_us is None:
            live.standing.track = live.standing.track._replace(since_us=laid[-1].start_us)
    live.corrections = (*live.corrections, one)
    if made and live.verdict is not None:
        events.restated(draft, live.watched.public_id, one.start_us)
    draft.standing(live.watched.series, live.standing, live.patience_us)
    return gone, made


def after(live: Live, made: Step) -> Step:
    """Return a step whose changes lie after what is corrected, and whose blips do not lie under it.

    A change that would begin before takes effect where the correction ends.
    """
    floor_us = live.standing.track.since_us
    changes = tuple(_floored(each, floor_us) for each in made.changes)
    blips = tuple(each for each in made.blips if not hidden(live.corrections, each.first.asked_us))
    track = made.track
    if changes and track.since_us < floor_us:
        track = track._replace(since_us=floor_us)
    return Step(track, changes, blips)


def _cut(span: Span, one: Corrected) -> Iterator[Span]:
    end_us = one.end_us if span.end_us is None else span.end_us
    apart = span.start_us >= one.end_us or (span.end_us is not None and end_us <= one.start_us)
    if apart or span.state is one.state or span.state is State.PAUSED:
        yield span
        return
    if span.start_us < one.start_us:
        yield replace(span, end_us=one.start_us, last=None, after=None)
    start_us = max(span.start_us, one.start_us)
    yield Span(one.state, start_us, min(end_us, one.end_us), None, None, None, None, None, None)
    if span.end_us is None or span.end_us > one.end_us:
        yield replace(span, start_us=one.end_us, before=None, first=None)


def _floored(change: Change, floor_us: int) -> Change:
    if change.start_us >= floor_us:
        return change
    return change._replace(start_us=floor_us, before=None, first=None)

"""Take in results that come after newer ones: make the ledger again where they belong.

What is written is compared with what follows from all results, late ones in their places; entries and
blips that differ are superseded, and new ones inserted. The work is bounded on both sides by certain
points (``engine.centre.certain``).
"""

from __future__ import annotations

import heapq
import logging
from collections.abc import Iterator, Sequence

from trueup.domain.result import Result, State
from trueup.domain.state import Blip, gap
from trueup.engine.centre import certain, corrected, events, evidence
from trueup.engine.centre.certain import Pauses, Start, counts, place
from trueup.engine.centre.events import Notice
from trueup.engine.centre.fold import Fold, Words, closed
from trueup.engine.centre.live import Live
from trueup.store.blocks import DAY_US
from trueup.store.read import restating
from trueup.store.read.samples import samples
from trueup.store.standing import ANSWERS
from trueup.store.words import text_json
from trueup.store.write.draft import Draft, Span

log = logging.getLogger("trueup.centre")


def restate(live: Live, results: Sequence[Result], draft: Draft) -> list[Notice]:
    """Put late results of one series where they belong; return how the check's state now differs.

    The results count (they are not withdrawn) and are not in the journal yet. Repeated ones change nothing.
    """
    new = _unknown(live.watched.series, results)
    pauses = restating.pauses(live.watched.series)
    counting = [one for one in new if counts(live, pauses, one)]
    _note(live, new, counting, draft)
    return _remake(live, counting[0].asked_us, counting, pauses, draft) if counting else []


def revise(live: Live, from_us: int, draft: Draft) -> list[Notice]:
    """Judge results again that were taken before a revision, valid from an instant, was known."""
    return _remake(live, from_us, [], restating.pauses(live.watched.series), draft)


def _remake(
    live: Live, from_us: int, counting: Sequence[Result], pauses: Pauses, draft: Draft
) -> list[Notice]:
    start = certain.find(live, from_us, pauses)
    if start is None:
        log.warning(
            "the ledger cannot be made again that far back: samples are no longer kept there",
            extra={"check": live.watched.slug, "from_us": from_us, "results": len(counting)},
        )
        return []
    fold = Fold(live, start.track, start.current, pauses, _words(live, start))
    last = live.standing.track.last
    newest_us = max(draft.now_us, last.asked_us if last else 0, *(one.asked_us for one in counting[-1:]))
    ahead = _history(live.watched.series, start.from_us, newest_us)
    both = heapq.merge(ahead, counting, key=place)
    until_us = counting[-1].asked_us if counting else newest_us
    held = fold.feed((one for one in both if place(one) > start.after), until_us)
    return _settle(live, start, fold, held, draft)


def _settle(live: Live, start: Start, fold: Fold, held: bool, draft: Draft) -> list[Notice]:
    """Write what differs; ``held`` tells that after the fold's last result all stays as it is written."""
    before = live.standing.track
    last, until_us = fold.current, None
    if held and fold.track.last is not None:
        until_us = fold.track.last.asked_us
        entry = restating.entry_at(live.watched.series, until_us)
        last = closed(last, entry.end_us, entry.last, entry.after)
    else:
        fold.finish(draft.now_us)
        last = fold.current
        live.standing.track = fold.track
    spans = corrected.lay([*fold.spans, last], live.corrections)
    last = spans[-1]
    if last.end_us is None:
        live.standing.track = live.standing.track._replace(since_us=last.start_us)
    blips = [one for one in fold.blips if not corrected.hidden(live.corrections, one.first.asked_us)]
    differs = [_rewrite(series, start, spans, blips, until_us, draft) for series in live.written]
    if not any(differs) or live.verdict is None:
        return []
    events.restated(draft, live.watched.public_id, start.from_us)
    if live.standing.track.state is before.state:
        return []
    notice = Notice(live.watched.slug, last.state, before.state, last.start_us, last.cause)
    events.changed(draft, live.watched.public_id, notice)
    return [notice]


def _rewrite(
    series: int, start: Start, spans: list[Span], blips: list[Blip], until_us: int | None, draft: Draft
) -> bool:
    """Supersede what is written and does not follow any more, insert what is not written; tell if any."""
    written = restating.entries(series, start.from_us)
    told = restating.blips(series, start.from_us)
    if until_us is not None:
        written = [entry for entry in written if entry.span.start_us <= until_us]
        told = [one for one in told if one.blip.first.asked_us <= until_us]
    follows, follows_too = set(spans), set(blips)
    gone = [entry.id for entry in written if entry.span not in follows]
    gone_too = [one.id for one in told if one.blip not in follows_too]
    draft.supersede(gone, gone_too)
    there, there_too = {entry.span for entry in written}, {one.blip for one in told}
    come = [span for span in spans if span not in there]
    come_too = [blip for blip in blips if blip not in there_too]
    for span in come:
        draft.span(series, span)
    for blip in come_too:
        draft.blip(series, blip)
    return bool(gone or gone_too or come or come_too)


def _unknown(series: int, results: Sequence[Result]) -> list[Result]:
    """Return the results that are not stored yet, each once, in order."""
    first_us = min(result.asked_us for result in results)
    last_us = max(result.asked_us for result in results)
    stored = {result.key for result in samples(series, first_us, last_us + 1)}
    return sorted({one.key: one for one in results if one.key not in stored}.values(), key=place)


def _note(live: Live, new: list[Result], counting: list[Result], draft: Draft) -> None:
    """Count results, and keep those that are evidence."""
    standing = live.standing
    last = standing.track.last
    for result in new:
        standing.mark(result)
    for result in counting:
        if result.state in ANSWERS:
            standing.buckets.add(result.duration_us)
        if last is None or result.asked_us > last.asked_us:
            if standing.run_us is not None and gap(standing.track, result.asked_us):
                evidence.end(standing)
            evidence.keep(draft, live.watched.series, standing, result)
            standing.saw(result)
        elif result.state is not State.UP:
            draft.evidence(live.watched.series, result.asked_us, "failing", 0, result)


def _words(live: Live, start: Start) -> Words:
    """Return why entries already written, and the run that is pending, began."""
    found = {seen.asked_us: (seen.cause, text_json(seen.text)) for seen in live.standing.track.pending}
    entries = restating.entries(live.watched.series, start.from_us)
    if live.corrections:
        entries = [*restating.corrected_away(live.watched.series, start.from_us), *entries]
    for entry in entries:
        if entry.span.first is not None:
            found[entry.span.first.asked_us] = (entry.span.cause, entry.span.text)
    return found


def _history(series: int, from_us: int, to_us: int) -> Iterator[Result]:
    """Yield what is stored of a series, in order; days are read as they are needed."""
    start_us = from_us
    while start_us <= to_us:
        end_us = (start_us // DAY_US + 1) * DAY_US
        yield from samples(series, start_us, end_us)
        start_us = end_us

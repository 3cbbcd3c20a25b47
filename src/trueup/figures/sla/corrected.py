"""What contracts would come to if a correction of the ledger held: nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from trueup.domain.interval import Span
from trueup.domain.result import State
from trueup.domain.sla import Part, Record, Timeline
from trueup.figures.sla import window
from trueup.figures.sla.book import Book
from trueup.figures.sla.case import Gathered
from trueup.figures.sla.figure import Figure, figure


def if_corrected(book: Book, check: str, wrong: Span, state: State) -> list[tuple[Figure, Figure]]:
    """Return every window that a correction of a check, by its slug, touches: as it is, and corrected.

    They are those of all contracts over its component that have begun; of a rolling contract it is that of
    now. A correction that changes nothing has none.
    """
    found = []
    for contract in book.contracts():
        for looked in window.touched(contract, wrong, book.now_us):
            live = book.figure(contract, looked)
            gathered = _corrected(live.gathered, check, wrong, state)
            if gathered.case != live.gathered.case:
                found.append((live, figure(gathered)))
    return found


def _corrected(gathered: Gathered, check: str, wrong: Span, state: State) -> Gathered:
    parts = tuple(_part(each, check, wrong, state) for each in gathered.case.components)
    return replace(gathered, case=replace(gathered.case, components=parts))


def _part(part: Part, check: str, wrong: Span, state: State) -> Part:
    checks = tuple(
        _timeline(each, wrong, state) if part.check_id(position) == check else each
        for position, each in enumerate(part.checks)
    )
    return replace(part, checks=checks)


def _timeline(known: Timeline, wrong: Span, state: State) -> Timeline:
    """Return a timeline as the engine lays a correction over it: runs that began in it are gone too."""
    records = tuple(piece for each in known.records for piece in _cut(each, wrong, state))
    blips = tuple(each for each in known.blips if not wrong.start_us <= each.b.asked_us < wrong.end_us)
    same = records == tuple(known.records) and len(blips) == len(known.blips)
    return known if same else replace(known, records=records, blips=blips)


def _cut(record: Record, wrong: Span, state: State) -> Iterator[Record]:
    """Yield what remains of a record, and what is written; people made the edges, so these have no probes."""
    before = record.end_us is not None and record.end_us <= wrong.start_us
    if before or record.start_us >= wrong.end_us or record.state in (state, State.PAUSED):
        yield record
        return
    start_us, end_us = max(record.start_us, wrong.start_us), wrong.end_us
    if record.start_us < wrong.start_us:
        yield replace(record, end_us=wrong.start_us, c=None, d=None)
    if record.end_us is not None:
        end_us = min(record.end_us, end_us)
    yield Record(state, start_us, end_us)
    if record.end_us is None or record.end_us > wrong.end_us:
        yield replace(record, start_us=wrong.end_us, a=None, b=None)

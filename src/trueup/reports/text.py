"""A statement for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from trueup.reports.canonical import Document
from trueup.reports.sheet import Table, sheet


def write_text(file: Document) -> str:
    """Return a statement as plain text."""
    return "\n".join(_lines(file)) + "\n"


def _lines(file: Document) -> Iterator[str]:
    found = sheet(file)
    yield f"{found.title}: {found.contract}, {found.period}"
    yield found.window
    if found.draft:
        yield f"Not signed: {found.draft}."
    yield ""
    yield f"{found.verdict}: {found.availability}" + (f" (error band {found.band})" if found.band else "")
    yield from _pairs((*found.facts, *((noun, words.replace("\n", ", ")) for noun, words in found.parties)))
    for table in found.tables:
        yield ""
        yield table.title
        if table.note:
            yield table.note
        yield from _table(table)
    yield ""
    yield from _pairs(found.seals)


def _pairs(pairs: tuple[tuple[str, str], ...]) -> Iterator[str]:
    width = max((len(noun) for noun, _ in pairs), default=0)
    yield from (f"  {noun.ljust(width)}  {words}" for noun, words in pairs)


def _table(table: Table) -> Iterator[str]:
    rows = (table.head, *table.rows)
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.head))]
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()

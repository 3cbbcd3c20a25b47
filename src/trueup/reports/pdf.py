"""A statement as PDF, set by typst: the same bytes from the same statement, and no font of the system."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from trueup.reports.canonical import Document
from trueup.reports.sheet import Sheet, Table, sheet

_SETUP = """
#set document(title: {title}, date: auto)
#set page(paper: "a4", margin: (x: 18mm, y: 20mm), footer: context [
  #set text(size: 7.5pt, fill: luma(90))
  #grid(columns: (1fr, auto), {mark}, [#counter(page).display("1 / 1", both: true)])
])
#set text(font: "Libertinus Serif", size: 10pt, lang: "en")
#set par(leading: 0.6em)
#show heading: set text(size: 12pt)
#show heading: set block(above: 1.6em, below: 0.7em)
#show table.cell.where(y: 0): set text(weight: "bold", size: 8.5pt, fill: luma(70))
#set table(
  stroke: (x, y) => (bottom: if y == 0 {{ 0.7pt + luma(80) }} else {{ 0.3pt + luma(200) }}),
  inset: (x: 4pt, y: 4pt),
)
"""
_COLOURS = {"met": "#0b5a30", "breached": "#8c1018", "open": "#6b4700", "none": "#444444"}
_NUMBERS = {"Time", "Exact seconds", "For", "Enters", "Counted", "Down", "Availability", "Before", "Now"}


class PdfError(RuntimeError):
    """No PDF can be made; the sentence says what to install."""


def write_pdf(file: Document) -> bytes:
    """Return a statement as PDF: PDF/A wherever the fonts that come with typst can show its names.

    Raises:
        PdfError: The extra ``pdf`` is not installed.
    """
    try:
        import typst
    except ImportError:
        raise PdfError(
            "A PDF needs typst, which is not installed. "
            "Run: pip install 'trueup[pdf]', or take --format html."
        ) from None
    source = "\n".join(_lines(sheet(file))).encode()
    built_s = int(datetime.fromisoformat(file["built_at"]).timestamp())
    try:  # for an archive: PDF/A takes only what the fonts can show that it carries
        made: bytes = typst.compile(
            source, format="pdf", ignore_system_fonts=True, timestamp=built_s, pdf_standards="a-2b"
        )
    except typst.TypstError:  # a name in a script that only fonts of the system have
        made = typst.compile(source, format="pdf", timestamp=built_s)
    return made


def _lines(found: Sheet) -> Iterator[str]:
    yield _SETUP.format(title=_text(f"{found.contract}, {found.period}"), mark=_text(f"SHA-256 {found.hash}"))
    yield f"#text(size: 8.5pt, fill: luma(80), tracking: 0.05em, upper({_text(found.title)}))"
    yield f'\n#text(size: 20pt, weight: "bold", {_text(found.contract)})'
    yield f'\n#text(size: 12pt, weight: "bold", {_text(found.period)}) \\'
    yield f"#text(fill: luma(80), {_text(found.window)})"
    if found.draft:
        words = _text(f"Draft, not signed: {found.draft}.")
        yield f'#block(width: 100%, inset: 8pt, stroke: (dash: "dashed"), {words})'
    yield from _verdict(found)
    if found.parties:
        cells = ", ".join(f"[{_small_content(noun)} \\ #{_text(words)}]" for noun, words in found.parties)
        yield f"#grid(columns: (1fr, 1fr), gutter: 12pt, {cells})"
    for table in found.tables:
        yield from _table(table)
    yield "= #" + _text("What this is sealed with")
    cells = ", ".join(f"{_small(noun)}, {_text(words)}" for noun, words in found.seals)
    yield f"#[#set text(size: 8.5pt)\n#grid(columns: (38mm, 1fr), row-gutter: 5pt, {cells})]"
    yield f"#text(size: 8.5pt, fill: luma(80), {_text(''.join(found.proof))})"


def _verdict(found: Sheet) -> Iterator[str]:
    colour = _COLOURS[found.mark]
    yield f'#block(width: 100%, inset: 12pt, fill: luma(245), stroke: (left: 3pt + rgb("{colour}")))['
    yield f'#text(weight: "bold", fill: rgb("{colour}"), {_text(found.verdict)}) \\'
    yield f'#text(size: 22pt, weight: "bold", {_text(found.availability)})'
    if found.band:
        yield f"\\ #text(size: 9pt, fill: luma(80), {_text('Error band: ' + found.band)})"
    cells = ", ".join(f"[{_small_content(noun)} \\ #{_text(words)}]" for noun, words in found.facts)
    yield f"#v(4pt)\n#grid(columns: (1fr, 1fr, 1fr), row-gutter: 8pt, column-gutter: 10pt, {cells})]"


def _table(table: Table) -> Iterator[str]:
    yield "= #" + _text(table.title)
    sides = ", ".join("right" if head in _NUMBERS else "left" for head in table.head)
    columns = ", ".join("auto" if head in _NUMBERS else "1fr" for head in table.head)
    head = ", ".join(map(_text, table.head))
    yield f"#[#set text(size: 8.5pt)\n#table(columns: ({columns}), align: ({sides}), "
    yield f"table.header({head}),"
    for position, row in enumerate(table.rows):
        kind = table.kinds[position] if table.kinds else ""
        cells = [f'text(weight: "bold", {_text(cell)})' if kind == "sum" else _text(cell) for cell in row]
        yield ", ".join(cells) + ","
    yield ")]"
    if table.note:
        yield f"#text(size: 8.5pt, fill: luma(80), {_text(table.note)})"


def _small(words: str) -> str:
    return f"text(fill: luma(80), {_text(words)})"


def _small_content(words: str) -> str:
    return f"#text(size: 8pt, fill: luma(80), {_text(words)})"


def _text(words: str) -> str:
    """Return words as a string of typst: nothing in them is markup; what cannot be printed is a ``?``."""
    kept = (sign if sign.isprintable() else " " if sign.isspace() else "?" for sign in words)
    escaped = "".join(f"\\u{{{ord(sign):x}}}" if sign in '\\"' else sign for sign in kept)
    return f'"{escaped}"'

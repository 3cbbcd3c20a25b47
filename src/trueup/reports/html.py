"""A statement as one page of HTML: no script, nothing from elsewhere, made to be sent and printed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from pathlib import Path

from trueup.reports.canonical import Document
from trueup.reports.sheet import Sheet, Table, sheet

_STYLE = Path(__file__).parent / "statement.css"
_NUMBERS = {"Time", "Exact seconds", "For", "Enters", "Counted", "Down", "Availability", "Before", "Now"}

_WHEN = {"From", "To", "Announced"}


def write_html(file: Document) -> str:
    """Return a statement as HTML; its style is named by its hash in a policy that allows nothing else."""
    return "\n".join(_page(sheet(file))) + "\n"


@lru_cache(maxsize=1)
def _style() -> tuple[str, str]:
    """Return the style and the name that a Content-Security-Policy knows it by."""
    css = _STYLE.read_text("utf-8")
    return css, "sha256-" + base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()


def _page(found: Sheet) -> Iterator[str]:
    css, name = _style()
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    policy = f"default-src 'none'; style-src '{name}'; base-uri 'none'; form-action 'none'"
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield f"<title>{escape(found.contract)}, {escape(found.period)}</title>"
    yield f"<style>{css}</style></head><body><main>"
    yield from _head(found)
    for table in found.tables:
        yield from _table(table)
    yield '<section class="seals"><h2>What this is sealed with</h2><dl>'
    yield from _pairs(found.seals)
    sentence, command = found.proof
    yield f"</dl><p>{escape(sentence)}"
    yield (f"<code>{escape(command)}</code>" if command else "") + "</p></section>"
    yield "</main></body></html>"


def _head(found: Sheet) -> Iterator[str]:
    yield f'<header><p class="kind">{escape(found.title)}</p><h1>{escape(found.contract)}</h1>'
    yield f'<p class="period">{escape(found.period)}</p><p class="window">{escape(found.window)}</p></header>'
    if found.draft:
        yield f'<p class="draft"><strong>Draft, not signed:</strong> {escape(found.draft)}.</p>'
    yield f'<section class="verdict {found.mark}"><p class="outcome">{escape(found.verdict)}</p>'
    yield f'<p class="availability">{escape(found.availability)}</p>'
    if found.band:
        yield f'<p class="band">Error band: {escape(found.band)}</p>'
    yield '<dl class="facts">'
    yield from _pairs(found.facts)
    yield "</dl></section>"
    if found.parties:
        yield '<section class="parties"><dl>'
        yield from _pairs(found.parties)
        yield "</dl></section>"


def _pairs(pairs: tuple[tuple[str, str], ...]) -> Iterator[str]:
    for noun, words in pairs:
        yield f"<div><dt>{escape(noun)}</dt><dd>{escape(words).replace(chr(10), '<br>')}</dd></div>"


def _table(table: Table) -> Iterator[str]:
    yield f'<section><h2>{escape(table.title)}</h2><div class="wide"><table><thead><tr>'
    yield from (f"<th{_side(head)}>{escape(head)}</th>" for head in table.head)
    yield "</tr></thead><tbody>"
    for position, row in enumerate(table.rows):
        kind = table.kinds[position] if table.kinds else ""
        yield f'<tr class="{kind}">' if kind else "<tr>"
        yield from (
            f"<td{_side(head)}>{escape(cell)}</td>" for head, cell in zip(table.head, row, strict=True)
        )
        yield "</tr>"
    yield "</tbody></table></div>"
    if table.note:
        yield f'<p class="note">{escape(table.note)}</p>'
    yield "</section>"


def _side(head: str) -> str:
    return ' class="number"' if head in _NUMBERS else ' class="when"' if head in _WHEN else ""

"""The statement that somebody asks for: as it was signed, or a draft where it cannot be yet."""

from __future__ import annotations

import base64
from pathlib import Path

from trueup.domain.interval import Span
from trueup.domain.node import instant
from trueup.domain.versions import windows
from trueup.figures.sla import window
from trueup.figures.sla.deal import Contract
from trueup.figures.sla.fault import WindowError
from trueup.figures.sla.window import Looked
from trueup.reports import build
from trueup.reports.canonical import Document, decode
from trueup.reports.gather import gather
from trueup.reports.statement import Place, file_document, statement_document
from trueup.store.read import statement as read
from trueup.store.read.statement import StatementRow

_BACK_US = 800 * 86_400_000_000  # two years and more: the last window that closed lies in it


class NoStatementError(LookupError):
    """What is asked for is not there; the sentence says what is."""


def signed(row: StatementRow) -> Document:
    """Return the file of a statement that is stored: the same bytes each time."""
    return file_document(
        decode(row.document.encode()),
        decode(row.inputs.encode()),
        signature=base64.b64decode(row.signature),
        built_at=instant(row.built_us // 1_000_000 * 1_000_000),
    )


def chain(slug: str, now_us: int) -> list[Document]:
    """Return every statement of a contract, in the order in which they were signed."""
    promise = _stored(build.turned(now_us).contract(slug, archived=True))
    return [signed(row) for row in read.statements(promise.id or 0)]


def find(slug: str, period: str | None, revision: int | None, now_us: int, folder: Path) -> Document:
    """Return the statement of a contract for a period, as a file; a draft where it cannot be signed yet.

    One that is due and was not built yet is built and signed now, and so is another revision where what
    is known now gives another result: nobody is shown what no longer holds.

    Args:
        slug: The contract's.
        period: A label such as ``2025-12``; None for the last window that ended, else that of now.
        revision: Which one; None for the newest.
        now_us: The instant, microseconds UTC.
        folder: Where the signing keys lie.

    Raises:
        UnknownContractError: There is no such contract.
        WindowError: The contract has no such window.
        NoStatementError: There is no such revision, or several windows are meant.
    """
    book = build.turned(now_us)
    promise = _stored(book.contract(slug, archived=True))
    looked = _looked(promise, period, now_us)
    rows = read.revisions(promise.id or 0, looked.span.start_us, looked.span.end_us)
    if revision is not None:
        for row in rows:
            if row.revision == revision:
                return signed(row)
        there = ", ".join(str(row.revision) for row in rows) or "none yet"
        raise NoStatementError(f"{slug}: {looked.label} has no revision {revision}. There are: {there}.")
    if rows:
        return signed(build.revise(book, promise, rows[-1], now_us, folder) or rows[-1])
    built = build.build(book, promise, looked, now_us, folder)
    if built is not None:
        return signed(built)
    ready = gather(book, promise, looked, now_us)
    statement = statement_document(ready.inputs, ready.result, Place(1), None)
    at = instant(now_us // 1_000_000 * 1_000_000)
    return file_document(statement, ready.inputs, signature=None, built_at=at, draft=ready.draft)


def _stored(promise: Contract) -> Contract:
    if promise.built_in:
        raise NoStatementError(
            "There is no contract, and the built-in profile promises nothing to anybody. "
            "Write a contract into the configuration and apply it."
        )
    return promise


def _looked(promise: Contract, period: str | None, now_us: int) -> Looked:
    if period is None:
        closed = [
            Looked(each.label, each.period, each.number, each.spans, own=True)
            for each in windows(promise.versions, Span(now_us - _BACK_US, now_us), promise.until_us)
            if each.end_us <= now_us
        ]
        found = closed[-1] if closed else window.current(promise, now_us)
        if found is None:
            raise NoStatementError(f"{promise.slug} has no window yet: it does not hold now.")
        return found
    several = window.named(promise, period, now_us)
    if len(several) > 1:
        labels = ", ".join(each.label for each in several)
        raise NoStatementError(f"{promise.slug}: {period} was split by a new version. Name one of {labels}.")
    if several[0].span.start_us >= now_us:
        raise WindowError(f"{promise.slug}: {period} has not begun. Take an earlier period.")
    return several[0]

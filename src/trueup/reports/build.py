"""Build the statements that are due, once; and another revision where what is known now gives another result.

A statement is appended to the chain of its contract in one transaction with its signature: whoever is
killed before has built nothing, and whoever comes second finds it there.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from django.db import IntegrityError

from trueup.domain import versions
from trueup.domain.interval import Span
from trueup.domain.sla import CaseError, read_case
from trueup.figures.sla.book import Book
from trueup.figures.sla.deal import Contract
from trueup.figures.sla.window import Looked
from trueup.reports import signer
from trueup.reports.canonical import Document, decode, digest, encode
from trueup.reports.changes import differences, reason
from trueup.reports.gather import Ready, gather
from trueup.reports.signer import Signer
from trueup.reports.statement import Place, Superseded, evaluate, message, statement_document
from trueup.store.read import contract as contracts
from trueup.store.read import position, touched
from trueup.store.read import statement as read
from trueup.store.read.contract import ContractRow
from trueup.store.read.statement import StatementRow
from trueup.store.write import statement as write

log = logging.getLogger("trueup.reports")

LOOK_BACK_US = 400 * 86_400_000_000  # windows that ended earlier are not looked at again by themselves


@dataclass(frozen=True, slots=True)
class Built:
    """How many statements were built for the first time, and how many were superseded by another revision."""

    new: int = 0
    revised: int = 0


def build_due(
    now_us: int, folder: Path, *, since_us: int = 0, stopped: Callable[[], bool] = lambda: False
) -> Built:
    """Build every statement that is due, and revise those whose inputs give another result now.

    Args:
        now_us: The instant, microseconds UTC.
        folder: Where the signing keys lie.
        since_us: When it was looked at last: history that was not touched since then is not looked at.
        stopped: Asked between two statements.

    Raises:
        SealError: There is something to sign, and no key to sign with.
    """
    book = turned(now_us)
    first_us = touched.earliest_us(since_us)
    new = revised = 0
    for row in contracts.contracts(archived=True):
        if stopped() or not contracts.versions(row.slug):
            continue
        promise = book.contract(row.slug, archived=True)
        try:
            for looked in _missing(promise, row, now_us):
                new += not stopped() and build(book, promise, looked, now_us, folder) is not None
            for before in _touched(row, first_us, now_us):
                revised += not stopped() and revise(book, promise, before, now_us, folder) is not None
        except CaseError:  # one contract that cannot be judged keeps no other from its statement
            log.exception("a contract cannot be judged", extra={"contract": row.slug})
    return Built(new, revised)


def _missing(promise: Contract, row: ContractRow, now_us: int) -> list[Looked]:
    """Return the windows that ended since the contract was written, and began before it was archived."""
    known = read.windows(row.id)
    last_us = now_us if row.archived_us is None else min(now_us, row.archived_us)
    return [
        each
        for each in _ended(promise, Span(row.created_us, last_us), now_us)
        if tuple(each.span) not in known
    ]


def _touched(row: ContractRow, first_us: int | None, now_us: int) -> list[StatementRow]:
    """Return the statements whose window has an instant that was touched, where anything was."""
    if first_us is None:
        return []
    return read.newest_ended_after(row.id, max(first_us, now_us - LOOK_BACK_US))


def turned(now_us: int) -> Book:
    """Return what is stored, as it is at an instant."""
    book = Book()
    book.turn(now_us, position.newest())
    return book


def build(book: Book, promise: Contract, looked: Looked, now_us: int, folder: Path) -> StatementRow | None:
    """Build the first revision of a window's statement; None where it cannot be signed yet.

    Where another process has built it meanwhile, that one is returned.

    Raises:
        SealError: There is no key to sign with.
    """
    ready = gather(book, promise, looked, now_us)
    if ready.draft:
        return None
    return _append(ready, ready.result, None, signer.current(folder, now_us), now_us)


def revise(
    book: Book, promise: Contract, before: StatementRow, now_us: int, folder: Path
) -> StatementRow | None:
    """Build another revision if the inputs of now give another result; None if they do not.

    Both results are those of the kernel of now: a new kernel alone rewrites no closed window.
    """
    looked = _looked(promise, before)
    if looked is None:
        return None
    ready = gather(book, promise, looked, now_us)
    old = decode(before.inputs.encode())
    try:
        known = evaluate(old)
    except CaseError:
        log.exception("a statement cannot be judged any more", extra={"statement": before.public_id})
        return None
    ready = _as_promised(ready, old)
    if ready.draft or (result := ready.result) == known:
        return None
    return _append(ready, result, before, signer.current(folder, now_us), now_us)


def _append(
    ready: Ready, result: Document, before: StatementRow | None, key: Signer, now_us: int
) -> StatementRow:
    span, hashed = ready.looked.span, hashlib.sha256(ready.written).hexdigest()
    try:
        with write.chain(ready.contract_id) as end:
            place = _place(ready, result, before, end)
            statement = statement_document(ready.inputs, result, place, key.key_id, inputs_hash=hashed)
            write.append(_row(ready, statement, place, before, key.sign(message(statement)), now_us))
    except IntegrityError:  # another process was first
        log.info("somebody else built it", extra={"period": ready.looked.label})
    found = read.revisions(ready.contract_id, span.start_us, span.end_us)[-1]
    log.info("statement", extra={"id": found.public_id, "period": found.period, "revision": found.revision})
    return found


def _place(ready: Ready, result: Document, before: StatementRow | None, end: write.Link) -> Place:
    if before is None:
        return Place(end.seq + 1, end.digest)
    old = decode(before.document.encode())["result"]
    return Place(
        seq=end.seq + 1,
        previous=end.digest,
        revision=before.revision + 1,
        supersedes=Superseded(before.public_id, before.revision, before.digest),
        reason=reason(decode(before.inputs.encode()), ready.inputs),
        changes=tuple(differences(old, result)),
    )


def _row(
    ready: Ready,
    statement: Document,
    place: Place,
    before: StatementRow | None,
    signature: bytes,
    now_us: int,
) -> write.NewStatement:
    return write.NewStatement(
        public_id=statement["id"],
        contract_id=ready.contract_id,
        version_id=ready.version_id,
        seq=place.seq,
        period=ready.looked.label,
        start_us=ready.looked.span.start_us,
        end_us=ready.looked.span.end_us,
        revision=place.revision,
        supersedes_id=None if before is None else before.id,
        reason=place.reason,
        kernel=int(statement["kernel"]),
        inputs=ready.written.decode(),
        document=encode(statement).decode(),
        digest=digest(statement),
        previous_digest=place.previous,
        key_id=statement["key_id"],
        signature=base64.b64encode(signature).decode(),
        built_us=now_us,
    )


def _as_promised(ready: Ready, old: Document) -> Ready:
    """Return fresh inputs with the rules of components as they were: no change of them reaches back."""
    rules = {each["id"]: each["down_when"] for each in old["case"]["components"]}
    case = dict(ready.inputs["case"])
    case["components"] = [
        {**each, "down_when": rules.get(each["id"], each["down_when"])} for each in case["components"]
    ]
    return replace(ready, inputs={**ready.inputs, "case": case}, case=read_case(case))


def _ended(promise: Contract, within: Span, now_us: int) -> Iterator[Looked]:
    for each in versions.windows(promise.versions, within, promise.until_us):
        if each.end_us <= now_us:
            yield Looked(each.label, each.period, each.number, each.spans, own=True)


def _looked(promise: Contract, row: StatementRow) -> Looked | None:
    """Return the window of a statement, None where the contract has no such window any more."""
    span = Span(row.start_us, row.end_us)
    for each in versions.windows(promise.versions, span, promise.until_us):
        if each.span == span:
            return Looked(each.label, each.period, each.number, each.spans, own=True)
    return None

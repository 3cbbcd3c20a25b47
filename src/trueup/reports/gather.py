"""The inputs document of a contract and a window, from what is stored; and whether the window has settled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from trueup.domain import calendar
from trueup.domain.node import decimal, instant
from trueup.domain.result import State
from trueup.domain.sla import Case, Part
from trueup.domain.versions import day
from trueup.figures.sla import window
from trueup.figures.sla.book import Book
from trueup.figures.sla.case import Gathered, reach
from trueup.figures.sla.deal import Contract
from trueup.figures.sla.window import Looked
from trueup.reports.canonical import Document, encode
from trueup.reports.case import write_case
from trueup.reports.statement import inputs_document, result_of
from trueup.store.read import contract as stored

PATIENCE_US = 7 * 86_400_000_000  # so long a statement waits for a run to end; then it is cut
_OPEN = (State.DOWN, State.DEGRADED, State.UNKNOWN)
_NOT_SAID = {"id", "public_id", "start_us", "end_us", "components", "approved", "cancelled", "contract"}


@dataclass(frozen=True)
class Ready:
    """What a statement is made of; ``draft`` says why it cannot be signed yet, empty if it can."""

    inputs: Document
    contract_id: int
    version_id: int
    looked: Looked
    case: Case
    draft: str

    @cached_property
    def written(self) -> bytes:
        """Return the bytes of the inputs."""
        return encode(self.inputs)

    @cached_property
    def result(self) -> Document:
        """Return what the case comes to: the same as ``evaluate`` finds in the inputs.

        Raises:
            CaseError: It cannot be judged.
        """
        return result_of(self.case, self.inputs["checks"])


def gather(book: Book, contract: Contract, looked: Looked, now_us: int) -> Ready:
    """Return the inputs of a window as they are known now.

    Args:
        book: What is stored, turned to this instant.
        contract: A contract that is stored, not the built-in profile.
        looked: One of its windows, or another period.
        now_us: The instant, microseconds UTC.
    """
    found = book.gathered(contract, looked)
    end_us, settle_us = looked.span.end_us, found.deal.settle_us
    running = list(_running(found.case, looked)) if now_us >= end_us + settle_us else []
    cut = bool(running) and now_us >= end_us + max(PATIENCE_US, settle_us)
    draft = _draft(contract, looked, settle_us, now_us, [] if cut else running)
    case = _bounded(found, looked)
    if not draft:
        case = replace(case, as_of_us=end_us + PATIENCE_US if cut else None)
    row, version = stored.contract(contract.slug), _version(contract.slug, looked.number)
    assert row is not None, "the contract is stored"
    inputs = inputs_document(
        contract=_contract(row, version, found),
        case=write_case(case, dict(_about(found))),
        checks=list(_checks(found)),
        tzdata=calendar.tzdata_version(),
    )
    return Ready(inputs, row.id, version.id, looked, case, draft)


def _draft(contract: Contract, looked: Looked, settle_us: int, now_us: int, running: list[str]) -> str:
    zone = window.zone(contract)
    due_us = looked.span.end_us + settle_us
    if not looked.own:
        return f"{looked.label} is no window of this contract, and decides nothing"
    if looked.period == "rolling":
        return "a rolling window ends whenever it is looked at, and is never closed"
    if now_us < looked.span.end_us:
        return f"the window is open until {day(looked.span.end_us, zone)}"
    if now_us < due_us:
        return f"the window settles until {day(due_us, zone)}"
    if running:
        return f"a run that began in the window is still open ({', '.join(sorted(set(running)))})"
    return ""


def _running(case: Case, looked: Looked) -> Iterator[str]:
    """Yield the components with a run that is not up, began in the window and has not ended."""
    for part in case.components:
        for timeline in part.checks:
            for record in timeline.records:
                began = looked.span.start_us <= record.start_us < looked.span.end_us
                if record.end_us is None and began and record.state in _OPEN and timeline.until_us is None:
                    yield part.id


def _bounded(found: Gathered, looked: Looked) -> Case:
    """Return the case without what only tells when it was gathered: how far beyond it all is covered."""
    end_us = reach(found.deal, looked).end_us

    def bounded(part: Part) -> Part:
        checks = [
            each
            if each.covered_until_us is None or each.covered_until_us <= end_us
            else replace(each, covered_until_us=end_us)
            for each in part.checks
        ]
        return replace(part, checks=tuple(checks))

    return replace(found.case, components=tuple(map(bounded, found.case.components)))


def _version(slug: str, number: int) -> stored.VersionRow:
    return next(each for each in stored.versions(slug) if each.number == number)


def _contract(row: stored.ContractRow, version: stored.VersionRow, found: Gathered) -> dict[str, Any]:
    document = version.document
    parties = document.get("parties") or {}
    return {
        "id": row.public_id,
        "slug": row.slug,
        "name": row.name,
        "direction": document.get("direction"),
        "provider": parties.get("provider"),
        "customer": parties.get("customer"),
        "fee": None if found.deal.fee is None else decimal(found.deal.fee),
        "currency": found.deal.currency,
        "contract_from": document.get("contract_from"),
        "contract_to": document.get("contract_to"),
        "settle_seconds": document.get("settle_seconds"),
        "version": version.number,
        "version_from": instant(version.valid_from_us),
        "version_hash": version.digest,
    }


def _about(found: Gathered) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield what is said of components and overlays, by the ids that the case gives them."""
    for name, row in found.rows.items():
        yield name, {"name": row.name}
    for planned in found.planned:
        yield f"{planned.public_id}/{planned.revision}", dict(_said(planned))
    for decided in found.decided:
        yield decided.public_id, dict(_said(decided))


def _said(row: Any) -> Iterator[tuple[str, Any]]:
    """Yield who, when and why of a record; instants as they are written everywhere."""
    for field in fields(row):
        value = getattr(row, field.name)
        if field.name in _NOT_SAID or value in (None, ""):
            continue
        if field.name.endswith("_us"):
            yield field.name.removesuffix("_us"), instant(value)
        elif isinstance(value, str | bool | int):
            yield field.name, value


def _checks(found: Gathered) -> Iterator[dict[str, Any]]:
    for check, revisions in sorted(found.revisions.items()):
        for each in revisions:
            yield {
                "check": check,
                "revision": each.number,
                "valid_from": instant(each.valid_from_us),
                "kind": each.kind,
                "interval_seconds": _seconds(each.interval_us),
                "timeout_seconds": _seconds(each.timeout_us),
                "confirm": each.confirm,
                "recover": each.recover,
            }


def _seconds(length_us: int) -> str:
    return decimal(Fraction(length_us, 1_000_000))

"""Corrections of the ledger: asked, decided, taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet

from trueup.domain.result import State
from trueup.store.models import CorrectedEntry, Correction


class Corrected(NamedTuple):
    """What a check is to have been, from an instant to another."""

    id: int
    check: int
    start_us: int
    end_us: int
    state: State


@dataclass(frozen=True, slots=True)
class Asked:
    """A correction as people see it."""

    public_id: str
    check: str  # its slug
    start_us: int
    end_us: int
    state: str
    reason: str
    evidence: str
    asked_by: str
    asked_at: datetime
    decision: str  # approved | refused; empty: open
    decided_by: str
    decided_at: datetime | None
    decided_why: str
    applied_us: int | None


class Link(NamedTuple):
    """A ledger entry that a correction made, or superseded."""

    entry: int
    region: str
    state: str
    start_us: int
    end_us: int | None
    made: bool


def waiting() -> list[Corrected]:
    """Return the corrections that are approved and that the ledger has not taken yet, oldest first."""
    return _corrected(Correction.objects.filter(decision="approved", applied_us__isnull=True))


def taken() -> dict[int, tuple[Corrected, ...]]:
    """Return those that the ledger has taken, by check, in the order of their taking."""
    found: dict[int, tuple[Corrected, ...]] = {}
    for one in _corrected(Correction.objects.filter(applied_us__isnull=False), "applied_us", "decided_at"):
        found[one.check] = (*found.get(one.check, ()), one)
    return found


def asked(check: str = "", *, pending: bool = False) -> list[Asked]:
    """Return corrections, the newest first: of a check by its slug, or only those not decided yet."""
    rows = Correction.objects.order_by("-id")
    if check:
        rows = rows.filter(owner__slug=check)
    return _asked(rows.filter(decision="") if pending else rows)


def find(public_id: str) -> Asked | None:
    """Return one by its public id."""
    rows = _asked(Correction.objects.filter(public_id=public_id))
    return rows[0] if rows else None


def links(public_id: str) -> list[Link]:
    """Return the entries that a correction made or superseded, in their order."""
    rows = CorrectedEntry.objects.filter(correction__public_id=public_id)
    columns = ("entry_id", "entry__series__region__slug", "entry__state", "entry__start_us", "entry__end_us")
    found = [Link(*row) for row in rows.values_list(*columns, "made")]
    return sorted(found, key=lambda each: (each.region, each.made, each.start_us))


def _corrected(rows: QuerySet[Correction], *order: str) -> list[Corrected]:
    columns = ("id", "owner_id", "start_us", "end_us", "state")
    found = rows.order_by(*(order or ("decided_at",)), "id").values_list(*columns)
    return [Corrected(a, check, start_us, end_us, State(b)) for a, check, start_us, end_us, b in found]


def _asked(rows: QuerySet[Correction]) -> list[Asked]:
    columns = (
        "public_id", "owner__slug", "start_us", "end_us", "state", "reason", "evidence", "asked_by",
        "created_at", "decision", "decided_by", "decided_at", "decided_why", "applied_us",
    )  # fmt: skip
    return [Asked(*row) for row in rows.values_list(*columns)]

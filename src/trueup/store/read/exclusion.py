"""Exclusions of contracts: what was asked, and what is in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from trueup.domain.interval import Span
from trueup.store.clock import at, us
from trueup.store.models import Exclusion

REVOKED = "none"  # the kind of one that takes another's place and excludes nothing


@dataclass(frozen=True, slots=True)
class Excluded:
    """Time that a contract does not count, with who asked and decided, when and why; in microseconds UTC."""

    public_id: str
    start_us: int
    end_us: int
    kind: str
    reason: str
    evidence: str
    asked_by: str
    asked_us: int
    decided_by: str
    decided_us: int
    decided_why: str


@dataclass(frozen=True, slots=True)
class Asked:
    """An exclusion as people see it; ``superseded_by`` is the public id of the approved one after it."""

    public_id: str
    contract: str  # its slug
    start_us: int
    end_us: int
    kind: str
    reason: str
    evidence: str
    asked_by: str
    asked_at: datetime
    decision: str  # approved | refused; empty: open or withdrawn
    decided_by: str
    decided_at: datetime | None
    decided_why: str
    withdrawn_at: datetime | None
    supersedes: str | None
    superseded_by: str | None

    @property
    def status(self) -> str:
        """Return where it stands: open, approved, refused, withdrawn or superseded."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        if self.superseded_by is not None:
            return "superseded"
        return self.decision or "open"


def decided(contract: int, window: Span, known_us: int | None = None) -> list[Excluded]:
    """Return the approved exclusions of a contract, by id, that touch a window, in order and not cut.

    Those whose place an approved one has taken are not among them. ``known_us``: as it was known then.
    """
    touching = Q(contract=contract, start_us__lt=window.end_us, end_us__gt=window.start_us)
    return [_excluded(each) for each in _in_force(touching, known_us)]


def decided_of_all() -> dict[int, list[Excluded]]:
    """Return the approved exclusions of every contract, by its id, each in order; one query."""
    found: dict[int, list[Excluded]] = {}
    for each in _in_force(Q()):
        found.setdefault(each.contract_id, []).append(_excluded(each))
    return found


def _in_force(wanted: Q, known_us: int | None = None) -> QuerySet[Exclusion]:
    approved = Q(decision="approved")
    if known_us is not None:
        approved &= Q(decided_at__lte=at(known_us))
    successors = Exclusion.objects.filter(approved, supersedes=OuterRef("pk"))
    rows = Exclusion.objects.filter(approved, wanted).exclude(kind=REVOKED).filter(~Exists(successors))
    return rows.order_by("start_us", "end_us", "id")


def _excluded(row: Exclusion) -> Excluded:
    return Excluded(
        row.public_id,
        row.start_us,
        row.end_us,
        row.kind,
        row.reason,
        row.evidence,
        row.asked_by,
        us(row.created_at),
        row.decided_by,
        us(row.decided_at or row.created_at),
        row.decided_why,
    )


def asked(contract: str = "", *, pending: bool = False) -> list[Asked]:
    """Return exclusions, the newest first: of a contract by its slug, or only those that are open."""
    rows = Exclusion.objects.order_by("-id")
    if contract:
        rows = rows.filter(contract__slug=contract)
    return _asked(rows.filter(decision="", withdrawn_at__isnull=True) if pending else rows)


def find(public_id: str) -> Asked | None:
    """Return one by its public id."""
    rows = _asked(Exclusion.objects.filter(public_id=public_id))
    return rows[0] if rows else None


def _asked(rows: QuerySet[Exclusion]) -> list[Asked]:
    successors = Exclusion.objects.filter(decision="approved", supersedes__isnull=False)
    after = dict(successors.values_list("supersedes__public_id", "public_id"))
    columns = (
        "public_id", "contract__slug", "start_us", "end_us", "kind", "reason", "evidence", "asked_by",
        "created_at", "decision", "decided_by", "decided_at", "decided_why", "withdrawn_at",
        "supersedes__public_id",
    )  # fmt: skip
    found: list[tuple[Any, ...]] = list(rows.values_list(*columns))
    return [Asked(*[*row, after.get(row[0])]) for row in found]

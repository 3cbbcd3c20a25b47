"""Write exclusions: asked by one, decided by another, withdrawn while open; never changed, never deleted."""

from __future__ import annotations

from trueup.store.clock import at
from trueup.store.models import Exclusion


def ask(
    contract: int,
    start_us: int,
    end_us: int,
    *,
    kind: str,
    reason: str,
    by: str,
    now_us: int,
    evidence: str = "",
    supersedes: str = "",
) -> str:
    """Ask for an exclusion from a contract, by id, and return the public id of the request.

    ``supersedes`` is the public id of the one whose place it takes once it is approved.
    """
    former = Exclusion.objects.get(public_id=supersedes) if supersedes else None
    row = Exclusion.objects.create(
        contract_id=contract,
        start_us=start_us,
        end_us=end_us,
        kind=kind,
        reason=reason,
        evidence=evidence,
        asked_by=by,
        supersedes=former,
        created_at=at(now_us),
    )
    return row.public_id


def hold_former(public_id: str) -> str:
    """Hold the one whose place another would take, until the transaction ends, and return its public id.

    Two that would take one place are so decided one after the other; empty where it takes none.
    """
    former = Exclusion.objects.select_for_update().filter(successors__public_id=public_id).first()
    return "" if former is None else former.public_id


def decide(public_id: str, decision: str, by: str, why: str, now_us: int) -> bool:
    """Approve or refuse one that is open, by somebody else; return False where that is not so any more."""
    rows = Exclusion.objects.filter(public_id=public_id, decision="", withdrawn_at__isnull=True)
    values = {"decision": decision, "decided_by": by, "decided_at": at(now_us), "decided_why": why}
    return bool(rows.exclude(asked_by=by).update(**values))


def withdraw(public_id: str, now_us: int) -> bool:
    """Withdraw one that is open; return False where it is not any more."""
    rows = Exclusion.objects.filter(public_id=public_id, decision="", withdrawn_at__isnull=True)
    return bool(rows.update(withdrawn_at=at(now_us)))

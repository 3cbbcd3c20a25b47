"""Write corrections of the ledger: asked by one, decided by another, taken by its one writer."""

from __future__ import annotations

from collections.abc import Iterable

from trueup.store.clock import at
from trueup.store.models import CorrectedEntry, Correction, LedgerEntry


def ask(
    check: int, start_us: int, end_us: int, state: str, reason: str, evidence: str, by: str, now_us: int
) -> str:
    """Ask for a correction of a check, by id, and return the public id of the request."""
    row = Correction.objects.create(
        owner_id=check,
        start_us=start_us,
        end_us=end_us,
        state=state,
        reason=reason,
        evidence=evidence,
        asked_by=by,
        created_at=at(now_us),
    )
    return row.public_id


def decide(public_id: str, decision: str, by: str, why: str, now_us: int) -> bool:
    """Approve or refuse one that is open, by somebody else; return False where that is not so any more."""
    rows = Correction.objects.filter(public_id=public_id, decision="").exclude(asked_by=by)
    return bool(rows.update(decision=decision, decided_by=by, decided_at=at(now_us), decided_why=why))


def taken(correction: int, gone: Iterable[int], made: Iterable[tuple[int, int]], now_us: int) -> None:
    """Note that the ledger has taken a correction, by id, with the entries of it.

    Args:
        correction: Its id.
        gone: The entries it superseded, by id.
        made: The entries it made just now, by series and start.
        now_us: When they were recorded.
    """
    Correction.objects.filter(id=correction).update(applied_us=now_us)
    ids = dict.fromkeys(gone, False)
    for series, start_us in made:
        rows = LedgerEntry.objects.filter(series=series, start_us=start_us, recorded_us=now_us)
        for entry in rows.filter(superseded_us__isnull=True).values_list("id", flat=True):
            ids[entry] = True
    CorrectedEntry.objects.bulk_create(
        CorrectedEntry(correction_id=correction, entry_id=entry, made=is_made)
        for entry, is_made in ids.items()
    )

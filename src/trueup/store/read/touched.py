"""How far back something was changed since an instant: what is older is as it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.db.models import Min, Q

from trueup.store.models import Blip, ContractVersion, Exclusion, LedgerEntry, MaintenanceRevision

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def earliest_us(since_us: int) -> int | None:
    """Return the first instant whose history is another than at ``since_us``; None if nothing is.

    A ledger entry that was closed changes what is from its end on; one that was written or superseded,
    a maintenance, a decision or a version of a contract, what is from its start on.
    """
    return min((each for each in _starts(since_us) if each is not None), default=None)


def _starts(since_us: int) -> Iterator[int | None]:
    since = _EPOCH + timedelta(microseconds=since_us)
    written = LedgerEntry.objects.filter(Q(recorded_us__gt=since_us) | Q(superseded_us__gt=since_us))
    yield written.aggregate(first=Min("start_us"))["first"]
    yield LedgerEntry.objects.filter(closed_us__gt=since_us).aggregate(first=Min("end_us"))["first"]
    blips = Blip.objects.filter(Q(recorded_us__gt=since_us) | Q(superseded_us__gt=since_us))
    yield from blips.aggregate(before=Min("before_asked_us"), first=Min("first_asked_us")).values()
    announced = MaintenanceRevision.objects.filter(announced_at__gt=since).values("maintenance_id")
    planned = MaintenanceRevision.objects.filter(maintenance__in=announced)
    first = planned.aggregate(first=Min("start_at"))["first"]
    yield None if first is None else (first - _EPOCH) // timedelta(microseconds=1)
    decided = Exclusion.objects.filter(Q(decided_at__gt=since) | Q(withdrawn_at__gt=since))
    yield from decided.aggregate(first=Min("start_us"), before=Min("supersedes__start_us")).values()
    versions = ContractVersion.objects.filter(Q(created_at__gt=since) | Q(superseded_at__gt=since))
    yield versions.aggregate(first=Min("valid_from_us"))["first"]

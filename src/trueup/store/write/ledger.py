"""Open the ledger of new series, and ask its one writer to interrupt it.

Only the centre writes entries of a ledger that is open: whoever pauses, archives or resumes a check
enters an interruption, and the centre takes it (``Centre.reload``) with the instant at which it was meant.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Min

from trueup.domain.result import State
from trueup.domain.state import opened
from trueup.store.models import Check, Interruption, LedgerEntry, Region, Series, SeriesState

_SECOND_US = 1_000_000
_RUNNING = {"paused_us": None, "paused_until_us": None, "paused_reason": ""}


def open_series(series: Iterable[int], now_us: int) -> None:
    """Open the ledgers of new series, by id: unknown until their first probes.

    They begin at the whole second, so that a probe asked at once does not lie before. Call it in the
    transaction that creates the series.
    """
    ids = sorted(series)
    start_us = now_us - now_us % _SECOND_US
    track = opened(start_us)
    Series.objects.filter(id__in=ids).update(created_us=start_us)
    LedgerEntry.objects.bulk_create(
        LedgerEntry(series_id=one, state=State.UNKNOWN.value, start_us=start_us, recorded_us=now_us)
        for one in ids
    )
    probed = Series.objects.filter(id__in=ids).exclude(region__slug=Region.VERDICT)
    SeriesState.objects.bulk_create(
        SeriesState(
            series_id=one,
            state=track.state.value,
            since_us=track.since_us,
            covered_until_us=track.covered_until_us,
            floor_us=track.floor_us,
        )
        for one in probed.values_list("id", flat=True)
    )


def pause(checks: Iterable[int], at_us: int, until_us: int | None = None, reason: str = "") -> None:
    """Stop checks, by id, at an instant: their time is paused from then on.

    ``until_us`` says when they are to run again by themselves (``resume_ended``), if ever.
    """
    ids = list(checks)
    values = {"paused_us": at_us, "paused_until_us": until_us, "paused_reason": reason}
    Check.objects.filter(id__in=ids).update(**values)
    _interrupt(ids, at_us, State.PAUSED, "paused")


def prolong(checks: Iterable[int], until_us: int | None, reason: str) -> None:
    """Give the pause of checks, by id, another end and another reason."""
    Check.objects.filter(id__in=list(checks)).update(paused_until_us=until_us, paused_reason=reason)


def resume(checks: Iterable[int], at_us: int) -> None:
    """Let checks, by id, run again from an instant: unknown until they are probed."""
    ids = list(checks)
    Check.objects.filter(id__in=ids).update(**_RUNNING)
    _interrupt(ids, at_us, State.UNKNOWN, "resumed")


def resume_ended(now_us: int) -> int | None:
    """Let the checks run again whose pause has ended; return when the next one ends, None if none will."""
    next_us = _next_end()
    if next_us is None or next_us > now_us:
        return next_us
    with transaction.atomic():
        ended = Check.objects.filter(paused_until_us__lte=now_us, archived_at__isnull=True)
        for check, until_us in list(ended.values_list("id", "paused_until_us")):
            resume([check], until_us or now_us)
    return _next_end()


def archive(checks: Iterable[int], at_us: int) -> None:
    """Close the ledgers of checks, by id, that are archived at an instant: paused from then on."""
    _interrupt(list(checks), at_us, State.PAUSED, "archived")


def interruptions_taken(interruptions: Iterable[int], now_us: int) -> None:
    """Note that the ledger has taken interruptions, by id."""
    Interruption.objects.filter(id__in=list(interruptions)).update(taken_us=now_us)


def _interrupt(checks: list[int], at_us: int, state: State, reason: str) -> None:
    Interruption.objects.bulk_create(
        Interruption(owner_id=one, at_us=at_us, state=state.value, reason=reason) for one in checks
    )


def _next_end() -> int | None:
    paused = Check.objects.filter(paused_until_us__isnull=False, archived_at__isnull=True)
    found: int | None = paused.aggregate(Min("paused_until_us"))["paused_until_us__min"]
    return found

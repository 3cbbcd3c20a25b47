"""Keep the calls of heartbeats until the engine has taken them in."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.db import transaction

from trueup.store.models import Beat

BODY = 10_000  # bytes of a call's message that are kept


def add(
    check: int,
    kind: str,
    now_us: Callable[[], int],
    *,
    run: str = "",
    exit_status: int | None = None,
    body: bytes = b"",
) -> int:
    """Store a call of a check, by id, and return its own id; it is committed when this returns.

    Args:
        check: Whose call it is.
        kind: start, success, fail or log.
        now_us: Tells the time once the database can be written: what waits for it is not late.
        run: Which run it begins or ends, where several may go on at once.
        exit_status: Of the command that ran.
        body: What it has to say; cut after ``BODY`` bytes.
    """
    with transaction.atomic():
        beat = Beat(owner_id=check, kind=kind, run_id=run, exit_status=exit_status, body=body[:BODY])
        beat.at_us = now_us()
        beat.save(force_insert=True)
    return beat.id


def taken(beats: Iterable[int], now_us: int) -> None:
    """Note that the ledger has taken calls in, by id."""
    Beat.objects.filter(id__in=list(beats)).update(taken_us=now_us)

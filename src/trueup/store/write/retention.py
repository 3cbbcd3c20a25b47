"""Let go what need not be kept: samples, told batches, old events. The ledger and its evidence stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from django.db import transaction
from django.db.models import Model, Q

from trueup.store.blocks import DAY_US
from trueup.store.models import Batch, Beat, Block, Delivery, Event, Repeated
from trueup.store.write.block import lock

SAMPLES_DAYS = 90
EVENTS_DAYS = 400
BATCHES_DAYS = 1  # a batch is offered again within minutes; after that its records' keys refuse it
BEATS_DAYS = 7  # the result that a call made is in the journal
REPEATED_DAYS = 1  # whoever asks again after an interruption does so within minutes
_AT_ONCE = 500  # rows in one transaction, so that none holds the lock for long


class Dropped(NamedTuple):
    """How many rows one run let go."""

    samples: int = 0  # blocks that are now their summary alone
    batches: int = 0
    events: int = 0
    deliveries: int = 0
    beats: int = 0
    repeated: int = 0  # answers to requests that might have come again


def retain(
    now_us: int,
    *,
    samples_days: int = SAMPLES_DAYS,
    events_days: int = EVENTS_DAYS,
    stopped: Callable[[], bool] = lambda: False,
) -> Dropped:
    """Let go what is older than it is to be kept; ``stopped`` is asked between slices of the work.

    Samples are measured against a second ruler beside the clock: those of the newest ``samples_days``
    days on which anything was measured stay, so that a clock years ahead costs none of them.

    Raises:
        django.db.Error: The database refused; what was let go before stays gone.
    """
    old_us = now_us - events_days * DAY_US
    return Dropped(
        samples=_samples(min(now_us // DAY_US - samples_days, _oldest_kept(samples_days + 1)), stopped),
        batches=_delete(Batch, Q(recorded_us__lt=now_us - BATCHES_DAYS * DAY_US), stopped),
        events=_delete(Event, Q(recorded_us__lt=old_us), stopped),
        deliveries=_delete(Delivery, Q(due_us__lt=old_us, state__in=("sent", "failed")), stopped),
        beats=_delete(Beat, Q(taken_us__lt=now_us - BEATS_DAYS * DAY_US), stopped),
        repeated=_delete(Repeated, Q(at_us__lt=now_us - REPEATED_DAYS * DAY_US), stopped),
    )


def _oldest_kept(days: int) -> int:
    """Return the oldest of the newest ``days`` days that have blocks; 0 when there are fewer."""
    oldest: int | None = None
    newest = Block.objects.order_by("-day").values_list("day", flat=True)
    for _ in range(days):  # one step down the index for each: no walk through all blocks
        oldest = (newest if oldest is None else newest.filter(day__lt=oldest)).first()
        if oldest is None:
            return 0
    return oldest or 0


def _samples(before_day: int, stopped: Callable[[], bool]) -> int:
    """Drop the samples of days before one; the rows become the daily summaries."""
    old = Block.objects.filter(day__lt=before_day, samples__isnull=False).order_by("day", "id")
    dropped = 0
    while not stopped():
        with transaction.atomic():
            lock()
            ids = list(old.values_list("id", flat=True)[:_AT_ONCE])
            if not ids:
                break
            dropped += Block.objects.filter(id__in=ids).update(samples=None)
    return dropped


def _delete(model: type[Model], old: Q, stopped: Callable[[], bool]) -> int:
    deleted = 0
    while not stopped():
        ids = list(model._default_manager.filter(old).order_by("pk").values_list("pk", flat=True)[:_AT_ONCE])
        if not ids:
            break
        deleted += model._default_manager.filter(pk__in=ids).delete()[0]
    return deleted

"""What the centre has to know of every series it takes results of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import Max

from trueup.store.models import CheckRevision, Interruption, Region, Series


class Watched(NamedTuple):
    """One series with its check."""

    series: int
    check: int
    public_id: str  # of the check
    slug: str  # of the check
    region: int
    is_verdict: bool
    created_us: int


class Revised(NamedTuple):
    """What a revision of a check says about its states."""

    check: int
    valid_from_us: int
    interval_us: int
    timeout_us: int
    confirm: int
    recover: int


class Interrupted(NamedTuple):
    """A check that people stopped, or let run again."""

    id: int
    check: int
    at_us: int
    state: str


def series() -> Iterator[Watched]:
    """Yield all series, those of archived checks too."""
    columns = ("id", "owner_id", "owner__public_id", "owner__slug", "region_id", "region__slug", "created_us")
    rows = Series.objects.order_by("id").values_list(*columns).iterator(2_000)
    for one, check, public_id, slug, region, region_slug, created_us in rows:
        yield Watched(one, check, public_id, slug, region, region_slug == Region.VERDICT, created_us)


def revisions() -> Iterator[Revised]:
    """Yield the revisions of all checks, of each check from the oldest on."""
    rows = CheckRevision.objects.order_by("owner_id", "valid_from_us", "number")
    for row in rows.values_list(*_REVISED).iterator(2_000):
        yield Revised(*row)


def interruptions() -> list[Interrupted]:
    """Return the interruptions that the ledger has not taken yet, oldest first."""
    rows = Interruption.objects.filter(taken_us__isnull=True).order_by("at_us", "id")
    return [Interrupted(*row) for row in rows.values_list("id", "owner_id", "at_us", "state")]


def newest() -> tuple[int, int]:
    """Return the newest series and revision, by id: what moves when there is something to load."""
    last_series = Series.objects.aggregate(Max("id"))["id__max"] or 0
    last_revision = CheckRevision.objects.aggregate(Max("id"))["id__max"] or 0
    return last_series, last_revision


_REVISED = ("owner_id", "valid_from_us", "interval_us", "timeout_us", "confirm", "recover")

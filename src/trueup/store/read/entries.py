"""The ledger of one check, entry by entry, with the cause and the probes at each edge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from trueup.domain.timeline import Probed
from trueup.store.models import Check, LedgerEntry, Region, Series, SeriesState
from trueup.store.read.checks import verdict_of
from trueup.store.read.timeline import held_at, in_force

_AT_A_TIME = 500  # rows in memory
EDGES = ("before", "first", "last", "after")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; instants in microseconds UTC, ``end_us`` None where it is open.

    An open entry is known up to ``known_until_us``. ``edges`` names the probes at its edges: before,
    first, last, after; one that is missing is not in it.
    """

    id: int
    state: str
    start_us: int
    end_us: int | None
    known_until_us: int
    cause: str
    text: Mapping[str, Any] | None
    edges: Mapping[str, Probed]
    recorded_us: int


def check_slugs() -> list[str]:
    """Return the slugs of all checks, archived ones too, in order of names."""
    return list(Check.objects.order_by("slug").values_list("slug", flat=True))


def region_slugs(check: str) -> list[str]:
    """Return the slugs of the regions in which a check has a ledger."""
    rows = Series.objects.filter(owner__slug=check).order_by("region__slug")
    return list(rows.values_list("region__slug", flat=True))


def entries(check: str, region: str, since_us: int, until_us: int) -> list[Entry]:
    """Return what holds of a check in a region between two instants, in order; whole entries, not cut."""
    covered = _covered(check, region)
    series = list(Series.objects.filter(owner__slug=check, region__slug=region).values_list("id", flat=True))
    held = in_force().filter(id__in=held_at(series, since_us), start_us__lt=until_us)
    begun = in_force().filter(series__in=series, start_us__gt=since_us, start_us__lt=until_us)
    rows = [*held, *begun.order_by("start_us")]
    return [_entry(row, covered) for row in rows]


def series_of(check: str) -> dict[str, int]:
    """Return the series of a check, by slug, by their regions' slugs."""
    rows = Series.objects.filter(owner__slug=check).order_by("region__slug")
    return dict(rows.values_list("region__slug", "id"))


def stream(
    check: str, region: str, since_us: int, until_us: int, as_of_us: int | None = None
) -> Iterator[Entry]:
    """Yield the same as ``entries``, one by one; ``as_of_us``: as the ledger was known at that instant.

    An entry closed after that is open there; one superseded after that is in force.
    """
    covered = _covered(check, region)
    rows = LedgerEntry.objects.filter(
        Q(end_us__isnull=True) | Q(end_us__gt=since_us),
        series__owner__slug=check,
        series__region__slug=region,
        start_us__lt=until_us,
    )
    if as_of_us is None:
        rows = rows.filter(superseded_us__isnull=True)
    else:
        superseded = Q(superseded_us__isnull=True) | Q(superseded_us__gt=as_of_us)
        rows = rows.filter(superseded, recorded_us__lte=as_of_us)
    for row in rows.order_by("start_us").iterator(_AT_A_TIME):
        yield _entry(row, covered) if as_of_us is None else _as_known(row, covered, as_of_us)


def _as_known(row: LedgerEntry, covered_until_us: int | None, at_us: int) -> Entry:
    if row.closed_us is None or row.closed_us > at_us:
        row.end_us = row.last_asked_us = row.after_asked_us = None
        covered_until_us = min(at_us, row.start_us if covered_until_us is None else covered_until_us)
    return _entry(row, covered_until_us)


def _covered(check: str, region: str) -> int | None:
    rows = SeriesState.objects.filter(series__owner__slug=check)
    found = dict(rows.values_list("series__region__slug", "covered_until_us"))
    return verdict_of(found) if region == Region.VERDICT else found.get(region)


def _entry(row: LedgerEntry, covered_until_us: int | None) -> Entry:
    known_us = row.end_us or max(row.start_us, covered_until_us or row.start_us)
    return Entry(
        id=row.id,
        state=row.state,
        start_us=row.start_us,
        end_us=row.end_us,
        known_until_us=known_us,
        cause=row.cause,
        text=row.text,
        edges=dict(_edges(row)),
        recorded_us=row.recorded_us,
    )


def _edges(row: LedgerEntry) -> Iterator[tuple[str, Probed]]:
    for name in EDGES:
        asked_us, answered_us = getattr(row, f"{name}_asked_us"), getattr(row, f"{name}_answered_us")
        if asked_us is not None and answered_us is not None:
            yield name, Probed(asked_us, answered_us)

"""The ledger of one check, entry by entry, with the cause and the probes at each edge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trueup.domain.timeline import Probed
from trueup.store.models import Check, LedgerEntry, Region, Series, SeriesState
from trueup.store.read.checks import verdict_of
from trueup.store.read.timeline import held_at, in_force

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

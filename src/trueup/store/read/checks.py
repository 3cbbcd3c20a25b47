"""Every check that is not archived, and where its verdict stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from trueup.store.models import Check, Region, Series, SeriesState

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class CheckStanding:
    """A check by its slug; instants in microseconds UTC, None (or "") before the first result."""

    component: str  # its slug
    slug: str
    name: str
    counts: bool
    tags: tuple[str, ...]
    managed: str  # file | hand
    state: str = "unknown"
    since_us: int | None = None
    covered_until_us: int | None = None
    silent_at_us: int | None = None  # from then on it is certain that nothing covers it
    last_answered_us: int | None = None
    last_state: str = ""
    last_cause: str = ""


def verdict_of(regions: Mapping[str, S]) -> S | None:
    """Return what stands for the verdict, given one thing for each region's slug.

    A verdict over one region has no row of its own: it stands where that region's series stands.
    """
    single = [each for region, each in regions.items() if region != Region.VERDICT]
    return single[0] if len(single) == 1 else regions.get(Region.VERDICT)


def standings() -> list[CheckStanding]:
    """Return the checks in the order of their components; two queries."""
    stands = _verdicts()
    checks = Check.objects.filter(archived_at__isnull=True, component__archived_at__isnull=True)
    ordered = checks.order_by("component__position", "component_id", "position", "id")
    heads = ordered.values_list("id", "component__slug", "slug", "name", "counts", "tags", "managed")
    return [
        CheckStanding(
            component, slug, name, counts, tuple(tags), managed, *(verdict_of(stands.get(identity, {})) or ())
        )
        for identity, component, slug, name, counts, tags, managed in heads
    ]


def of_series() -> dict[int, tuple[str, str]]:
    """Return by series of a region the slugs of its component and check; archived ones are not in it."""
    rows = Series.objects.exclude(region__slug=Region.VERDICT).filter(
        owner__archived_at__isnull=True, owner__component__archived_at__isnull=True
    )
    return {
        series: (component, check)
        for series, component, check in rows.values_list("id", "owner__component__slug", "owner__slug")
    }


def _verdicts() -> dict[int, dict[str, tuple[Any, ...]]]:
    columns = (
        "state",
        "since_us",
        "covered_until_us",
        "silent_at_us",
        "last_answered_us",
        "last_state",
        "last_cause",
    )
    found: dict[int, dict[str, tuple[Any, ...]]] = {}
    rows = SeriesState.objects.values_list("series__owner_id", "series__region__slug", *columns)
    for check, region, *stands in rows:
        found.setdefault(check, {})[region] = tuple(stands)
    return found

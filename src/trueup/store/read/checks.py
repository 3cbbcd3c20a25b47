"""Every check that is not archived, and where its verdict stands."""

from __future__ import annotations

from dataclasses import dataclass

from trueup.store.models import Check, Region, SeriesState


@dataclass(frozen=True, slots=True)
class CheckStanding:
    """A check by its slug; instants in microseconds UTC, None (or "") before the first result."""

    component: str  # its slug
    slug: str
    name: str
    counts: bool
    state: str = "unknown"
    since_us: int | None = None
    silent_at_us: int | None = None  # from then on nothing covers it
    last_answered_us: int | None = None
    last_state: str = ""
    last_cause: str = ""


def standings() -> list[CheckStanding]:
    """Return the checks in the order of their components; two queries."""
    rows = SeriesState.objects.filter(series__region__slug=Region.VERDICT)
    columns = ("state", "since_us", "silent_at_us", "last_answered_us", "last_state", "last_cause")
    stands = {row[0]: row[1:] for row in rows.values_list("series__owner_id", *columns)}
    checks = Check.objects.filter(archived_at__isnull=True, component__archived_at__isnull=True)
    ordered = checks.order_by("component__position", "component_id", "position", "id")
    return [
        CheckStanding(*head, *stands.get(identity, ()))
        for identity, *head in ordered.values_list("id", "component__slug", "slug", "name", "counts")
    ]

"""Where every check stands, in one look: what a live view reads again and again."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import F, OuterRef, Subquery

from trueup.store.models import CheckRevision, Event, Region, SeriesState


class Glance(NamedTuple):
    """One check that is not archived; instants in microseconds UTC, None before the first result."""

    series: int
    slug: str
    component: str  # its name
    kind: str
    interval_us: int
    state: str
    since_us: int
    covered_until_us: int
    silent_at_us: int | None
    last_answered_us: int | None
    last_cause: str
    good_latency_us: int | None
    paused_until_us: int | None
    paused_reason: str


class Told(NamedTuple):
    """Something that happened to a check."""

    id: int
    at_us: int
    kind: str
    check: str
    cause: str


def glances() -> list[Glance]:
    """Return all checks in the order of their components; one query."""
    revision = CheckRevision.objects.filter(owner=OuterRef("series__owner")).order_by("-number")
    rows = (
        SeriesState.objects.exclude(series__region__slug=Region.VERDICT)
        .filter(series__owner__archived_at__isnull=True, series__owner__component__archived_at__isnull=True)
        .annotate(
            slug=F("series__owner__slug"),
            component=F("series__owner__component__name"),
            kind=Subquery(revision.values("kind")[:1]),
            interval_us=Subquery(revision.values("interval_us")[:1]),
            paused_until_us=F("series__owner__paused_until_us"),
            paused_reason=F("series__owner__paused_reason"),
        )
        .order_by("series__owner__component__position", "series__owner__position", "series__owner_id")
    )
    names = tuple("series_id" if name == "series" else name for name in Glance._fields)
    return [Glance(*row) for row in rows.values_list(*names)]


def newest_events(most: int) -> list[Told]:
    """Return what happened last to checks, the newest first."""
    rows = Event.objects.filter(kind__startswith="check.").order_by("-id")
    return [
        Told(identity, at_us, kind, payload.get("check", ""), payload.get("cause") or "")
        for identity, at_us, kind, payload in rows.values_list("id", "at_us", "kind", "payload")[:most]
    ]

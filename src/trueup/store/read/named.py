"""The checks that a slug names: itself, or all of a component."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from trueup.store.models import Check, CheckRevision, Component, Region, Series


class Named(NamedTuple):
    """A check that is not archived; instants in microseconds UTC."""

    id: int
    slug: str
    component: str  # its slug
    kind: str
    target: str
    series: int  # in the region where it is asked
    timeout_us: int
    expect: list[str]
    paused_us: int | None
    paused_until_us: int | None
    paused_reason: str


def find(slug: str) -> list[Named]:
    """Return the checks of the component of that slug, else the check of that slug, else nothing."""
    of_component = list(_named(Q(component__slug=slug)))
    return of_component or list(_named(Q(slug=slug)))


def find_check(slug: str) -> Named | None:
    """Return the check of that slug; where only a component has it, its single check."""
    found = list(_named(Q(slug=slug))) or list(_named(Q(component__slug=slug)))
    return found[0] if len(found) == 1 else None


def every() -> list[Named]:
    """Return all checks."""
    return list(_named(Q()))


def slugs() -> list[str]:
    """Return the slugs of all checks and components that are not archived."""
    checks = _present().values_list("slug", flat=True)
    components = Component.objects.filter(archived_at__isnull=True).values_list("slug", flat=True)
    return sorted({*checks, *components})


def _present() -> QuerySet[Check]:
    return Check.objects.filter(archived_at__isnull=True, component__archived_at__isnull=True)


def _named(wanted: Q) -> Iterator[Named]:
    revision = CheckRevision.objects.filter(owner=OuterRef("id")).order_by("-number")
    series = Series.objects.filter(owner=OuterRef("id")).exclude(region__slug=Region.VERDICT)
    rows = (
        _present()
        .filter(wanted)
        .annotate(
            home=F("component__slug"),
            kind=Subquery(revision.values("kind")[:1]),
            target=Subquery(revision.values("target")[:1]),
            asked=Subquery(series.order_by("id").values("id")[:1]),
            timeout_us=Subquery(revision.values("timeout_us")[:1]),
            expect=Subquery(revision.values("expect")[:1]),
        )
        .order_by("component__position", "component_id", "position", "id")
    )
    columns = ("id", "slug", "home", "kind", "target", "asked", "timeout_us", "expect")
    for row in rows.values_list(*columns, "paused_us", "paused_until_us", "paused_reason"):
        yield Named(*row)

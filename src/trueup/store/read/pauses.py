"""Which components people have paused, until when and why; and which are called instead of asked."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from django.db.models import OuterRef, Subquery

from trueup.store.models import Check, CheckRevision


class Pause(NamedTuple):
    """A pause as people entered it."""

    until_us: int | None  # None: until they end it
    reason: str


def of_components() -> dict[str, Pause]:
    """Return by the slug of a component the pause that ends last among its checks that count."""
    rows = Check.objects.filter(paused_us__isnull=False, archived_at__isnull=True, counts=True)
    found: dict[str, Pause] = {}
    for slug, until_us, reason in rows.values_list("component__slug", "paused_until_us", "paused_reason"):
        found[slug] = _longer(found.get(slug), Pause(until_us, reason))
    return found


def called(kinds: Collection[str]) -> set[str]:
    """Return the slugs of the components whose checks that count are all of these kinds."""
    newest = CheckRevision.objects.filter(owner=OuterRef("id")).order_by("-number").values("kind")[:1]
    rows = Check.objects.filter(archived_at__isnull=True, counts=True).annotate(kind=Subquery(newest))
    asked: set[str] = set()
    waiting: set[str] = set()
    for slug, kind in rows.values_list("component__slug", "kind"):
        (waiting if kind in kinds else asked).add(slug)
    return waiting - asked


def _longer(one: Pause | None, other: Pause) -> Pause:
    if one is None or other.until_us is None:
        return Pause(other.until_us, other.reason or (one.reason if one else ""))
    return one if one.until_us is None or one.until_us >= other.until_us else other

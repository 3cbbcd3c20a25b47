"""The components as the public sees them, with the checks that speak for them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q

from trueup.store.models import Check, Component, Region, Series, Site

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SiteRow:
    """What the installation is called."""

    name: str
    url: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Voice:
    """A check that counts: its verdict's series, the series of its regions, and while it exists."""

    verdict: int | None  # None until the check has a series
    regions: tuple[int, ...]
    since_us: int
    until_us: int | None  # None: it is not archived
    check: str = ""  # its slug

    @property
    def series(self) -> tuple[int, ...]:
        """Return all its series."""
        return self.regions if self.verdict is None else (*self.regions, self.verdict)


@dataclass(frozen=True, slots=True)
class ComponentRow:
    """One component with the checks that count; archived checks too, for their history."""

    id: int
    public_id: str
    slug: str
    name: str
    down_when: str
    description: str
    created_us: int
    voices: tuple[Voice, ...]


def site() -> SiteRow:
    """Return what the installation is called; the defaults of the model before the first configuration."""
    row = Site.objects.values_list("name", "url", "timezone").order_by("id").first()
    return SiteRow(*row) if row else SiteRow(Site().name, "", "UTC")


def components(public_ids: Collection[str] | None = None) -> list[ComponentRow]:
    """Return the components in their order; three queries however many there are.

    Without ``public_ids``, all that are not archived; else those that are named, archived or not.
    """
    wanted = Q(archived_at__isnull=True) if public_ids is None else Q(public_id__in=public_ids)
    rows = list(
        Component.objects.filter(wanted)
        .order_by("position", "id")
        .values_list("id", "public_id", "slug", "name", "down_when", "description", "created_at")
    )
    voices: dict[int, list[Voice]] = {row[0]: [] for row in rows}
    series = _series(voices)
    checks = Check.objects.filter(counts=True, component__in=voices).order_by("position", "id")
    for identity, component, slug, created_at, archived_at in checks.values_list(
        "id", "component_id", "slug", "created_at", "archived_at"
    ):
        verdict, regions, since_us = series.get(identity, (None, (), _us(created_at)))
        until_us = None if archived_at is None else _us(archived_at)
        voices[component].append(Voice(verdict, regions, since_us, until_us, slug))
    return [ComponentRow(*row[:-1], _us(row[-1]), tuple(voices[row[0]])) for row in rows]


def _series(components: Collection[int]) -> dict[int, tuple[int | None, tuple[int, ...], int]]:
    """Return by check: the verdict's series, those of the regions, and when the first of them began."""
    found: dict[int, tuple[int | None, tuple[int, ...], int]] = {}
    rows = Series.objects.filter(owner__counts=True, owner__component__in=components)
    for check, identity, region, created_us in rows.values_list(
        "owner_id", "id", "region__slug", "created_us"
    ):
        verdict, regions, since_us = found.get(check, (None, (), created_us))
        if region == Region.VERDICT:
            verdict = identity
        else:
            regions = (*regions, identity)
        found[check] = (verdict, regions, min(since_us, created_us))
    return found


def _us(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)

"""The components as the public sees them, with the checks that speak for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

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

    @property
    def series(self) -> tuple[int, ...]:
        """Return all its series."""
        return self.regions if self.verdict is None else (*self.regions, self.verdict)


@dataclass(frozen=True, slots=True)
class ComponentRow:
    """One component with the checks that count; archived checks too, for their history."""

    slug: str
    name: str
    down_when: str
    voices: tuple[Voice, ...]


def site() -> SiteRow:
    """Return what the installation is called; the defaults of the model before the first configuration."""
    row = Site.objects.values_list("name", "url", "timezone").order_by("id").first()
    return SiteRow(*row) if row else SiteRow(Site().name, "", "UTC")


def components() -> list[ComponentRow]:
    """Return the components that are not archived, in their order; three queries however many there are."""
    rows = list(
        Component.objects.filter(archived_at__isnull=True)
        .order_by("position", "id")
        .values_list("id", "slug", "name", "down_when")
    )
    voices: dict[int, list[Voice]] = {identity: [] for identity, *_ in rows}
    series = _series()
    checks = Check.objects.filter(counts=True, component__archived_at__isnull=True).order_by("position", "id")
    for identity, component, created_at, archived_at in checks.values_list(
        "id", "component_id", "created_at", "archived_at"
    ):
        verdict, regions, since_us = series.get(identity, (None, (), _us(created_at)))
        until_us = None if archived_at is None else _us(archived_at)
        voices[component].append(Voice(verdict, regions, since_us, until_us))
    return [
        ComponentRow(slug, name, down_when, tuple(voices[identity]))
        for identity, slug, name, down_when in rows
    ]


def _series() -> dict[int, tuple[int | None, tuple[int, ...], int]]:
    """Return by check: the verdict's series, those of the regions, and when the first of them began."""
    found: dict[int, tuple[int | None, tuple[int, ...], int]] = {}
    rows = Series.objects.filter(owner__counts=True, owner__component__archived_at__isnull=True)
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

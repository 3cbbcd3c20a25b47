"""What has a slug: components, checks, contracts and channels, archived ones too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Min, QuerySet

from trueup.store.models import Channel, Check, Component, Contract, Series, SeriesState

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Named:
    """One thing with a slug; instants in microseconds UTC.

    ``owner`` is the id of a check's component. ``since_us`` is from when on it has a history, None where
    nothing was measured.
    """

    noun: str  # component | check | contract | channel
    id: int
    slug: str
    name: str
    managed: str  # file | hand
    archived_us: int | None
    owner: int = 0
    since_us: int | None = None


def named(slug: str) -> list[Named]:
    """Return everything with a slug: a component and its check often have the same."""
    return list(_rows(slug=slug))


def archived() -> list[Named]:
    """Return everything that is archived."""
    return list(_rows(archived_at__isnull=False))


def checks_of(component: int) -> list[Named]:
    """Return the checks of a component, by id, archived ones too."""
    return list(_checks(Check.objects.filter(component_id=component)))


def component(identity: int) -> Named:
    """Return a component by its id."""
    return next(_components(Component.objects.filter(id=identity)))


def taken() -> list[str]:
    """Return every slug that is taken, in order."""
    found = {
        slug
        for model in (Component, Check, Contract, Channel)
        for slug in model._default_manager.values_list("slug", flat=True)
    }
    return sorted(found)


def _rows(**wanted: Any) -> Iterator[Named]:
    yield from _components(Component.objects.filter(**wanted))
    yield from _checks(Check.objects.filter(**wanted))
    for each in Contract.objects.filter(**wanted).order_by("slug"):
        yield Named("contract", each.id, each.slug, each.name, each.managed, _us(each.archived_at))
    for row in Channel.objects.filter(**wanted).order_by("slug"):
        yield Named("channel", row.id, row.slug, row.kind, row.managed, _us(row.archived_at))


def _components(rows: QuerySet[Component]) -> Iterator[Named]:
    found = list(rows)
    measured = _measured(owner__component__in=[each.id for each in found])
    begun: dict[int, int] = {}
    for check, since_us in measured.items():
        home = check[1]
        begun[home] = min(since_us, begun.get(home, since_us))
    for each in found:
        yield Named(
            "component", each.id, each.slug, each.name, each.managed, _us(each.archived_at),
            since_us=begun.get(each.id),
        )  # fmt: skip


def _checks(rows: QuerySet[Check]) -> Iterator[Named]:
    found = list(rows)
    begun = {check: us for (check, _), us in _measured(owner__in=[each.id for each in found]).items()}
    for each in found:
        yield Named(
            "check", each.id, each.slug, each.name, each.managed, _us(each.archived_at),
            each.component_id, begun.get(each.id),
        )  # fmt: skip


def _measured(**wanted: Any) -> dict[tuple[int, int], int]:
    """Return by check and component from when on there is a history, where something was measured."""
    results = SeriesState.objects.filter(results__gt=0).values("series__owner")
    rows = Series.objects.filter(**wanted).filter(owner__in=results)
    since = rows.values_list("owner_id", "owner__component_id").annotate(Min("created_us"))
    return {(check, home): us for check, home, us in since}


def _us(at: datetime | None) -> int | None:
    return None if at is None else (at - _EPOCH) // timedelta(microseconds=1)

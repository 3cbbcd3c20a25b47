"""Incidents with their updates, the components they touch and the outages that belong to them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from trueup.domain import incident as rules
from trueup.domain.result import State
from trueup.store.clock import at, us, us_or_none
from trueup.store.models import Component, Incident, IncidentComponent, IncidentUpdate, LedgerEntry, Region


@dataclass(frozen=True, slots=True)
class Affected:
    """A component, and what the incident does to it."""

    id: int
    public_id: str
    slug: str
    name: str
    impact: str


@dataclass(frozen=True, slots=True)
class Update:
    """One step in people's words; instants in microseconds UTC.

    ``created_us`` is when it was written, ``display_us`` when it is said to have been; the two differ
    where it is back-dated, with a reason.
    """

    public_id: str
    status: str
    body: str
    by: str
    created_us: int
    display_us: int
    reason: str
    changes: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class Outage:
    """A ledger entry that belongs to an incident; ``end_us`` is None while it goes on.

    ``corrected`` says that the ledger says otherwise by now.
    """

    id: int
    check: str  # its slug
    component: str  # its slug
    start_us: int
    end_us: int | None
    cause: str
    corrected: bool


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One incident; instants in microseconds UTC. Updates are the newest first."""

    id: int
    public_id: str
    name: str
    severity: str
    status: str
    origin: str
    started_us: int
    resolved_us: int | None
    published_us: int | None
    created_us: int
    root_cause: str
    components: tuple[Affected, ...]
    updates: tuple[Update, ...]
    outages: tuple[Outage, ...]

    @property
    def is_draft(self) -> bool:
        """Return whether it is seen inside only."""
        return self.published_us is None

    @property
    def is_open(self) -> bool:
        """Return whether it goes on."""
        return self.status in rules.OPEN


def one(public_id: str) -> IncidentRow | None:
    """Return the incident of a public id, None where there is none."""
    return next(iter(_rows(Incident.objects.filter(public_id=public_id))), None)


def listed(
    *, open_only: bool = False, published_only: bool = False, most: int | None = None
) -> list[IncidentRow]:
    """Return incidents, the newest first; a few queries however many there are."""
    rows = Incident.objects.all()
    if open_only:
        rows = rows.filter(status__in=rules.OPEN)
    if published_only:
        rows = rows.filter(published_at__isnull=False)
    return _rows(rows.order_by("-started_at", "-id")[:most])


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which incidents are wanted; an empty filter leaves all. Instants in microseconds UTC."""

    severities: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    components: tuple[int, ...] | None = None  # ids, of which it touches one
    since_us: int | None = None  # it had not ended by then
    until_us: int | None = None  # it had begun before
    after: tuple[int, int] | None = None  # start and id of the one after which to go on


def matching(wanted: Wanted, most: int) -> list[IncidentRow]:
    """Return so many of the incidents that are wanted, drafts too, the newest first."""
    rows = Incident.objects.all()
    if wanted.severities:
        rows = rows.filter(severity__in=wanted.severities)
    if wanted.statuses:
        rows = rows.filter(status__in=wanted.statuses)
    if wanted.components is not None:
        touching = IncidentComponent.objects.filter(component__in=wanted.components)
        rows = rows.filter(id__in=touching.values("incident"))
    if wanted.since_us is not None:
        rows = rows.filter(Q(resolved_at__isnull=True) | Q(resolved_at__gt=at(wanted.since_us)))
    if wanted.until_us is not None:
        rows = rows.filter(started_at__lt=at(wanted.until_us))
    if wanted.after is not None:
        start = at(wanted.after[0])
        rows = rows.filter(Q(started_at__lt=start) | Q(started_at=start, id__lt=wanted.after[1]))
    return _rows(rows.order_by("-started_at", "-id")[:most])


def newest_ids() -> list[str]:
    """Return the public ids of the newest incidents, which somebody may have meant."""
    return list(Incident.objects.order_by("-id").values_list("public_id", flat=True)[:50])


def components(slugs: Collection[str]) -> dict[str, tuple[int, str]]:
    """Return id and public id of the components that are not archived, by their slugs; all for none."""
    rows = Component.objects.filter(archived_at__isnull=True).order_by("position", "id")
    if slugs:
        rows = rows.filter(slug__in=slugs)
    return {slug: (row, public_id) for slug, row, public_id in rows.values_list("slug", "id", "public_id")}


def outages(components: Collection[int], since_us: int, until_us: int) -> list[Outage]:
    """Return the outages in force of components, by id, that overlap a time, or touch its only instant."""
    overlapping = Q(end_us__isnull=True) | Q(end_us__gt=since_us)
    rows = _outages().filter(overlapping, start_us__lte=until_us, series__owner__component__in=components)
    return [_outage(row) for row in rows.filter(superseded_us__isnull=True).order_by("start_us", "id")]


def outage(row: int) -> Outage | None:
    """Return an outage by the id of its ledger entry, None where there is none."""
    found = _outages().filter(id=row).first()
    return None if found is None else _outage(found)


def outages_at(slug: str, at_us: int) -> list[Outage]:
    """Return the outages in force of a check, or of a component's checks, by slug, at an instant."""
    whose = Q(series__owner__slug=slug) | Q(series__owner__component__slug=slug)
    rows = _outages().filter(whose, Q(end_us__isnull=True) | Q(end_us__gt=at_us), start_us__lte=at_us)
    return [_outage(row) for row in rows.filter(superseded_us__isnull=True).order_by("start_us", "id")]


def _outages() -> QuerySet[LedgerEntry]:
    rows = LedgerEntry.objects.filter(state=State.DOWN.value, series__region__slug=Region.VERDICT)
    return rows.select_related("series__owner__component")


def _rows(rows: QuerySet[Incident]) -> list[IncidentRow]:
    found = rows.prefetch_related(
        "updates", "incidentcomponent_set__component", "incidentoutage_set__entry__series__owner__component"
    )
    return [_row(each) for each in found]


def _row(row: Incident) -> IncidentRow:
    updates = sorted(row.updates.all(), key=lambda each: (each.display_at, each.id), reverse=True)
    entries = [each.entry for each in row.incidentoutage_set.all()]
    return IncidentRow(
        id=row.id,
        public_id=row.public_id,
        name=row.name,
        severity=row.severity,
        status=row.status,
        origin=row.origin,
        started_us=us(row.started_at),
        resolved_us=us_or_none(row.resolved_at),
        published_us=us_or_none(row.published_at),
        created_us=us(row.created_at),
        root_cause=row.root_cause,
        components=tuple(sorted(map(_affected, row.incidentcomponent_set.all()), key=lambda each: each.slug)),
        updates=tuple(map(_update, updates)),
        outages=tuple(sorted(map(_outage, entries), key=lambda each: (each.start_us, each.id))),
    )


def _affected(row: Any) -> Affected:
    component: Component = row.component
    return Affected(component.id, component.public_id, component.slug, component.name, row.impact)


def _update(row: IncidentUpdate) -> Update:
    return Update(
        public_id=row.public_id,
        status=row.status,
        body=row.body,
        by=row.by,
        created_us=us(row.created_at),
        display_us=us(row.display_at),
        reason=row.reason,
        changes=tuple(row.changes),
    )


def _outage(row: LedgerEntry) -> Outage:
    return Outage(
        id=row.id,
        check=row.series.owner.slug,
        component=row.series.owner.component.slug,
        start_us=row.start_us,
        end_us=row.end_us,
        cause=row.cause,
        corrected=row.superseded_us is not None,
    )

"""Planned interruptions: as people entered them, as contracts count them, and which one goes on now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from trueup.domain import maintenance as rules
from trueup.domain.interval import Span
from trueup.store.clock import at, us, us_or_none
from trueup.store.models import Maintenance, MaintenanceRevision, MaintenanceRule


@dataclass(frozen=True, slots=True)
class Revision:
    """What was announced at an instant; instants in microseconds UTC, components as ids and slugs."""

    number: int
    start_us: int
    end_us: int
    cancelled: bool
    announced_at_us: int
    by: str
    reason: str
    components: tuple[tuple[int, str], ...]

    @property
    def is_retroactive(self) -> bool:
        """Return whether it had begun before it was announced."""
        return self.announced_at_us > self.start_us


@dataclass(frozen=True, slots=True)
class Planned:
    """One maintenance with its revisions, oldest first; at least one.

    ``rule`` is the public id of the rule that it comes from, ``due_us`` the start which that gave.
    """

    id: int
    public_id: str
    name: str
    body: str
    rule_id: int | None
    rule: str | None
    due_us: int | None
    revisions: tuple[Revision, ...]

    @property
    def newest(self) -> Revision:
        """Return what holds."""
        return self.revisions[-1]

    def status(self, now_us: int) -> str:
        """Return scheduled, in_progress, completed or cancelled."""
        if self.newest.cancelled:
            return "cancelled"
        if now_us < self.newest.start_us:
            return "scheduled"
        return "in_progress" if now_us < self.newest.end_us else "completed"


@dataclass(frozen=True, slots=True)
class Rule:
    """A maintenance that comes again; instants in microseconds UTC."""

    id: int
    public_id: str
    name: str
    rule: str
    timezone: str
    first: str  # a local wall time
    duration_s: int
    components: tuple[str, ...]  # slugs
    expanded_until_us: int
    ended_us: int | None


@dataclass(frozen=True, slots=True)
class Announced:
    """Time of maintenance as ``domain.maintenance.announced`` cuts it, and who announced it and why.

    ``components`` are ids; a cancelled one counts for nothing.
    """

    public_id: str  # of the maintenance
    name: str
    revision: int
    start_us: int
    end_us: int
    announced_at_us: int
    cancelled: bool
    components: frozenset[int]
    by: str
    reason: str

    @property
    def is_retroactive(self) -> bool:
        """Return whether it had begun before it was announced."""
        return self.announced_at_us > self.start_us


class Current(NamedTuple):
    """A maintenance that goes on for a component; instants in microseconds UTC."""

    component: str  # its slug
    public_id: str  # of the maintenance
    name: str
    start_us: int
    end_us: int


def announced(
    components: Collection[int], window: Span | None, known_us: int | None = None
) -> list[Announced]:
    """Return the time of maintenance of components, by id, that overlaps a window, in order of starts.

    Spans are whole, not cut to the window, and hold of their components those that are asked for; without
    a window it is all there ever was. ``known_us``: only what had been announced by then.
    """
    touching = MaintenanceRevision.objects.filter(components__in=components)
    if window is not None:
        touching = touching.filter(start_at__lt=at(window.end_us), end_at__gt=at(window.start_us))
    found: list[Announced] = []
    for each in _planned(Maintenance.objects.filter(id__in=touching.values("maintenance"))):
        found += _cut(each, frozenset(components), known_us)
    if window is not None:
        found = [each for each in found if each.start_us < window.end_us and each.end_us > window.start_us]
    return sorted(found, key=lambda each: (each.start_us, each.end_us, each.public_id, each.revision))


def current(now_us: int) -> dict[int, Current]:
    """Return the maintenance that goes on at an instant, by the id of a component; one query.

    Where there are several, it is the one that ends last.
    """
    now = at(now_us)
    later = MaintenanceRevision.objects.filter(
        maintenance=OuterRef("maintenance"), number__gt=OuterRef("number")
    )
    rows = MaintenanceRevision.objects.filter(
        ~Exists(later), cancelled=False, start_at__lte=now, end_at__gt=now, components__isnull=False
    ).order_by("end_at", "id")
    whose = ("components", "components__slug", "maintenance__public_id", "maintenance__name")
    return {
        row: Current(slug, public_id, name, us(start), us(end))
        for row, slug, public_id, name, start, end in rows.values_list(*whose, "start_at", "end_at")
    }


def one(public_id: str) -> Planned | None:
    """Return the maintenance of a public id, None where there is none."""
    return next(_planned(Maintenance.objects.filter(public_id=public_id)), None)


def following(rule: int, from_due_us: int) -> list[Planned]:
    """Return the occurrences of a rule, by id, that it gave for an instant or later, in order."""
    return list(_planned(Maintenance.objects.filter(rule=rule, due_us__gte=from_due_us).order_by("due_us")))


def listed(after_us: int | None = None) -> list[Planned]:
    """Return every maintenance that ends after an instant, all where there is none, in order of starts."""
    rows = Maintenance.objects.all()
    if after_us is not None:
        later = MaintenanceRevision.objects.filter(
            maintenance=OuterRef("maintenance"), number__gt=OuterRef("number")
        )
        holding = MaintenanceRevision.objects.filter(~Exists(later), end_at__gt=at(after_us))
        rows = rows.filter(id__in=holding.values("maintenance"))
    return sorted(_planned(rows), key=lambda each: (each.newest.start_us, each.id))


def rule(public_id: str) -> Rule | None:
    """Return the rule of a public id, None where there is none."""
    return next(iter(_rules(MaintenanceRule.objects.filter(public_id=public_id))), None)


def rules_in_force() -> list[Rule]:
    """Return the rules that people have not ended."""
    return _rules(MaintenanceRule.objects.filter(ended_at__isnull=True))


def known_ids() -> list[str]:
    """Return the public ids of the newest maintenances and rules, which somebody may have meant."""
    rows = Maintenance.objects.order_by("-id").values_list("public_id", flat=True)[:500]
    return [*MaintenanceRule.objects.order_by("-id").values_list("public_id", flat=True)[:100], *rows]


def _rules(rows: QuerySet[MaintenanceRule]) -> list[Rule]:
    return [
        Rule(
            id=row.id,
            public_id=row.public_id,
            name=row.name,
            rule=row.rule,
            timezone=row.timezone,
            first=row.first,
            duration_s=row.duration_s,
            components=tuple(sorted(each.slug for each in row.components.all())),
            expanded_until_us=row.expanded_until_us,
            ended_us=us_or_none(row.ended_at),
        )
        for row in rows.order_by("id").prefetch_related("components")
    ]


def _planned(rows: QuerySet[Maintenance]) -> Iterator[Planned]:
    for row in rows.select_related("rule").prefetch_related("revisions__components"):
        revisions = sorted(row.revisions.all(), key=lambda each: each.number)
        yield Planned(
            id=row.id,
            public_id=row.public_id,
            name=row.name,
            body=row.body,
            rule_id=row.rule_id,
            rule=None if row.rule is None else row.rule.public_id,
            due_us=row.due_us,
            revisions=tuple(_revisions(revisions)),
        )


def _revisions(rows: Iterable[MaintenanceRevision]) -> Iterator[Revision]:
    for row in rows:
        yield Revision(
            number=row.number,
            start_us=us(row.start_at),
            end_us=us(row.end_at),
            cancelled=row.cancelled,
            announced_at_us=us(row.announced_at),
            by=row.by,
            reason=row.reason,
            components=tuple(sorted((each.id, each.slug) for each in row.components.all())),
        )


def _plain(row: Revision) -> rules.Revision:
    return rules.Revision(
        row.number,
        row.start_us,
        row.end_us,
        row.announced_at_us,
        row.cancelled,
        frozenset(identity for identity, _ in row.components),
    )


def _cut(whose: Planned, wanted: frozenset[int], known_us: int | None) -> Iterator[Announced]:
    said = {revision.number: revision for revision in whose.revisions}
    for part in rules.announced(map(_plain, whose.revisions), known_us):
        if part.components & wanted:
            yield Announced(
                public_id=whose.public_id,
                name=whose.name,
                revision=part.revision,
                start_us=part.start_us,
                end_us=part.end_us,
                announced_at_us=part.announced_at_us,
                cancelled=part.cancelled,
                components=part.components & wanted,
                by=said[part.revision].by,
                reason=said[part.revision].reason,
            )

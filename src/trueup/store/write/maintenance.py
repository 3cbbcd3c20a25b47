"""Write planned interruptions: revisions are only added, and rules are expanded to rows ahead of time.

Every function belongs into the transaction of the caller. When a revision was announced is always said by
the server's clock; where that was set back, it is the instant of the revision before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from trueup.store.clock import at, us
from trueup.store.models import Maintenance, MaintenanceRevision, MaintenanceRule
from trueup.store.models.identity import new_public_id
from trueup.store.recurrence import Recurrence

AHEAD_DAYS = 400
_DAY_US = 86_400_000_000
_FORM = "%Y-%m-%dT%H:%M:%S"  # of a rule's first wall time


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What a revision says; instants in microseconds UTC, components by id."""

    start_us: int
    end_us: int
    components: tuple[int, ...]
    by: str
    reason: str = ""
    cancelled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRule:
    """A maintenance that comes again; ``first`` is a wall time in its zone."""

    name: str
    body: str
    recurrence: Recurrence
    duration_s: int
    components: tuple[int, ...]
    by: str


def lock(row: int) -> None:
    """Make others who write to a maintenance, by id, wait until this transaction has ended."""
    Maintenance.objects.select_for_update().filter(id=row).values_list("id").first()


def add(name: str, body: str, said: Announcement, now_us: int) -> str:
    """Write a new maintenance with its first revision, and return its public id."""
    row = Maintenance.objects.create(name=name, body=body, created_at=at(now_us))
    _revise([(row.id, 1, now_us, said)])
    return row.public_id


def revise(said: Sequence[tuple[int, Announcement]], now_us: int) -> None:
    """Add a revision to each of some maintenances, by id, announced at an instant."""
    rows = [row for row, _ in said]
    newest: dict[int, tuple[int, datetime]] = {}
    revisions = MaintenanceRevision.objects.filter(maintenance__in=rows).order_by("number")
    for row, number, announced_at in revisions.values_list("maintenance_id", "number", "announced_at"):
        newest[row] = (number, announced_at)
    _revise([(row, newest[row][0] + 1, max(now_us, us(newest[row][1])), each) for row, each in said])


def add_rule(new: NewRule, now_us: int) -> tuple[int, str]:
    """Write a rule that holds from an instant on, with no rows yet, and return its id and its public id."""
    row = MaintenanceRule.objects.create(
        name=new.name,
        body=new.body,
        rule=new.recurrence.rule,
        timezone=new.recurrence.zone.key,
        first=new.recurrence.first.strftime(_FORM),
        duration_s=new.duration_s,
        expanded_until_us=now_us,
        by=new.by,
        created_at=at(now_us),
    )
    row.components.set(new.components)
    return row.id, row.public_id


def lock_rule(row: int) -> MaintenanceRule:
    """Return a rule, by id; others who write to it wait until this transaction has ended."""
    return MaintenanceRule.objects.select_for_update().get(id=row)


def change_rule(row: int, *, duration_s: int | None = None, components: Sequence[int] | None = None) -> None:
    """Write what occurrences that are still to be made are like; None leaves it."""
    rule = lock_rule(row)
    if duration_s is not None:
        rule.duration_s = duration_s
        rule.save(update_fields=["duration_s"])
    if components is not None:
        rule.components.set(components)


def end_rule(row: int, now_us: int) -> None:
    """Let nothing new come from a rule, by id; what it gave stays."""
    MaintenanceRule.objects.filter(id=row, ended_at__isnull=True).update(ended_at=at(now_us))


def expand(row: int, now_us: int) -> int:
    """Write the occurrences of a rule, by id, up to 400 days ahead, and return how many are new.

    No start before what was expanded already is looked at again, so the past stays as it was announced.
    """
    rule = lock_rule(row)
    until_us = now_us + AHEAD_DAYS * _DAY_US
    if rule.ended_at is not None or until_us <= rule.expanded_until_us:
        return 0
    starts = list(recurrence(rule).starts(rule.expanded_until_us, until_us))
    rows = Maintenance.objects.bulk_create(
        Maintenance(
            name=rule.name, body=rule.body, rule=rule, due_us=each,
            public_id=new_public_id(), created_at=at(now_us),
        )
        for each in starts
    )  # fmt: skip
    said = Announcement(
        start_us=0, end_us=0, components=tuple(rule.components.values_list("id", flat=True)), by=rule.by
    )
    length_us = rule.duration_s * 1_000_000
    _revise(
        [
            (each.id, 1, now_us, replace(said, start_us=start_us, end_us=start_us + length_us))
            for each, start_us in zip(rows, starts, strict=True)
        ]
    )
    rule.expanded_until_us = until_us
    rule.save(update_fields=["expanded_until_us"])
    return len(rows)


def expand_all(now_us: int) -> int:
    """Write the occurrences of every rule that has not ended, and return how many are new.

    Each rule is a transaction of its own.
    """
    made = 0
    for row in MaintenanceRule.objects.filter(ended_at__isnull=True).values_list("id", flat=True):
        with transaction.atomic():
            made += expand(row, now_us)
    return made


def recurrence(rule: MaintenanceRule) -> Recurrence:
    """Return a stored rule as what can be followed."""
    return Recurrence(rule.rule, ZoneInfo(rule.timezone), datetime.fromisoformat(rule.first))


def _revise(said: Sequence[tuple[int, int, int, Announcement]]) -> None:
    """Add revisions: maintenance, number, announced when, what is said."""
    rows = MaintenanceRevision.objects.bulk_create(
        MaintenanceRevision(
            maintenance_id=row,
            number=number,
            start_at=at(each.start_us),
            end_at=at(each.end_us),
            cancelled=each.cancelled,
            announced_at=at(announced_us),
            by=each.by,
            reason=each.reason,
        )
        for row, number, announced_us, each in said
    )
    through = MaintenanceRevision.components.through
    through._default_manager.bulk_create(
        through(maintenancerevision_id=revision.id, component_id=component)
        for revision, (_, _, _, each) in zip(rows, said, strict=True)
        for component in each.components
    )

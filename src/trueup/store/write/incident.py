"""Write what people say about outages. Updates are only added; a status is that of the newest one.

Every function belongs into the transaction of the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from trueup.domain import incident as rules
from trueup.store.clock import at
from trueup.store.models import Incident, IncidentComponent, IncidentOutage, IncidentUpdate


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One update; instants in microseconds UTC.

    ``changes`` are ``{"component": public id, "from": impact, "to": impact}``, empty impacts for none.
    """

    status: str
    body: str
    by: str
    display_us: int
    reason: str = ""  # why it is back-dated
    changes: tuple[Mapping[str, str], ...] = field(default_factory=tuple)


def lock(row: int) -> None:
    """Make others who write to an incident, by id, wait until this transaction has ended."""
    Incident.objects.select_for_update().filter(id=row).values_list("id").first()


def create(
    name: str, severity: str, started_us: int, now_us: int, *, published: bool, origin: str = "hand"
) -> tuple[int, str]:
    """Write a new incident without a word yet, and return its id and its public id."""
    row = Incident.objects.create(
        name=name,
        severity=severity,
        status="",
        origin=origin,
        started_at=at(started_us),
        published_at=at(now_us) if published else None,
        created_at=at(now_us),
    )
    return row.id, row.public_id


def tell(row: int, told: Told, now_us: int) -> None:
    """Add an update to an incident, by id, whose status is that of the update from now on."""
    IncidentUpdate.objects.create(
        incident_id=row,
        status=told.status,
        body=told.body,
        by=told.by,
        display_at=at(told.display_us),
        reason=told.reason,
        changes=[dict(each) for each in told.changes],
        created_at=at(now_us),
    )
    incident = Incident.objects.get(id=row)
    if told.status in rules.OPEN:
        incident.resolved_at = None
    elif incident.resolved_at is None:
        incident.resolved_at = at(told.display_us)
    incident.status = told.status
    incident.save(update_fields=["status", "resolved_at"])


def affect(row: int, impacts: Mapping[int, str]) -> None:
    """Write what an incident, by id, does to components, by id."""
    for component, impact in impacts.items():
        IncidentComponent.objects.update_or_create(
            incident_id=row, component_id=component, defaults={"impact": impact}
        )


def link(row: int, entries: Iterable[int]) -> None:
    """Let ledger entries, by id, belong to an incident, by id; what belongs to it already stays."""
    IncidentOutage.objects.bulk_create(
        [IncidentOutage(incident_id=row, entry_id=entry) for entry in entries], ignore_conflicts=True
    )


def publish(row: int, now_us: int) -> None:
    """Show an incident, by id, that was a draft."""
    Incident.objects.filter(id=row, published_at__isnull=True).update(published_at=at(now_us))


def describe(row: int, *, severity: str | None = None, root_cause: str | None = None) -> None:
    """Write what is known better now of an incident, by id; None leaves it."""
    known = {"severity": severity, "root_cause": root_cause}
    changed = {name: value for name, value in known.items() if value is not None}
    if changed:
        Incident.objects.filter(id=row).update(**changed)

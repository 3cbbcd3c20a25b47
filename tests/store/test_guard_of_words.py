"""What people said of incidents and maintenance is kept by the database itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model
from tests.databases import Database

from trueup.store.models import Component, Incident, IncidentUpdate, Maintenance, MaintenanceRevision

pytestmark = pytest.mark.usefixtures("database")

AT = datetime(2026, 11, 23, tzinfo=UTC)


def component(slug: str) -> Component:
    return Component.objects.create(slug=slug, name=slug, created_at=AT)


def update() -> IncidentUpdate:
    incident = Incident.objects.create(
        name="x", severity="P1", status="investigating", started_at=AT, created_at=AT
    )
    return IncidentUpdate.objects.create(
        incident=incident, status="investigating", display_at=AT, created_at=AT
    )


def revision(maintenance: Maintenance | None = None, number: int = 1) -> MaintenanceRevision:
    return MaintenanceRevision.objects.create(
        maintenance=maintenance or Maintenance.objects.create(name="x", created_at=AT),
        number=number, start_at=AT, end_at=AT + timedelta(hours=1), announced_at=AT,
    )  # fmt: skip


def refused(act: Callable[[], Any]) -> bool:
    with pytest.raises(Error, match="never changed and never deleted"), transaction.atomic():
        act()
    return True


@pytest.mark.parametrize("make", [update, revision])
def test_what_was_said_is_neither_changed_nor_deleted(make: Callable[[], Model]) -> None:
    row = make()
    rows = type(row)._default_manager.filter(pk=row.pk)
    by = "by"

    assert refused(lambda: rows.update(**{by: "somebody else"}))
    assert refused(rows.delete)
    assert refused(lambda: connection.cursor().execute(f"DELETE FROM {row._meta.db_table}"))
    assert rows.exists()


def test_an_incident_that_was_spoken_of_is_not_deleted() -> None:
    row = update()

    assert refused(row.incident.delete)


def test_the_components_of_a_revision_are_neither_taken_away_nor_exchanged() -> None:
    one, other = component("one"), component("other")
    row = revision()
    row.components.set([one])
    parts = MaintenanceRevision.components.through._default_manager.filter(maintenancerevision=row)

    assert refused(lambda: row.components.remove(one))
    assert refused(lambda: parts.update(component=other))


def test_a_revision_that_another_one_followed_gets_no_component_more() -> None:
    row = revision()
    revision(row.maintenance, number=2)

    assert refused(lambda: row.components.add(component("late")))


def test_what_was_said_cannot_be_replaced_or_truncated(database: Database) -> None:
    row = update()
    statement = "TRUNCATE trueup_incidentupdate CASCADE"
    if database.vendor == "sqlite":
        statement = "INSERT OR REPLACE INTO trueup_incidentupdate SELECT * FROM trueup_incidentupdate"

    assert refused(lambda: connection.cursor().execute(statement))
    assert IncidentUpdate.objects.filter(id=row.id).exists()


def test_the_guard_can_be_taken_off_and_put_on_by_migrations() -> None:
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes("trueup")
    row = update()
    executor.migrate([("trueup", "0008_guard_statements")])
    IncidentUpdate.objects.filter(id=row.id).update(by="before")
    executor = MigrationExecutor(connection)
    executor.migrate(newest)

    assert refused(lambda: IncidentUpdate.objects.filter(id=row.id).update(by="after"))

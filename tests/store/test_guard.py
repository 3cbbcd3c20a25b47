"""The guard of the ledger, in the database itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from tests.databases import Database

from trueup.store.models import Check, Component, LedgerEntry, Region, Series

pytestmark = pytest.mark.usefixtures("database")

CHANGES: dict[str, Any] = {
    "state": "up",
    "start_us": 5,
    "cause": "dns",
    "text": {"id": "other", "params": {}},
    "before_asked_us": 1,
    "before_answered_us": 1,
    "first_asked_us": 1,
    "first_answered_us": 1,
    "recorded_us": 99,
}
CLOSING: dict[str, Any] = {
    "end_us": 20,
    "closed_us": 21,
    "last_asked_us": 18,
    "last_answered_us": 19,
    "after_asked_us": 20,
    "after_answered_us": 21,
}


def series() -> Series:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    component = Component.objects.create(slug="api", name="API", created_at=at)
    check = Check.objects.create(slug="api", name="API", component=component, created_at=at)
    region = Region.objects.create(slug="local", created_at=at)
    return Series.objects.create(owner=check, region=region, created_us=0)


def entry(**values: Any) -> LedgerEntry:
    base = {"state": "down", "start_us": 10, "cause": "timeout", "text": {"id": "x", "params": {"a": 1}}}
    return LedgerEntry.objects.create(**{"series": series(), "recorded_us": 11, **base, **values})


def refused(act: Any) -> bool:
    with pytest.raises(Error, match="ledger entry"), transaction.atomic():
        act()
    return True


def test_an_open_entry_may_be_closed_once() -> None:
    found = LedgerEntry.objects.filter(id=entry().id)

    assert found.update(**CLOSING) == 1
    assert refused(lambda: found.update(**CLOSING))
    assert refused(lambda: found.update(end_us=30))
    assert refused(lambda: found.update(end_us=None, closed_us=None))


def test_an_entry_may_be_superseded_once_open_or_closed() -> None:
    row = entry()
    found = LedgerEntry.objects.filter(id=row.id)

    assert found.update(superseded_us=30) == 1
    assert refused(lambda: found.update(superseded_us=31))
    assert refused(lambda: found.update(superseded_us=None))
    assert refused(lambda: found.update(**CLOSING))
    closed = LedgerEntry.objects.create(series=row.series, state="up", start_us=1, recorded_us=1, **CLOSING)
    assert LedgerEntry.objects.filter(id=closed.id).update(superseded_us=30) == 1


@pytest.mark.parametrize("column", CHANGES)
def test_nothing_else_of_an_entry_may_change(column: str) -> None:
    found = LedgerEntry.objects.filter(id=entry().id)
    change = {column: CHANGES[column]}

    assert refused(lambda: found.update(**change))
    assert refused(lambda: found.update(**change, **CLOSING))
    assert refused(lambda: found.update(**change, superseded_us=30))


@pytest.mark.parametrize("column", CLOSING)
def test_the_end_may_not_change_with_the_superseding(column: str) -> None:
    found = LedgerEntry.objects.filter(id=entry().id)

    assert refused(lambda: found.update(**{column: 40}, superseded_us=30))


def test_an_entry_may_not_be_closed_without_an_end_or_the_instant_of_closing() -> None:
    found = LedgerEntry.objects.filter(id=entry().id)

    assert refused(lambda: found.update(closed_us=30))
    assert refused(lambda: found.update(end_us=30))


def test_no_entry_is_ever_deleted() -> None:
    found = LedgerEntry.objects.filter(id=entry().id)

    assert refused(found.delete)
    assert refused(lambda: connection.cursor().execute("DELETE FROM trueup_ledgerentry"))
    assert found.exists()


def test_an_entry_cannot_be_replaced_or_truncated(database: Database) -> None:
    row = entry()
    if database.vendor == "postgresql":
        statement = "TRUNCATE trueup_ledgerentry CASCADE"
    else:
        statement = (
            "INSERT OR REPLACE INTO trueup_ledgerentry (id, series_id, state, start_us, cause, recorded_us) "
            f"VALUES ({row.id}, {row.series_id}, 'up', 0, '', 0)"
        )

    assert refused(lambda: connection.cursor().execute(statement))
    assert LedgerEntry.objects.get(id=row.id).state == "down"


def test_a_series_has_one_open_entry() -> None:
    row = entry()

    with pytest.raises(Error), transaction.atomic():
        LedgerEntry.objects.create(series=row.series, state="up", start_us=50, recorded_us=50)


def test_the_guard_can_be_taken_off_and_put_on_by_migrations() -> None:
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes("trueup")
    row = entry()
    executor.migrate([("trueup", "0001_initial")])
    LedgerEntry.objects.filter(id=row.id).update(state="up")
    executor = MigrationExecutor(connection)
    executor.migrate(newest)

    assert refused(lambda: LedgerEntry.objects.filter(id=row.id).update(state="down"))

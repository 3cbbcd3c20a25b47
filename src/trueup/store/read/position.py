"""How far configuration and history have come: what a revision of a public document is made of."""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection

from trueup.store.models import (
    AuditEntry,
    Blip,
    ConfigRevision,
    Incident,
    IncidentUpdate,
    LedgerEntry,
    MaintenanceRevision,
    Statement,
)


class Position(NamedTuple):
    """The newest row of each; a row that is closed or superseded brings a new one with it.

    What people decide, such as an exclusion, changes its own row: it brings an entry of the audit log.
    """

    config: int
    entry: int
    blip: int
    maintenance: int = 0
    audit: int = 0
    statement: int = 0
    incident: int = 0
    update: int = 0


_COUNTED = (
    ConfigRevision,
    LedgerEntry,
    Blip,
    MaintenanceRevision,
    AuditEntry,
    Statement,
    Incident,
    IncidentUpdate,
)


def newest() -> Position:
    """Return the position now, in one statement: it is asked for again and again."""
    quote = connection.ops.quote_name
    tables = (model._meta.db_table for model in _COUNTED)
    # The names are those of our own models; there is nothing from outside in this statement.
    wanted = ", ".join(f"(SELECT COALESCE(MAX(id), 0) FROM {quote(table)})" for table in tables)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {wanted}")
        row = cursor.fetchone()
    assert row is not None
    return Position(*row)

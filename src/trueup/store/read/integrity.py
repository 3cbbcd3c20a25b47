"""Whether the database file is sound."""

from __future__ import annotations

from django.db import connection


def problems() -> list[str]:
    """Return what SQLite finds wrong with its file; nothing on PostgreSQL, which keeps its own checksums."""
    if connection.vendor != "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA quick_check(20)")
        found = [str(row[0]) for row in cursor.fetchall()]
    return [] if found == ["ok"] else found

"""Take note of a batch, and keep its results until they are in their blocks."""

from __future__ import annotations

from django.db import connection


def first_time(msg_id: str, now_us: int) -> bool:
    """Note a batch; return False, having written nothing, when it was noted before."""
    statement = "INSERT INTO trueup_batch (msg_id, recorded_us) VALUES (%s, %s) ON CONFLICT DO NOTHING"
    with connection.cursor() as cursor:
        cursor.execute(statement, (msg_id, now_us))
        return bool(cursor.rowcount == 1)


def journal(region: int, records: bytes, now_us: int) -> None:
    """Keep the results of one batch, as ``domain.record`` packs them."""
    statement = "INSERT INTO trueup_journal (region_id, recorded_us, payload) VALUES (%s, %s, %s)"
    with connection.cursor() as cursor:
        cursor.execute(statement, (region, now_us, records))

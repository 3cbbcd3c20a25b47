"""Take note of a batch, and keep its results until they are in their blocks."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from trueup.domain.record import pack
from trueup.domain.result import Result


def first_time(msg_id: str, now_us: int) -> bool:
    """Note a batch; return False, having written nothing, when it was noted before."""
    statement = "INSERT INTO trueup_batch (msg_id, recorded_us) VALUES (%s, %s) ON CONFLICT DO NOTHING"
    with connection.cursor() as cursor:
        cursor.execute(statement, (msg_id, now_us))
        return bool(cursor.rowcount == 1)


def journal(region: int, results: Sequence[Result], now_us: int) -> None:
    """Keep the results of one batch, packed."""
    statement = "INSERT INTO trueup_journal (region_id, recorded_us, payload) VALUES (%s, %s, %s)"
    with connection.cursor() as cursor:
        cursor.execute(statement, (region, now_us, pack(results)))

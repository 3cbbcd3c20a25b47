"""The database does not take it: nothing is acknowledged that is not stored, and it is offered again."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from django.db import connection
from tests.databases import Database
from tests.engine.centre.platform import T0, S, make_check, result
from tests.engine.centre.replay import assert_replayed

from trueup.domain.result import Detail, Result, State
from trueup.domain.text import Text
from trueup.engine.centre.ingest import Centre, NotStoredError
from trueup.store.models import Evidence, LedgerEntry, SeriesState


def test_a_locked_database_is_told_and_the_batch_can_be_offered_again(sqlite_database: Database) -> None:
    made = make_check()
    centre = Centre()
    centre.take("m1", [result(made.series, 0)], T0)
    connection.settings_dict["OPTIONS"]["timeout"] = 0.01
    connection.close()
    other = sqlite3.connect(sqlite_database.address, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(NotStoredError, match="held the database locked"):
        centre.take("m2", [result(made.series, 60, State.DOWN)], T0 + 61 * S)
    other.execute("ROLLBACK")
    other.close()
    centre.take("m2", [result(made.series, 60, State.DOWN)], T0 + 61 * S)

    assert SeriesState.objects.get(series=made.series).results == 2
    assert_replayed(made, ended=False)


def test_a_full_disk_is_told_and_nothing_of_the_batch_is_stored(sqlite_database: Database) -> None:
    made = make_check(interval_s=10)
    centre = Centre()
    centre.take("m1", [result(made.series, 0)], T0)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
    many = [result(made.series, 10 * k, duration_us=k) for k in range(1, 2_000)]

    with pytest.raises(NotStoredError, match="disk of the database is full"):
        centre.take("m2", many, T0 + 61 * S)

    assert SeriesState.objects.get(series=made.series).results == 1
    centre.take("m2", many, T0 + 61 * S)  # a new connection has no such bound
    assert SeriesState.objects.get(series=made.series).results == 2_000
    assert_replayed(made, ended=False)


def test_a_read_only_database_is_told(sqlite_database: Database) -> None:
    made = make_check()
    centre = Centre()
    centre.take("m1", [result(made.series, 0)], T0)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON")

    with pytest.raises(NotStoredError, match="may not be written"):
        centre.take("m2", [result(made.series, 60)], T0 + 61 * S)
    assert not centre.take("m2", [result(made.series, 60)], T0 + 61 * S).repeated


def test_a_lost_connection_is_told_and_made_again(postgres_database: Database) -> None:
    made = make_check()
    centre = Centre()
    centre.take("m1", [result(made.series, 0)], T0)
    with psycopg.connect(postgres_database.address, autocommit=True) as link:
        link.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    with pytest.raises(NotStoredError, match="connection to PostgreSQL is lost"):
        centre.take("m2", [result(made.series, 60)], T0 + 61 * S)
    centre.take("m2", [result(made.series, 60)], T0 + 61 * S)

    assert SeriesState.objects.get(series=made.series).results == 2


def test_words_of_a_target_never_keep_a_batch_from_being_stored(database: Database) -> None:
    made = make_check(confirm=1)
    words = "half \ud83d a pair, \0 a NUL and \N{SNOWMAN}"
    plain = result(made.series, 0, State.DOWN)
    hostile = Result(
        **{name: getattr(plain, name) for name in plain.__slots__ if name != "detail"},
        detail=Detail(address="127.0.0.1", text=Text("timeout", {"said": words}), body_head=b"\0\xff"),
    )

    Centre().take("m1", [hostile], T0)

    entry = LedgerEntry.objects.get(series=made.series, state="down")
    assert entry.text is not None
    assert entry.text["params"]["said"] == "half \ufffd a pair, \ufffd a NUL and \N{SNOWMAN}"
    assert bytes(Evidence.objects.get().body_head) == b"\0\xff"


def test_a_result_of_a_series_that_does_not_exist_is_dropped_and_counted(database: Database) -> None:
    made = make_check()

    taken = Centre().take("m1", [result(made.series, 0), result(99_999, 0)], T0)

    assert (taken.results, taken.strays) == (1, 1)


def test_measures_beyond_all_reason_are_stored_as_near_as_can_be(database: Database) -> None:
    made = make_check()

    Centre().take("m1", [result(made.series, 0, duration_us=2**40)], T0)

    assert SeriesState.objects.get(series=made.series).results == 1

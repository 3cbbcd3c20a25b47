"""One engine a PostgreSQL database."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection
from tests.databases import Database

from trueup.store import advisory
from trueup.store.lock import InUseError
from trueup.store.write import vital


def taken() -> advisory.DatabaseLock:
    lock = advisory.of_default_database()
    assert lock is not None
    lock.take()
    return lock


def test_second_engine_is_told_who_holds_the_database(postgres_database: Database) -> None:
    life = vital.Life(process="engine", pid=4711, host="alpha", started_us=1_700_000_000_000_000, tick_us=0)
    vital.note(life)
    first = taken()

    with pytest.raises(InUseError, match="pid 4711 on alpha, started 2023-11-14 22:13:20 UTC"):
        taken()

    first.release()
    taken().release()


def test_lost_connection_is_noticed_and_the_lock_taken_again(postgres_database: Database) -> None:
    lock = taken()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")

    with pytest.raises(psycopg.OperationalError):
        lock.newest_revision()
    assert lock.newest_revision() == 0

    with pytest.raises(InUseError):
        taken()
    lock.release()


def test_lock_that_another_took_meanwhile_is_not_taken_back(postgres_database: Database) -> None:
    lock = taken()
    lock.release()
    other = taken()

    with pytest.raises(InUseError):
        lock.newest_revision()
    other.release()


def test_sqlite_needs_no_such_lock(sqlite_database: Database) -> None:
    assert advisory.of_default_database() is None


def test_nothing_is_prepared_under_a_running_engine(postgres_database: Database) -> None:
    running = taken()

    with pytest.raises(InUseError), advisory.held():
        pytest.fail("must not be reached")

    running.release()
    with advisory.held(), pytest.raises(InUseError):
        taken()

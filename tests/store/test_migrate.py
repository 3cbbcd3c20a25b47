"""The database is copied before its form changes, and refused where it is newer."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from tests.databases import Database

from trueup.store.migrate import FormError, copy, database_file, migrate, pending, prune

NOW_US = 1_700_000_000_000_000


def run(backups: Path, *, allowed: bool = True, keep: int = 3) -> list[str]:
    done = migrate(database=database_file(), backups=backups, keep=keep, now_us=NOW_US, allowed=allowed)
    return [done.copy.name] if done.copy else []


def older(database: Database) -> None:
    """Take the database back to the form of the first migration."""
    call_command("migrate", "trueup", "0001", verbosity=0)


def test_database_of_this_form_is_left_alone(sqlite_database: Database, tmp_path: Path) -> None:
    assert run(tmp_path / "backups") == []
    assert not (tmp_path / "backups").exists()


def test_database_of_an_older_form_is_copied_then_migrated(sqlite_database: Database, tmp_path: Path) -> None:
    older(sqlite_database)

    copies = run(tmp_path / "backups")

    assert pending().names == ()
    assert copies == ["trueup-20231114T221320Z-before-0002_guard_the_ledger.db"]
    with closing(sqlite3.connect(tmp_path / "backups" / copies[0])) as copied:
        applied = copied.execute("SELECT name FROM django_migrations WHERE app = 'trueup'").fetchall()
        assert applied == [("0001_initial",)]
        assert copied.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert (tmp_path / "backups").stat().st_mode & 0o077 == 0


def test_older_form_is_refused_where_migrations_are_forbidden(
    sqlite_database: Database, tmp_path: Path
) -> None:
    older(sqlite_database)

    with pytest.raises(FormError, match=r"needs \d+ migration\(s\).* --no-migrate forbids them"):
        run(tmp_path / "backups", allowed=False)

    assert not (tmp_path / "backups").exists()


def test_database_of_a_newer_version_is_refused(database: Database, tmp_path: Path) -> None:
    MigrationRecorder(connection).record_applied("trueup", "0099_from_the_future")

    with pytest.raises(FormError, match="written by a newer trueup: it holds 0099_from_the_future"):
        run(tmp_path / "backups")


def test_postgresql_is_migrated_without_a_copy(postgres_database: Database, tmp_path: Path) -> None:
    older(postgres_database)

    assert run(tmp_path / "backups") == []
    assert pending().names == ()


def test_only_the_newest_copies_are_kept(sqlite_database: Database, tmp_path: Path) -> None:
    source = database_file()
    assert source is not None
    days = range(NOW_US, NOW_US + 5 * 86_400_000_000, 86_400_000_000)
    made = [copy(source, tmp_path / "b", now_us=day, before="0002_x") for day in days]

    prune(tmp_path / "b", keep=2)

    assert sorted((tmp_path / "b").iterdir()) == made[-2:]


def test_copy_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is no database at all" * 100)

    with pytest.raises(sqlite3.DatabaseError):
        copy(broken, tmp_path / "b", now_us=NOW_US, before="0002_x")

    assert list((tmp_path / "b").iterdir()) == []


def test_copy_that_was_killed_is_gone_after_the_next_one(tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    backups.mkdir()
    (backups / "trueup-20260101T000000Z-before-0001.part").write_bytes(b"half a copy")
    (backups / "trueup-20260101T000000Z-before-0001.part-journal").write_bytes(b"its journal")
    sqlite3.connect(tmp_path / "trueup.db").close()

    made = copy(tmp_path / "trueup.db", backups, now_us=NOW_US, before="0002")

    assert list(backups.iterdir()) == [made]

"""Bring the database to this version's form: copied first, refused where it is of a newer one."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from trueup import __version__

APP = "trueup"


class FormError(Exception):
    """The database has another form than this version needs; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What stands between the database and this version."""

    fresh: bool  # nothing of ours is in it yet
    names: tuple[str, ...]  # migrations to be applied, in order


@dataclass(frozen=True, slots=True)
class Migrated:
    """What was done."""

    names: tuple[str, ...]
    copy: Path | None = None  # None: there was nothing to copy, or it is not SQLite
    fresh: bool = False  # it was made now


def pending() -> Pending:
    """Return what is to be applied to the database.

    Raises:
        FormError: A newer version has been at work on it.
    """
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    applied = {name for app, name in loader.applied_migrations if app == APP}
    known = {name for app, name in loader.disk_migrations if app == APP}
    if newer := sorted(applied - known):
        raise FormError(
            f"The database was written by a newer trueup: it holds {newer[-1]}, which version {__version__} "
            "does not know. Install that version, or restore a copy from DIR/backups."
        )
    nodes = [(app, name) for app, name in loader.graph.leaf_nodes() if app == APP]
    plan = [key for node in nodes for key in loader.graph.forwards_plan(node)]
    names = [name for app, name in dict.fromkeys(plan) if app == APP and name not in applied]
    return Pending(fresh=not applied, names=tuple(names))


def require(remedy: str) -> None:
    """Make sure that the database is of this version's form; ``remedy`` is said where it is older.

    Raises:
        FormError: It is of an older or newer form.
    """
    if names := pending().names:
        raise FormError(f"The database is of an older form ({names[0]} is missing). {remedy}")


def database_file() -> Path | None:
    """Return the SQLite file, None where the database is PostgreSQL or lies in memory."""
    from django.db import connection

    if connection.vendor != "sqlite" or connection.is_in_memory_db():  # type: ignore[attr-defined]
        return None
    return Path(str(connection.settings_dict["NAME"]))


def migrate(*, database: Path | None, backups: Path, keep: int, now_us: int, allowed: bool) -> Migrated:
    """Apply what is pending, after copying a SQLite ``database`` to ``backups``, the last ``keep`` kept.

    Raises:
        FormError: Something is pending and not ``allowed``, or a newer version has been at work.
    """
    found = pending()
    if not found.names:
        return Migrated(())
    if not allowed:
        raise FormError(
            f"The database needs {len(found.names)} migration(s) ({', '.join(found.names)}) and --no-migrate "
            "forbids them. Start without --no-migrate; the database is copied to DIR/backups first."
        )
    copied = None
    if not found.fresh and database is not None:
        copied = copy(database, backups, now_us=now_us, before=found.names[0])
        prune(backups, keep=keep)
    _apply()
    return Migrated(found.names, copied, found.fresh)


def copy(database: Path, backups: Path, *, now_us: int, before: str) -> Path:
    """Copy a SQLite database, whole and consistent, and return the copy's path."""
    backups.mkdir(mode=0o700, parents=True, exist_ok=True)
    at = datetime.fromtimestamp(now_us / 1_000_000, UTC)
    target = backups / f"{database.stem}-{at:%Y%m%dT%H%M%SZ}-before-{before}.db"
    part = target.with_suffix(".part")
    for name in ("*.part", "*.part-journal"):  # of one that was killed: the lock lets nobody else copy now
        for unfinished in backups.glob(name):
            unfinished.unlink()
    try:
        part.touch(mode=0o600)
        with closing(sqlite3.connect(database, timeout=10)) as source, closing(sqlite3.connect(part)) as sink:
            source.backup(sink)
        _sync(part)
        part.rename(target)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    _sync(backups)
    return target


def prune(backups: Path, *, keep: int) -> None:
    """Delete all but the newest ``keep`` copies; their names sort by the time they were made."""
    for old in sorted(backups.glob("*-before-*.db"))[:-keep]:
        old.unlink()


def _apply() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)

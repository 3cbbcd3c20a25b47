"""Findings by their ids."""

from __future__ import annotations

from typing import NamedTuple

from django.core.checks import ERROR, WARNING, CheckMessage


class Finding(NamedTuple):
    """What a check may say: how bad it is, what is wrong, and what to do about it."""

    level: int
    wrong: str
    hint: str


_DATABASE_OPTIONS = (
    "Make the entry with trueup.store.connection.database_settings(BASE_DIR / 'db.sqlite3'), or write "
    "OPTIONS = {'transaction_mode': 'IMMEDIATE', 'timeout': 10, 'init_command': 'PRAGMA journal_mode=WAL; "
    "PRAGMA synchronous=FULL;'}."
)

FINDINGS = {
    "trueup.E001": Finding(
        ERROR,
        "The default database is {found}: trueup works on SQLite and PostgreSQL.",
        "Let DATABASES['default'] be one of the two.",
    ),
    "trueup.E002": Finding(
        ERROR,
        "A database router sends trueup's tables to {found!r}: trueup works on the database 'default' alone.",
        "Let the router answer None, or 'default', for the app label 'trueup'.",
    ),
    "trueup.E003": Finding(
        ERROR,
        "USE_TZ is False: Django would drop the time zone of every instant.",
        "Set USE_TZ = True. Data of other applications may need to be converted: see Django on time zones.",
    ),
    "trueup.E004": Finding(
        ERROR,
        "The driver of PostgreSQL is not psycopg 3: {found}.",
        "Install it: pip install 'trueup[postgres]'.",
    ),
    "trueup.E005": Finding(
        ERROR,
        "The setting TRUEUP cannot be used: {found}",
        "Its keys are trueup's settings without TRUEUP_, such as 'DATA' or 'WITNESSES'.",
    ),
    "trueup.E006": Finding(
        ERROR,
        "The data directory {found} lies where files are published: it holds the key of stored secrets.",
        "Name another one in TRUEUP = {'DATA': ...}, outside of MEDIA_ROOT and STATIC_ROOT.",
    ),
    "trueup.E007": Finding(
        ERROR,
        "DATABASES['default'] has AUTOCOMMIT off: what the engine stores would never be committed.",
        "Remove AUTOCOMMIT.",
    ),
    "trueup.W001": Finding(
        WARNING,
        "SQLite begins its transactions without a lock: two writers end in 'database is locked' at once.",
        _DATABASE_OPTIONS,
    ),
    "trueup.W002": Finding(
        WARNING,
        "SQLite is not told to keep a write-ahead log: engine and readers would wait for each other.",
        _DATABASE_OPTIONS,
    ),
    "trueup.W003": Finding(
        WARNING,
        "SQLite gives up after {found} s of waiting for another writer.",
        _DATABASE_OPTIONS,
    ),
    "trueup.W004": Finding(
        WARNING,
        "PostgreSQL is used with another isolation level than READ COMMITTED: transactions of the engine "
        "could be refused.",
        "Remove isolation_level from OPTIONS.",
    ),
    "trueup.W005": Finding(
        WARNING,
        "Connections to PostgreSQL are kept for ever and never looked at: its restart costs errors.",
        "Set CONN_HEALTH_CHECKS to True.",
    ),
    "trueup.W006": Finding(
        WARNING,
        "There is no configuration at {found}.",
        "Write one with `python manage.py trueup init`, or name another in TRUEUP = {'CONFIG': ...}.",
    ),
    "trueup.W007": Finding(
        WARNING,
        "Tables of trueup are not of this version's form: {found} is not applied.",
        "Run: python manage.py migrate",
    ),
    "trueup.W008": Finding(
        WARNING,
        "ATOMIC_REQUESTS is on: UptimeMonitor.check_all() refuses to store within a view.",
        "Mark views that call it with django.db.transaction.non_atomic_requests, or leave it to the engine.",
    ),
    "trueup.W009": Finding(
        WARNING,
        "The whole-site cache of Django keeps trueup's documents: a change of state shows up to 5 s later, "
        "and is kept in the cache for every address that is asked for.",
        "trueup keeps its documents itself: leave UpdateCacheMiddleware out, or accept this.",
    ),
}


def found(identity: str, found: object = "") -> CheckMessage:
    """Return a finding as Django shows it."""
    level, wrong, hint = FINDINGS[identity]
    return CheckMessage(
        level, wrong.replace("{found!r}", repr(found)).replace("{found}", str(found)), hint, id=identity
    )

"""Whether the database is set as the ledger needs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from django.core.checks import CheckMessage
from django.db import DatabaseError, connections, router

from trueup.checks.finding import found

_LEAST_PATIENCE_S = 5
_DEFAULT_PATIENCE_S = 5.0  # of Python's own driver


def the_database(**_: object) -> list[CheckMessage]:
    """Return what is wrong with the settings of the database."""
    from trueup.store.models import LedgerEntry

    messages = []
    alias = router.db_for_write(LedgerEntry)
    if alias != "default":
        messages.append(found("trueup.E002", alias))
    settings = connections["default"].settings_dict
    if not settings["AUTOCOMMIT"]:
        messages.append(found("trueup.E007"))
    vendor = connections["default"].vendor
    if vendor == "sqlite":
        messages += _sqlite(settings)
    elif vendor == "postgresql":
        messages += _postgresql(settings)
    else:
        messages.append(found("trueup.E001", vendor))
    if settings["ATOMIC_REQUESTS"]:
        messages.append(found("trueup.W008"))
    return messages


def the_tables(databases: Sequence[str] | None = None, **_: object) -> list[CheckMessage]:
    """Return whether migrations are missing; asks the database, so only where Django is told to."""
    from trueup.store.migrate import FormError, pending

    if "default" not in (databases or ()):
        return []
    try:
        names = pending().names
    except (DatabaseError, FormError):
        return []  # Django, or the verb that needs it, says it better
    return [found("trueup.W007", names[0])] if names else []


def _sqlite(settings: Mapping[str, Any]) -> Iterator[CheckMessage]:
    options = settings["OPTIONS"]
    if str(options.get("transaction_mode") or "").upper() not in ("IMMEDIATE", "EXCLUSIVE"):
        yield found("trueup.W001")
    if "journal_mode=wal" not in "".join(str(options.get("init_command", "")).lower().split()):
        yield found("trueup.W002")
    patience_s = options.get("timeout", _DEFAULT_PATIENCE_S)
    if patience_s < _LEAST_PATIENCE_S:
        yield found("trueup.W003", patience_s)


def _postgresql(settings: Mapping[str, Any]) -> Iterator[CheckMessage]:
    driver = import_module("django.db.backends.postgresql.psycopg_any")
    if not driver.is_psycopg3:
        yield found("trueup.E004", "it is psycopg2")
    level = settings["OPTIONS"].get("isolation_level")
    if level is not None and level != driver.IsolationLevel.READ_COMMITTED:
        yield found("trueup.W004")
    if settings["CONN_MAX_AGE"] is None and not settings["CONN_HEALTH_CHECKS"]:
        yield found("trueup.W005")

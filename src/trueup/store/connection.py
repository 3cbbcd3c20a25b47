"""How the store is reached: one address in, Django's connection settings out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

_POSTGRES = ("postgres", "postgresql")
BUSY_S = 10  # how long a statement waits for another process's transaction on SQLite

# FULL: an acknowledged result survives a loss of power. 250 pages: the -wal file stays about 1 MB.
# secure_delete, on in Debian's build, would write every page that a compaction frees once more.
_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=250; "
    "PRAGMA journal_size_limit=1048576; PRAGMA recursive_triggers=ON; PRAGMA secure_delete=OFF"
)


class AddressError(ValueError):
    """A database address that cannot be used; the sentence never holds its password."""


def database_settings(address: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the entry of Django's ``DATABASES`` for a database address.

    Args:
        address: ``postgres://user:password@host:port/name?sslmode=require``, ``sqlite:///path`` or the
            path of an SQLite file.

    Raises:
        AddressError: The scheme, port, name or a missing driver.
    """
    text = os.fspath(address).strip()
    if not text:
        raise AddressError("the database address is empty. Set DATABASE_URL to a path or postgres://... .")
    if "://" not in text:
        return sqlite_settings(Path(text))
    parts = urlsplit(text)
    if parts.scheme in _POSTGRES:
        return _postgres(parts)
    if parts.scheme == "sqlite":
        return sqlite_settings(_sqlite_path(parts))
    raise AddressError(
        f"the database address begins with {parts.scheme}://, which is not known here. "
        "Use postgres://user:password@host/name, sqlite:///path or the path of an SQLite file."
    )


def sqlite_settings(path: Path) -> dict[str, Any]:
    """Return the settings of an SQLite file; it is made when it is first opened."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": BUSY_S, "init_command": _PRAGMAS},
    }


def memory_settings() -> dict[str, Any]:
    """Return the settings of an SQLite database in memory, shared by the threads of this process."""
    return sqlite_settings(Path("file:trueup?mode=memory&cache=shared"))


def _sqlite_path(parts: SplitResult) -> Path:
    if parts.netloc:
        raise AddressError(
            f"sqlite://{parts.netloc}... names a host, and an SQLite file has none. "
            "Write sqlite:///relative/path or sqlite:////absolute/path."
        )
    path = unquote(parts.path)[1:]
    if not path:
        raise AddressError("sqlite:// names no file. Write sqlite:///relative or sqlite:////absolute/path.")
    return Path(path)


def _postgres(parts: SplitResult) -> dict[str, Any]:
    name = unquote(parts.path).lstrip("/")
    if not name:
        raise AddressError("the postgres address names no database: postgres://user:password@host/NAME.")
    try:
        port = parts.port
    except ValueError:
        raise AddressError("the port of the postgres address is not a number from 0 to 65535.") from None
    _require_driver()
    options: dict[str, Any] = dict(parse_qsl(parts.query, keep_blank_values=True))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": "trueup", "connect_timeout": "10", **options},
    }


def _require_driver() -> None:
    try:
        import psycopg  # noqa: F401  (an extra: only where PostgreSQL is asked for)
    except ImportError as missing:
        raise AddressError(
            f"PostgreSQL is asked for, but its driver cannot be loaded ({missing}). "
            "Install it with: pip install 'trueup[postgres]'."
        ) from None

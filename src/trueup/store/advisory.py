"""One engine a PostgreSQL database: an advisory lock on a connection of its own.

The lock lives as long as the connection. The same connection is asked whether a new configuration
was applied, so that a lost one is noticed at the next look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from trueup.store.lock import InUseError

if TYPE_CHECKING:
    import psycopg

_KEY = 0x7472_7565_7570_0001  # "trueup", 1: the engine

Connect = Callable[[], "psycopg.Connection[Any]"]


class DatabaseLock:
    """The lock on a database, taken again when its connection was lost."""

    def __init__(self, connect: Connect, holder: Callable[[], str]) -> None:
        """Take a way to connect (autocommit) and one to learn who holds the lock."""
        self._connect = connect
        self._holder = holder
        self._link: psycopg.Connection[Any] | None = None

    def take(self) -> None:
        """Take the lock.

        Raises:
            InUseError: Another engine holds it.
            psycopg.OperationalError: The database does not answer.
        """
        self.release()
        link = self._connect()
        try:
            row = link.execute("SELECT pg_try_advisory_lock(%s)", (_KEY,)).fetchone()
        except BaseException:
            link.close()
            raise
        if row is None or row[0] is not True:
            link.close()
            raise InUseError(
                f"The database is in use by another engine ({self._holder()}). "
                "Stop that one first, or name another database in DATABASE_URL."
            )
        self._link = link

    def newest_revision(self) -> int:
        """Return the id of the newest configuration; take the lock again where its connection was lost.

        Raises:
            InUseError: Another engine has taken the lock meanwhile.
            psycopg.OperationalError: The database does not answer.
        """
        if self._link is None or self._link.closed:
            self.take()
        assert self._link is not None
        try:
            row = self._link.execute("SELECT COALESCE(MAX(id), 0) FROM trueup_configrevision").fetchone()
        except BaseException:
            self.release()
            raise
        return int(row[0]) if row else 0

    def release(self) -> None:
        """Let go: in words first, since the server may notice the end of a connection later than we do."""
        if self._link is not None:
            with suppress(*lost()):
                self._link.execute("SELECT pg_advisory_unlock(%s)", (_KEY,))
            self._link.close()
            self._link = None


def of_default_database() -> DatabaseLock | None:
    """Return the lock of Django's default database, None where that is SQLite."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return None
    import psycopg

    params = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name not in ("cursor_factory", "context", "prepare_threshold")
    }
    return DatabaseLock(lambda: psycopg.connect(**params, autocommit=True), _holder)


@contextmanager
def held() -> Iterator[None]:
    """Hold the lock of Django's default database meanwhile; SQLite needs none.

    Raises:
        InUseError: An engine holds it.
    """
    ours = of_default_database()
    if ours is not None:
        ours.take()
    try:
        yield
    finally:
        if ours is not None:
            ours.release()


def lost() -> tuple[type[Exception], ...]:
    """Return what is raised when the connection of the lock is lost; nothing where there is no such lock."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return ()  # the driver alone takes 10 MB
    import psycopg

    return (psycopg.Error,)


def _holder() -> str:
    from django.db import DatabaseError

    from trueup.store.models import Vital

    try:
        row = Vital.objects.filter(process="engine").values_list("pid", "host", "started_us").first()
    except DatabaseError:  # its tables are being made
        row = None
    if row is None:
        return "it has not said its pid yet"
    started = datetime.fromtimestamp(row[2] / 1_000_000, UTC)
    return f"pid {row[0]} on {row[1]}, started {started:%Y-%m-%d %H:%M:%S} UTC"

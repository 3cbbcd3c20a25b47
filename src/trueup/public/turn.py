"""One turn of the Python API: hold the data, ask, store, let go."""

from __future__ import annotations

from contextlib import ExitStack

from trueup.domain.result import Result
from trueup.engine import once
from trueup.engine.centre.ingest import NotStoredError
from trueup.public.fault import UptimeError
from trueup.public.opening import Opened, held
from trueup.public.result import HealthCheckResult, of_engine
from trueup.store.lock import InUseError


class Turn:
    """Asks every check once; its steps may be made in different threads, one after the other."""

    def __init__(self, opened: Opened, *, store: bool) -> None:
        self._settings, self._hosted, self._store = opened.settings, opened.hosted, store
        self._holding = ExitStack()
        self._turn: once.Turn | None = None
        self._results: list[Result] = []

    def begin(self) -> None:
        """Hold the data and read what is to be asked.

        Raises:
            UptimeError: An engine holds the data, or this is called within a transaction.
        """
        if self._store:
            _refuse_transaction()
            try:
                self._holding.enter_context(held(self._settings))
            except InUseError as error:
                raise UptimeError(f"{error} To ask beside it, and store nothing, use store=False.") from error
        self._turn = once.turn(self._settings)

    def ask(self) -> list[HealthCheckResult]:
        """Ask, in a thread that no event loop runs in."""
        assert self._turn is not None
        self._results = self._turn.ask()
        names = self._turn.checks
        return [of_engine(each, *names[each.series]) for each in self._results]

    def keep(self) -> None:
        """Store what was measured.

        Raises:
            UptimeError: The database did not take it.
        """
        if self._store and self._turn is not None and self._results:
            try:
                self._turn.store(self._results)
            except NotStoredError as error:
                raise UptimeError(f"nothing was stored: {error}") from error

    def end(self, *, disconnect: bool = False) -> None:
        """Let go; close the connection of this thread where nobody else does."""
        self._holding.close()
        if disconnect and not self._hosted:
            from django.db import connections

            connections.close_all()


def _refuse_transaction() -> None:
    """Refuse to work within a transaction: what is stored must not be undone by somebody else.

    Raises:
        UptimeError: There is one; that of a test case does not count.
    """
    from django.db import transaction

    try:
        with transaction.atomic(durable=True):
            pass
    except RuntimeError as error:
        raise UptimeError(
            "check_all cannot store within a transaction, since what it measured would be undone with it. "
            "Call it outside of transaction.atomic(), or with store=False."
        ) from error

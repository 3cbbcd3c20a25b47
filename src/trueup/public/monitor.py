"""Ask everything once and read the figures, from Python."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trueup.public.door import Door
from trueup.public.export import FORMATS, results_as_text, window
from trueup.public.fault import UptimeError
from trueup.public.opening import in_words
from trueup.public.result import HealthCheckResult

if TYPE_CHECKING:
    from trueup.figures.page import PageReader

_HOUR_US = 3_600_000_000
_WINDOWS = {"24h": 24 * _HOUR_US, "7d": 7 * 24 * _HOUR_US, "30d": 30 * 24 * _HOUR_US}


class UptimeMonitor:
    """Asks what is configured and reads what was measured, in the process of whoever uses it.

    Nothing happens until the first call. Then it finds its database: in a Django project that has
    `trueup` among its `INSTALLED_APPS` the project's own; elsewhere SQLite in `./data`, made at the
    first call together with `trueup.yaml`, which watches `FRONTEND_URL`, `BACKEND_URL` and
    `WEBSOCKET_URL`. With `ENVIRONMENT=test` nothing is asked, and outside of a project the database
    is an empty one in memory.

    Every method raises `UptimeError` where people must mend something first: its sentence says what.

    Args:
        config: The configuration file; by default what `TRUEUP_CONFIG` says, else `./trueup.yaml`.
        data: The directory of the database; by default what `TRUEUP_DATA` says, else `./data`. A
            process works on one.
    """

    def __init__(self, *, config: str | Path | None = None, data: str | Path | None = None) -> None:
        self._door = Door(config, data)
        self._reader: PageReader | None = None

    def check_all_sync(self, *, store: bool = True) -> list[HealthCheckResult]:
        """Ask every check once, all at the same time, and return what each found out.

        What was measured is stored as the engine does it: samples, ledger, evidence and events in one
        transaction. A check that is paused is not asked. It takes as long as the slowest answer, at
        most the longest time-out. In a running event loop it blocks that loop: use `check_all` there.

        Args:
            store: Whether it is stored. An engine that runs on the same data does that already: with
                it, only `store=False` is possible.

        Raises:
            UptimeError: An engine runs on the same data, and `store` is true; or it was called within
                a transaction.
        """
        return self._door.apart(lambda: self._checked(store=store))

    async def check_all(self, *, store: bool = True) -> list[HealthCheckResult]:
        """Do what `check_all_sync` does without blocking the event loop.

        The probes run in a thread of their own; the database is used in the thread that Django keeps
        for that. When the task is cancelled meanwhile, nothing is stored.

        Args:
            store: As in `check_all_sync`.

        Raises:
            UptimeError: As `check_all_sync`.
        """
        from asgiref.sync import sync_to_async

        opened = await sync_to_async(self._door.open)()
        if opened.settings.testing:
            return await sync_to_async(_not_asked)()
        from trueup.public.turn import Turn

        turn = Turn(opened, store=store)
        try:
            with in_words():
                await sync_to_async(turn.begin)()
                results = await asyncio.to_thread(turn.ask)
                await sync_to_async(turn.keep)()
        finally:
            await sync_to_async(turn.end)(disconnect=True)
        return results

    def get_all_components_status(self) -> dict[str, dict[str, Any]]:
        """Return how every component is, by its slug.

        Each has `name`; `status`, one of `up`, `degraded`, `down`, `unknown`, `paused`, `maintenance`;
        `since` and `last_check`, instants as text or None; `response_time_ms` of the last good answer or
        None; `uptime` with the keys `24h`, `7d`, `30d`, each a percentage, cut after three digits, or None
        where nothing is known of that time; `uptime_low` and `uptime_high`, the error band of the
        same; and `coverage`, how much of the same time was measured, in percent.

        These are the figures that the page and the API show. They never hold a guess.
        """
        return self._door.apart(self._components)

    def get_response_times(self, window: str = "24h") -> dict[str, dict[str, Any]]:
        """Return how long good answers took, by the slug of the check.

        Each has `component`, `answers`, their number, and `p50_ms`, `p95_ms`, `p99_ms`: the time that
        so many percent of them stayed at or under, None without an answer.

        Args:
            window: `24h`, `7d` or `30d`, ending now.

        Raises:
            UptimeError: The window is another one.
        """
        if window not in _WINDOWS:
            raise UptimeError(f"{window!r} is no window. Write one of {', '.join(_WINDOWS)}.")
        return self._door.apart(lambda: self._response_times(_WINDOWS[window]))

    def results(
        self, since: datetime | str | None = None, until: datetime | str | None = None
    ) -> Iterator[HealthCheckResult]:
        """Yield every stored result of the checks there are, check by check, in the order of asking.

        Results older than the retention of samples are gone. Why a probe failed is kept as its `cause`;
        the sentence belongs to the evidence.

        Args:
            since: From when on, with a time zone or in ISO 8601 with one; by default 24 hours ago.
            until: Up to when, this instant not included; by default now.

        Raises:
            UptimeError: An instant cannot be understood, or has no time zone.
        """
        start_us, end_us = window(since, until, time.time_ns() // 1000)
        names = self._door.apart(self._names)
        from trueup.public import stored

        for series, (component, check) in names.items():
            # The samples of one check at a time: what is read is bounded by what one check has.
            yield from self._door.apart(lambda: stored.results(series, start_us, end_us, component, check))  # noqa: B023

    def export(
        self,
        format: str = "json",  # noqa: A002 (the name that callers write)
        since: datetime | str | None = None,
        until: datetime | str | None = None,
    ) -> str:
        """Return stored results as text: `json` (an array), `jsonl` (an object a line) or `csv`.

        Args:
            format: `json`, `jsonl` or `csv`; the members are those of `HealthCheckResult.to_dict`.
            since: As in `results`.
            until: As in `results`.

        Raises:
            UptimeError: The format is not known, or an instant cannot be understood.
        """
        if format not in FORMATS:
            raise UptimeError(f"{format!r} is no format. Write one of {', '.join(FORMATS)}.")
        return results_as_text(self.results(since, until), format)

    def _checked(self, *, store: bool) -> list[HealthCheckResult]:
        opened = self._door.open()
        if opened.settings.testing:
            return _not_asked()
        from trueup.public.turn import Turn

        turn = Turn(opened, store=store)
        try:
            turn.begin()
            results = turn.ask()
            turn.keep()
        finally:
            turn.end()
        return results

    def _names(self) -> dict[int, tuple[str, str]]:
        self._door.open()
        from trueup.store.read import checks

        return checks.of_series()

    def _components(self) -> dict[str, dict[str, Any]]:
        with self._door.one:
            self._door.open()
            from trueup.figures.page import PageReader
            from trueup.public import stored
            from trueup.store.read import checks, position

            self._reader = self._reader or PageReader()
            page = self._reader.read(time.time_ns() // 1000, position.newest())
            return stored.components(page, checks.standings(), _WINDOWS)

    def _response_times(self, length_us: int) -> dict[str, dict[str, Any]]:
        names, now_us = self._names(), time.time_ns() // 1000
        from trueup.public import stored

        return stored.response_times(names, now_us - length_us, now_us)


def _not_asked() -> list[HealthCheckResult]:
    from trueup.store.read import checks

    why = "It was not asked: ENVIRONMENT=test lets nothing out."
    names = checks.of_series().values()
    return [
        HealthCheckResult(component, "unknown", error_message=why, check=check) for component, check in names
    ]

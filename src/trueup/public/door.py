"""How the classes of the Python API reach the database: opened once, and never in an event loop's thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from trueup.public.opening import Opened, in_words, open_database

T = TypeVar("T")


class Door:
    """A database that is opened at the first call. Safe for threads."""

    def __init__(self, config: str | Path | None, data: str | Path | None) -> None:
        """Remember where; nothing is opened yet."""
        self._config = None if config is None else Path(config)
        self._data = None if data is None else Path(data)
        self._opened: Opened | None = None
        self.one = threading.RLock()  # held by whoever works on what is kept between calls

    def open(self) -> Opened:
        """Open the database, or return how it was opened.

        Raises:
            UptimeError: People must mend something first.
        """
        with self.one:
            if self._opened is None:
                self._opened = open_database(self._config, self._data)
            return self._opened

    def apart(self, work: Callable[[], T]) -> T:
        """Work here, or in a thread of its own where an event loop runs: Django wants no database in it.

        Raises:
            UptimeError: What went wrong.
        """
        with in_words():
            if not _in_event_loop():
                return work()
            with ThreadPoolExecutor(1, thread_name_prefix="trueup") as pool:
                return pool.submit(_disconnecting, work).result()


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _disconnecting(work: Callable[[], T]) -> T:
    try:
        return work()
    finally:
        from django.db import connections

        connections.close_all()

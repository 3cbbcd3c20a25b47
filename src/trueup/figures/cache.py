"""Public documents as bytes, rendered once a revision and kept in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from trueup.figures.document import Document
from trueup.figures.page import Page, PageReader
from trueup.store.read import position
from trueup.store.read.position import Position

LOOK_US = 1_000_000  # how often the store is asked whether anything has changed
RENEW_US = 10_000_000  # how often figures that slide with time are made anew

Render = Callable[[Page], Document]


class Key(NamedTuple):
    """What a document is: its name, the page it is served for, who may see it, and in which variant."""

    document: str
    page: str = "default"
    audience: str = "public"
    variant: str = ""  # what else its bytes depend on, as an address that differs by where it is mounted


class Documents:
    """The documents of one process. Safe for threads: one renders, the others wait for it."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._reader = PageReader()
        self._page: Page | None = None
        self._at: Position | None = None
        self._looked_us = 0
        self._read_us = 0
        self._made: dict[Key, Document] = {}

    def fresh(self, key: Key, now_us: int) -> Document | None:
        """Return a document that needs no look into the store, if there is one."""
        return self._made.get(key) if 0 <= now_us - self._looked_us < LOOK_US else None

    def get(self, key: Key, render: Render, now_us: int) -> Document:
        """Return a document of the revision that holds at an instant, microseconds UTC.

        Raises:
            DatabaseError: The store cannot be read; nothing older is shown in its place.
        """
        with self._lock:
            try:
                page = self._current(now_us)
            except BaseException:
                self._forget()  # a reader that was interrupted may hold half of a change
                raise
            document = self._made.get(key)
            if document is None:
                document = self._made[key] = render(page)
            return document

    def _current(self, now_us: int) -> Page:
        if self._page is not None and 0 <= now_us - self._looked_us < LOOK_US:
            return self._page
        at = position.newest()
        page = self._page
        if page is None or at != self._at or not 0 <= now_us - self._read_us < RENEW_US:
            page = self._reader.read(now_us, at)
            # A new dictionary: who holds the old one still reads whole documents of one revision.
            self._page, self._at, self._read_us, self._made = page, at, now_us, {}
        self._looked_us = now_us
        return page


@lru_cache(maxsize=1)
def shared() -> Documents:
    """Return the documents of this process."""
    return Documents()

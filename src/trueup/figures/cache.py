"""Public documents as bytes, rendered once a revision and kept in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from trueup.domain.audience import Audience
from trueup.figures.document import Document
from trueup.figures.page import Page, PageReader
from trueup.figures.view import View, view
from trueup.store.read import page as pages
from trueup.store.read import position
from trueup.store.read.page import Directory
from trueup.store.read.position import Position

LOOK_US = 1_000_000  # how often the store is asked whether anything has changed
RENEW_US = 10_000_000  # how often figures that slide with time are made anew

Render = Callable[[View], Document]


class NoPageError(LookupError):
    """There is no such page for such an audience (any more)."""


class Key(NamedTuple):
    """What a document is: its name, the page it is served for, who may see it, and in which variant."""

    document: str
    page: str = "default"
    audience: Audience = Audience.PUBLIC
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
        self._read_us = 0
        self._looked: Position | None = None
        self._looked_us = 0
        self._listed: tuple[int, Directory] | None = None  # the pages, as of a configuration
        self._views: dict[tuple[str, Audience], View] = {}
        self._made: dict[Key, Document] = {}

    def fresh(self, key: Key, now_us: int) -> Document | None:
        """Return a document that needs no look into the store, if there is one."""
        if not (0 <= now_us - self._looked_us < LOOK_US and 0 <= now_us - self._read_us < RENEW_US):
            return None
        return self._made.get(key)

    def listed(self, now_us: int) -> Directory | None:
        """Return which pages there are, if that needs no look into the store."""
        found = self._listed
        return found[1] if found is not None and 0 <= now_us - self._looked_us < LOOK_US else None

    def directory(self, now_us: int) -> Directory:
        """Return which pages there are at an instant, microseconds UTC.

        Raises:
            DatabaseError: The store cannot be read; nothing older is shown in its place.
        """
        found = self.listed(now_us)
        if found is not None:
            return found
        with self._lock:
            return self._safely(self._look, now_us)

    def get(self, key: Key, render: Render, now_us: int) -> Document:
        """Return a document of the revision that holds at an instant, microseconds UTC.

        Raises:
            DatabaseError: The store cannot be read; nothing older is shown in its place.
            NoPageError: There is no such page, or it is not open to everybody and the audience is.
        """
        with self._lock:
            directory = self._safely(self._current, now_us)
            document = self._made.get(key)
            if document is None:
                document = render(self._view(key, directory))
                if key.audience is not Audience.PUBLIC:
                    document = document.private()
                self._made[key] = document
            return document

    def _safely(self, read: Callable[[int], Directory], now_us: int) -> Directory:
        try:
            return read(now_us)
        except BaseException:
            self._forget()  # a reader that was interrupted may hold half of a change
            raise

    def _look(self, now_us: int) -> Directory:
        """Look once a second whether anything changed, and return the pages there are."""
        if self._looked is None or not 0 <= now_us - self._looked_us < LOOK_US:
            at = position.newest()
            if at != self._at:
                self._made, self._views = {}, {}  # of a revision that is over
            if self._listed is None or self._listed[0] != at.config:
                self._listed = (at.config, pages.directory())
            self._looked, self._looked_us = at, now_us  # last: from here on others trust it
        assert self._listed is not None, "it was read"
        return self._listed[1]

    def _current(self, now_us: int) -> Directory:
        directory, at = self._look(now_us), self._looked
        assert at is not None, "it was looked"
        if self._page is None or at != self._at or not 0 <= now_us - self._read_us < RENEW_US:
            self._page = self._reader.read(now_us, at)
            # New dictionaries: who holds the old ones still reads whole documents of one revision.
            self._at, self._read_us, self._made, self._views = at, now_us, {}, {}
        return directory

    def _view(self, key: Key, directory: Directory) -> View:
        row = directory.of_slug(key.page)
        if row is None or (row.privacy != "public" and key.audience is Audience.PUBLIC):
            raise NoPageError(key.page)
        assert self._page is not None, "it was read"
        whose = (row.slug, key.audience)
        if whose not in self._views:
            self._views[whose] = view(self._page, directory, row, key.audience)
        return self._views[whose]


@lru_cache(maxsize=1)
def shared() -> Documents:
    """Return the documents of this process."""
    return Documents()

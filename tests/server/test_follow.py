"""The main thread of the engine: what it does after a poke, and how long it waits after a failure."""

from __future__ import annotations

from typing import cast

from django.db import OperationalError

from trueup.server import control, engine
from trueup.server.engine import Wake
from trueup.server.watcher import Watcher
from trueup.store.advisory import DatabaseLock


class ScriptedWake:
    """Hears one thing at each look, then it is time to stop; notes how long each look would have taken."""

    def __init__(self, *script: bytes | None) -> None:
        self._script = list(script)
        self.words: frozenset[bytes] = frozenset()
        self.waited: list[float | None] = []

    def wait(self, timeout_s: float | None) -> bool:
        self.waited.append(timeout_s)
        if not self._script:
            return False
        word = self._script.pop(0)
        self.words = frozenset() if word is None else frozenset((word,))
        return True


class ScriptedWatcher:
    """A pause has ended, until a reload succeeds: the first ones do not."""

    def __init__(self, failures: int, *, pause: bool = False) -> None:
        self._failures = failures
        self.a_pause_has_ended = pause
        self.reloads = 0

    def heard(self, words: frozenset[bytes]) -> None:
        pass

    def patience_s(self, most_s: float | None) -> float | None:
        return 0.0 if self.a_pause_has_ended else most_s

    def reload(self) -> None:
        self.reloads += 1
        if self.reloads <= self._failures:
            raise OperationalError("the server is gone")
        self.a_pause_has_ended = False


class ScriptedDatabase:
    """Cannot tell the newest revision at first; it stays the same."""

    def __init__(self, failures: int) -> None:
        self._failures = failures

    def newest_revision(self) -> int:
        self._failures -= 1
        if self._failures >= 0:
            raise OperationalError("the server is gone")
        return 7


def follow(wake: ScriptedWake, watcher: ScriptedWatcher, database: ScriptedDatabase | None = None) -> None:
    lock = None if database is None else cast("DatabaseLock", database)
    engine._follow(cast("Wake", wake), cast("Watcher", watcher), lock, 7)


def test_pause_that_ended_while_the_database_is_away_is_not_tried_without_rest() -> None:
    wake, watcher = ScriptedWake(None, None, None), ScriptedWatcher(2, pause=True)

    follow(wake, watcher)

    assert watcher.reloads == 3
    assert wake.waited == [0.0, 2.0, 2.0, None]


def test_poke_is_not_forgotten_where_the_database_cannot_be_asked_at_that_moment() -> None:
    wake, watcher = ScriptedWake(control.RELOAD, None, None), ScriptedWatcher(0)

    follow(wake, watcher, ScriptedDatabase(1))

    assert watcher.reloads == 1

"""Slow down those who try things out: failures by place, counted in the memory of this process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable


class Throttle:
    """Counts failures; safe for threads.

    Args:
        most: So many are let pass.
        within_us: In so long a time, microseconds; after it the count begins anew.
        room: How many places are remembered; the one that failed longest ago is forgotten first.
    """

    def __init__(self, most: int, within_us: int, room: int = 10_000) -> None:
        self._most = most
        self._within_us = within_us
        self._room = room
        self._lock = threading.Lock()
        self._found: OrderedDict[Hashable, tuple[int, int]] = OrderedDict()  # count, and since when

    def wait_us(self, who: Hashable, now_us: int) -> int:
        """Return how long somebody has to wait before the next try, 0 for not at all."""
        with self._lock:
            count, since_us = self._counted(who, now_us)
        return since_us + self._within_us - now_us if count >= self._most else 0

    def failed(self, who: Hashable, now_us: int) -> None:
        """Count a failure."""
        with self._lock:
            count, since_us = self._counted(who, now_us)
            self._found[who] = (count + 1, since_us)
            self._found.move_to_end(who)
            while len(self._found) > self._room:
                self._found.popitem(last=False)

    def clear(self) -> None:
        """Forget everybody."""
        with self._lock:
            self._found.clear()

    def _counted(self, who: Hashable, now_us: int) -> tuple[int, int]:
        count, since_us = self._found.get(who, (0, now_us))
        # A clock that was set back must not lock anybody out for long.
        return (count, since_us) if 0 <= now_us - since_us < self._within_us else (0, now_us)

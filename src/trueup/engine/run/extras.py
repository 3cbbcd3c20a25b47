"""Probes beside the grid: at edges, of new checks, on request; together limited."""

from __future__ import annotations

import heapq
from collections import deque

from trueup.engine.run.limiter import Limiter

FLOOR = 20  # extra probes a second that are always allowed
_GRAIN_US = 20_000  # extra probes fall together where 20 ms do not matter


class Extras:
    """When each series is to be asked beside its grid: one wish a series; time passed in."""

    def __init__(self, now_us: int) -> None:
        self._limiter = Limiter(FLOOR, now_us)
        self._wishes: dict[int, int] = {}  # series -> when
        self._heap: list[tuple[int, int]] = []
        self._ready: deque[tuple[int, int]] = deque()  # due, waiting for a token

    def __len__(self) -> int:
        return len(self._wishes)

    def set_pace(self, base_per_second: int, now_us: int) -> None:
        """Limit all together to the pace of the base grid, or to ``FLOOR`` where that is more."""
        self._limiter.set_rate(max(base_per_second, FLOOR), now_us)

    def wish(self, series: int, at_us: int) -> None:
        """Ask for a probe at an instant, instead of what was wished for this series before."""
        at_us = -(-at_us // _GRAIN_US) * _GRAIN_US
        self._wishes[series] = at_us
        heapq.heappush(self._heap, (at_us, series))

    def forget(self, series: int) -> None:
        """Drop what was wished for a series."""
        self._wishes.pop(series, None)

    def clear(self) -> None:
        """Drop every wish."""
        self._wishes.clear()
        self._heap.clear()
        self._ready.clear()

    def charge(self, now_us: int) -> None:
        """Count a probe that could not wait against the limit."""
        self._limiter.charge(now_us)

    def take(self, now_us: int) -> int | None:
        """Return a series to be asked now, or ``None``; its wish is gone."""
        while self._heap and self._heap[0][0] <= now_us:
            self._ready.append(heapq.heappop(self._heap))
        self._prune()
        if not self._ready or not self._limiter.take(now_us):
            return None
        series = self._ready.popleft()[1]
        del self._wishes[series]
        return series

    def next_us(self, now_us: int) -> int | None:
        """Return when there will be a series to ask, or ``None``."""
        self._prune()
        if self._ready:
            return self._limiter.next_us(now_us)
        return self._heap[0][0] if self._heap else None

    def _prune(self) -> None:
        """Drop what was forgotten or wished anew from the front of both queues."""
        ready, heap, wishes = self._ready, self._heap, self._wishes
        while ready and wishes.get(ready[0][1]) != ready[0][0]:
            ready.popleft()
        while heap and wishes.get(heap[0][1]) != heap[0][0]:
            heapq.heappop(heap)

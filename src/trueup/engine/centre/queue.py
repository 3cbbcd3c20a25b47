"""When each series will have been silent for too long: one queue for the ticker."""

from __future__ import annotations

import heapq
from collections.abc import Mapping

from trueup.domain.state import silent_at_us
from trueup.engine.centre.live import Live


class Queue:
    """Series by the instant at which silence is due.

    A result only ever moves that instant, and nothing is done about it then: an instant that comes up is
    looked at again. So a result costs nothing here, and a series comes up about once an interval.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[int, int]] = []

    def add(self, live: Live) -> None:
        """Give a series its place, if it can fall silent."""
        at_us = _due_us(live)
        if at_us is not None and not live.queued:
            live.queued = True
            heapq.heappush(self._heap, (at_us, live.watched.series))

    def due(self, lives: Mapping[int, Live], now_us: int) -> list[Live]:
        """Return the series that have been silent for too long; each keeps its place until it is settled."""
        found = []
        while (next_us := self.next_us(lives)) is not None and next_us <= now_us:
            live = lives[heapq.heappop(self._heap)[1]]
            live.queued = False
            found.append(live)
        return found

    def next_us(self, lives: Mapping[int, Live]) -> int | None:
        """Return when the next series falls silent if nothing comes of it, None when none can."""
        heap = self._heap
        while heap:
            noted_us, series = heap[0]
            at_us = _due_us(lives[series])
            if at_us == noted_us:
                return at_us
            if at_us is None:
                heapq.heappop(heap)
                lives[series].queued = False
            else:
                heapq.heapreplace(heap, (at_us, series))
        return None


def _due_us(live: Live) -> int | None:
    return silent_at_us(live.standing.track, live.patience_us)

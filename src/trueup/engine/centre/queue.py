"""When each series will have been silent for too long: one queue for the ticker."""

from __future__ import annotations

import heapq
from collections.abc import Mapping

from trueup.engine.centre.live import Live


class Queue:
    """Series by the instant at which time alone makes something of them: silence, or a call that is due.

    A result mostly moves that instant on, and nothing is done about it then: an instant that comes up is
    looked at again. So a result costs nothing here, and a series comes up about once an interval.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[int, int]] = []

    def add(self, live: Live) -> None:
        """Give a series its place, if it can fall silent."""
        at_us = live.due_us
        if at_us is not None and (live.queued_us is None or at_us < live.queued_us):
            live.queued_us = at_us  # a later place that it had is passed over when it comes up
            heapq.heappush(self._heap, (at_us, live.watched.series))

    def due(self, lives: Mapping[int, Live], now_us: int) -> list[Live]:
        """Return the series that have been silent for too long; each keeps its place until it is settled."""
        found = []
        while (next_us := self.next_us(lives)) is not None and next_us <= now_us:
            live = lives[heapq.heappop(self._heap)[1]]
            live.queued_us = None
            found.append(live)
        return found

    def next_us(self, lives: Mapping[int, Live]) -> int | None:
        """Return when the next series falls silent if nothing comes of it, None when none can."""
        heap = self._heap
        while heap:
            noted_us, series = heap[0]
            live = lives[series]
            if live.queued_us != noted_us:
                heapq.heappop(heap)
                continue
            at_us = live.due_us
            if at_us == noted_us:
                return at_us
            live.queued_us = at_us
            if at_us is None:
                heapq.heappop(heap)
            else:
                heapq.heapreplace(heap, (at_us, series))
        return None

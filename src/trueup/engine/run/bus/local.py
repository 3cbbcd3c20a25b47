"""The bus of one machine: a bounded queue between two threads."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trueup.engine.run.batch import count
from trueup.engine.run.bus.base import Bus, Fire, Lag
from trueup.engine.run.plan import Assignment

ROOM = 32 * 1024 * 1024  # bytes: most of a million results, more than an hour of 10,000 checks a minute


@dataclass(frozen=True, slots=True)
class _Message:
    bus: LocalBus
    msg_id: str
    payload: bytes
    put_s: float

    def ack(self) -> None:
        """Say that it is stored."""
        self.bus._acknowledge(self)


class LocalBus(Bus):
    """Six verbs in one process, safe in any thread; one thread takes the results.

    Args:
        room: How many bytes of results may wait.
    """

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._changed = threading.Condition()
        self._queue: deque[_Message] = deque()
        self._ids: set[str] = set()
        self._bytes = 0
        self._results = 0
        self._closed = self._woken = False
        self._assigned: Sequence[Assignment] | None = None
        self._takes_config: list[Callable[[Sequence[Assignment]], None]] = []
        self._takes_fires: list[Callable[[Fire], None]] = []

    def assign(self, assignments: Sequence[Assignment]) -> None:
        """Hand out all assignments: the centre's side of ``config``."""
        with self._changed:
            self._assigned = assignments
            takers = tuple(self._takes_config)
        for take in takers:
            take(assignments)

    def config(self, take: Callable[[Sequence[Assignment]], None]) -> None:
        """Call ``take`` with all assignments, and again whenever they change."""
        with self._changed:
            self._takes_config.append(take)
            assigned = self._assigned
        if assigned is not None:
            take(assigned)

    def fires(self, take: Callable[[Fire], None]) -> None:
        """Call ``take`` for each probe that is asked for; slots come from the worker's own plan."""
        with self._changed:
            self._takes_fires.append(take)

    def ask(self, series: Sequence[int], reason: str = "ask") -> None:
        """Have series probed now."""
        with self._changed:
            takers = tuple(self._takes_fires)
        for take in takers:
            take(Fire(tuple(series), reason))

    def put_result(self, msg_id: str, payload: bytes) -> bool:
        """Keep a batch; return whether there was room."""
        with self._changed:
            if msg_id in self._ids:
                return True
            if self._closed or (self._queue and self._bytes + len(payload) > self._room):
                return False
            self._queue.append(_Message(self, msg_id, payload, time.monotonic()))
            self._ids.add(msg_id)
            self._bytes += len(payload)
            self._results += count(payload)
            self._changed.notify_all()
        return True

    def results(self, wait_s: float | None = None) -> _Message | None:
        """Return the oldest batch that is not acknowledged, or ``None`` after the wait or the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closed or self._woken, wait_s)
            self._woken = False
            return self._queue[0] if self._queue else None

    def wake(self) -> None:
        """Have whoever waits for results look up, though there may be none."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def lag(self) -> Lag:
        """Return how much waits for the centre."""
        with self._changed:
            age_s = time.monotonic() - self._queue[0].put_s if self._queue else 0.0
            return Lag(len(self._queue), self._results, self._bytes, int(age_s * 1e6))

    @property
    def closed(self) -> bool:
        """Return whether nothing more will come."""
        return self._closed

    def close(self) -> None:
        """Take no more; whoever waits for results gets what is left, then ``None``."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _acknowledge(self, message: _Message) -> None:
        with self._changed:
            if message.msg_id not in self._ids:
                return
            self._queue.remove(message)
            self._ids.discard(message.msg_id)
            self._bytes -= len(message.payload)
            self._results -= count(message.payload)
            self._changed.notify_all()

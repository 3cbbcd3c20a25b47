"""What fell due in a slot, a few starts at a time, so that none queues behind the others."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from trueup.engine.run.plan import SECOND_US, Due, Plan

_TOGETHER = 24  # starts in one go: a slot that chance has filled a little is not yet worth a second wake-up
_GAP_US = 2_000  # between two portions of a dense slot, at least: the loop's clock has a grain of 1 ms


class Start(NamedTuple):
    """A base probe, when it should start and, where we are late, when it may."""

    series: int
    due_us: int
    ideal_us: int
    start_us: int


class Slots:
    """The queue between the plan and the worker; time passed in."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._queue: deque[Start] = deque()

    def __len__(self) -> int:
        return len(self._queue)

    def next_us(self) -> int | None:
        """Return when there is something to start, or ``None``."""
        planned = self._plan.next_us()
        if not self._queue:
            return planned
        first = self._queue[0].start_us
        return first if planned is None else min(first, planned)

    def fill(self, now_us: int) -> None:
        """Take from the plan what is due."""
        taken = self._plan.take(now_us)
        if taken:
            begin = max(now_us, self._queue[-1].start_us) if self._queue else now_us
            self._queue.extend(spread(taken, begin, self._plan.width, self._plan.per_second))

    def pop(self, now_us: int) -> Start | None:
        """Return the next probe that may start, or ``None``."""
        if self._queue and self._queue[0].start_us <= now_us:
            return self._queue.popleft()
        return None

    def clear(self) -> int:
        """Forget what waits; return how many that were."""
        waiting = len(self._queue)
        self._queue.clear()
        return waiting


def spread(taken: Sequence[Due], now_us: int, width: int, per_second: int) -> list[Start]:
    """Spread what fell due over the width of a slot, a few at a time.

    What was taken late is spread from now on, at four times the usual pace at most, so that a stall
    is not followed by a storm.

    Args:
        taken: What fell due, in order; at least one.
        now_us: When it is taken, or may start at the earliest.
        width: Of a slot, microseconds.
        per_second: The usual pace.
    """
    slot_us = now_us - now_us % width
    if len(taken) <= _TOGETHER and taken[0].due_us > slot_us - width:  # mostly
        return [Start(series, due_us, slot_us, slot_us) for series, due_us in taken]
    span = max(width, len(taken) * SECOND_US // max(400, 4 * per_second))
    together = max(_TOGETHER, -(-len(taken) * _GAP_US // span))
    portions = -(-len(taken) // together)
    together = -(-len(taken) // portions)
    gap = span // portions
    ends = [-(-each.due_us // width) * width for each in taken]
    if ends[0] == slot_us:  # on time: the drip belongs to the plan
        starts = (slot_us + place // together * gap for place in range(len(taken)))
        return [Start(*each, start, start) for each, start in zip(taken, starts, strict=True)]
    return [
        Start(*each, end, now_us + place // together * gap)
        for place, (each, end) in enumerate(zip(taken, ends, strict=True))
    ]

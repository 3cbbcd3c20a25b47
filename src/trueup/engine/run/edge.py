"""When to look again: extra probes that narrow the edges of an outage."""

from __future__ import annotations

from trueup.domain.result import State

SECOND_US = 1_000_000
BURST_US = tuple(s * SECOND_US for s in (1, 1, 2, 4, 7))  # after the end of the one before: 1 2 4 8 15 s
STEADY_US = 5 * SECOND_US
STEADY_FOR_US = 600 * SECOND_US
# A check that flaps at every probe would start its burst for ever: what an outage of ten minutes
# takes is enough for it too.
ALLOWANCE = 150
ALLOWANCE_US = 600 * SECOND_US


class Edge:
    """What one check's answers say about looking again; time passed in."""

    __slots__ = ("_burst", "_failing_since_us", "_given", "_last", "_window_us")

    def __init__(self) -> None:
        self._last: State | None = None
        self._burst = len(BURST_US)  # the next step of the burst; its length: none runs
        self._failing_since_us: int | None = None
        self._window_us = 0
        self._given = 0

    @property
    def failing(self) -> bool:
        """Return whether the last answer was not up."""
        return self._failing_since_us is not None

    def after(self, state: State, answered_us: int, *, recover: int = 1) -> int | None:
        """Take in an answer as judged; return when to ask again beside the grid, or ``None``.

        A burst begins where an answer differs from the one before; the first answer of all differs
        when it is not up, or when it takes more than one to be believed.
        """
        if state is State.UP and self._last is State.UP and self._burst == len(BURST_US):
            return None  # by far the most answers
        before, self._last = self._last, state
        if state is State.UP:
            self._failing_since_us = None
        elif self._failing_since_us is None:
            self._failing_since_us = answered_us
        if state is not before and (before is not None or state is not State.UP or recover > 1):
            self._burst = 0
        delay = self._delay(answered_us)
        return answered_us + delay if delay and self._allowed(answered_us) else None

    def _delay(self, now_us: int) -> int:
        if self._burst < len(BURST_US):
            self._burst += 1
            return BURST_US[self._burst - 1]
        since = self._failing_since_us
        return STEADY_US if since is not None and now_us - since < STEADY_FOR_US else 0

    def _allowed(self, now_us: int) -> bool:
        if now_us - self._window_us >= ALLOWANCE_US:
            self._window_us, self._given = now_us, 0
        self._given += 1
        return self._given <= ALLOWANCE

"""One round without a grid: every check is asked once, now."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from trueup.domain.result import Result, State
from trueup.engine.run.batch import unpack_batch
from trueup.engine.run.bus.local import LocalBus
from trueup.engine.run.clock import EngineClock
from trueup.engine.run.flights import Flights
from trueup.engine.run.limits import allowed, raise_open_files
from trueup.engine.run.outlet import Outlet
from trueup.engine.run.plan import Assignment
from trueup.engine.run.ports import Asks, Timers
from trueup.engine.run.roster import Roster
from trueup.engine.run.selfwatch import SelfWatch
from trueup.engine.run.track import Track

_TOGETHER = 8  # starts in one go; then a gap, so that none queues behind the others
_GAP_US = 10_000


class Round:
    """Asks, judges and gathers as the worker does, without looking again; lives in the loop's thread.

    Args:
        done: Is given every result once the last one is decided.
    """

    def __init__(
        self,
        assignments: Sequence[Assignment],
        *,
        asks: Asks,
        timers: Timers,
        clock: EngineClock,
        selfwatch: SelfWatch,
        done: Callable[[list[Result]], None],
        region: str = "local",
    ) -> None:
        self._timers, self._clock, self._watch, self._done = timers, clock, selfwatch, done
        self._bus = LocalBus()
        self._outlet = Outlet(self._bus, timers, clock, region)
        self._flights = Flights(
            asks=asks,
            clock=clock,
            selfwatch=selfwatch,
            outlet=self._outlet,
            landed=self._landed,
            overdue=lambda _now_us: 0,
        )
        self._roster = Roster(clock.now_us())
        self._roster.assign(assignments, clock.now_us())
        self._room = allowed(assignments, raise_open_files())
        self._waiting = deque(each.series for each in assignments)
        self._paced = self._over = False
        selfwatch.concluded = self._end_if_done

    def begin(self) -> None:
        """Ask."""
        self._paced = False
        for _ in range(_TOGETHER):
            if not self._waiting or len(self._flights) >= self._room:
                break
            self._ask(self._waiting.popleft())
        if self._waiting and len(self._flights) < self._room and not self._paced:
            self._paced = True
            self._timers.call_at(self._clock.monotonic_s(self._clock.now_us() + _GAP_US), self.begin)
        self._end_if_done()

    def _ask(self, series: int) -> None:
        track = self._roster.urge(series, self._clock.now_us())
        if track is not None:
            # What it was before is not known here: a good answer may be the first one after an outage.
            track.trail.failing = True
            self._flights.begin(track)

    def _landed(self, _track: Track, _state: State, _answered_us: int) -> None:
        if self._waiting and not self._paced:
            self._paced = True
            self._timers.call_soon_threadsafe(self.begin)
        self._end_if_done()

    def _end_if_done(self) -> None:
        if self._over or self._waiting or self._flights or self._watch.waiting:
            return
        self._over = True
        self._outlet.flush()
        self._bus.close()
        results: list[Result] = []
        while (delivery := self._bus.results()) is not None:
            results += unpack_batch(delivery.payload)
            delivery.ack()
        self._done(results)

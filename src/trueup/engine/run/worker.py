"""The worker of a region: asks every check at its time, and looks again where something changed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial

from trueup.domain.result import State
from trueup.engine.run.bus.base import Bus, Fire
from trueup.engine.run.clock import EngineClock
from trueup.engine.run.flights import Flights
from trueup.engine.run.limits import allowed, raise_open_files
from trueup.engine.run.outlet import Outlet
from trueup.engine.run.plan import SECOND_US, Assignment
from trueup.engine.run.ports import Asks, Timer, Timers
from trueup.engine.run.roster import Roster
from trueup.engine.run.selfwatch import SelfWatch
from trueup.engine.run.slots import Start
from trueup.engine.run.track import Track
from trueup.engine.run.vitals import Lateness, Vitals

_log = logging.getLogger(__name__)

_AT_ONCE = 8  # series of one call that do not wait for the limiter
_STALL_US = SECOND_US  # a loop that is so late is looked at more closely


class EngineWorker:
    """Plans, asks, judges and sends; lives in the thread of its loop.

    ``start``, ``set_assignments``, ``ask``, ``stop`` and ``vitals`` may be called from any thread.

    Args:
        asks: Who asks, e.g. ``probes.ask.Asker``.
        timers: The loop in whose thread the answers come, e.g. ``net.multi.Loop``.
        region: The slug of the region, part of every message id.
        open_files: How many files the process may open; by default the soft limit is raised to the
            hard one and taken.
    """

    def __init__(
        self,
        *,
        asks: Asks,
        timers: Timers,
        bus: Bus,
        clock: EngineClock,
        selfwatch: SelfWatch,
        region: str = "local",
        open_files: int | None = None,
    ) -> None:
        self._timers = timers
        self._bus = bus
        self._clock = clock
        self._watch = selfwatch
        self._open_files = raise_open_files() if open_files is None else open_files
        self._outlet = Outlet(bus, timers, clock, region)
        self._flights = Flights(
            asks=asks,
            clock=clock,
            selfwatch=selfwatch,
            outlet=self._outlet,
            landed=self._landed,
            overdue=self._overdue,
        )
        self._roster = Roster(clock.now_us())
        self._room = 0  # for probes in flight
        self._steps, self._epoch = clock.steps, clock.epoch
        self._timer: Timer | None = None
        self._armed_us = 0
        self._stopped: Future[None] | None = None
        self._skipped = self._missed = 0
        self.lateness = Lateness()
        selfwatch.concluded = self._drained

    def start(self) -> None:
        """Begin to take assignments and calls from the bus."""
        self._bus.config(self.set_assignments)
        self._bus.fires(self._fire)

    def set_assignments(self, assignments: Sequence[Assignment]) -> None:
        """Ask exactly these from now on; what is new or changed is asked at once, within the limiter."""
        self._timers.call_soon_threadsafe(partial(self._assign, tuple(assignments)))

    def ask(self, series: Sequence[int]) -> None:
        """Probe series now, beside their grid; one that is being asked is not asked twice."""
        self._fire(Fire(tuple(series), "ask"))

    def stop(self, grace_s: float = 10.0) -> Future[None]:
        """Start nothing more and send what is in flight; the future is done when all is on the bus.

        Args:
            grace_s: What has no answer by then is given up; a time-out may be longer.
        """
        stopped: Future[None] = Future()
        self._timers.call_soon_threadsafe(partial(self._drain, stopped, grace_s))
        return stopped

    def vitals(self) -> Vitals:
        """Return how the worker fares."""
        flights, lag = self._flights, self._bus.lag()
        return Vitals(
            checks=len(self._roster),
            in_flight=len(flights),
            started=flights.started,
            answered=flights.answered,
            skipped=self._skipped,
            missed=self._missed + self._roster.missed,
            withdrawn=flights.withdrawn,
            lost=self._outlet.lost,
            internal=flights.internal,
            waiting=self._watch.waiting,
            rounds=self._watch.rounds,
            queue=lag.results,
            queue_age_us=lag.oldest_us,
            lag_us=self.lateness.last_us,
            steps=self._clock.steps,
        )

    def _assign(self, assignments: Sequence[Assignment]) -> None:
        if self._stopped is None:
            self._room = allowed(assignments, self._open_files)
            self._roster.assign(assignments, self._clock.now_us())
            self._arm()

    def _fire(self, fire: Fire) -> None:
        self._timers.call_soon_threadsafe(partial(self._fired, fire))

    def _fired(self, fire: Fire) -> None:
        if self._stopped is not None:
            return
        now_us = self._clock.now_us()
        for place, series in enumerate(fire.series):
            if place >= _AT_ONCE:
                self._roster.wish(series, now_us)
            elif (track := self._roster.urge(series, now_us)) is not None:
                self._flights.begin(track)
        self._arm()

    def _wake(self) -> None:
        self._timer = None
        try:
            self._start_what_is_due()
        finally:  # whatever went wrong, the rest is due too
            self._arm()

    def _start_what_is_due(self) -> None:
        now_us = self._clock.now_us()
        late_us = now_us - self._armed_us
        if late_us > _STALL_US:
            _log.warning("the loop stood still for %d ms.", late_us // 1000)
            self._flights.blind(late_us)
            self._roster.stalled(late_us, now_us)
        if self._clock.observe():
            self._stepped()
            now_us = self._clock.now_us()
        self._roster.fill(now_us)
        room = self._room - len(self._flights)
        while room > 0 and (due := self._roster.pop_base(now_us)) is not None:
            self._base(*due)
            room -= 1
        while room > 0 and (track := self._roster.pop_extra(now_us)) is not None:
            self._flights.begin(track)
            room -= 1

    def _base(self, start: Start, track: Track) -> None:
        if track.flight is not None and not self._flights.lost(track):
            self._skipped += 1
            # What flies was asked before this slot: by the next one more than an interval has passed.
            self._roster.hurry(track, start.due_us)
        elif track.number_in(start.due_us // SECOND_US, base=True):
            self.lateness.add(self._flights.begin(track) - start.ideal_us)

    def _landed(self, track: Track, state: State, answered_us: int) -> None:
        if self._stopped is not None:
            self._drained()
            return
        again = self._roster.answered(track, state, answered_us)
        if self._steps != self._clock.steps:
            self._stepped()
        if again or self._timer is None:
            self._arm()

    def _stepped(self) -> None:
        clock = self._clock
        back, self._epoch, self._steps = clock.epoch != self._epoch, clock.epoch, clock.steps
        _log.warning(
            "the wall clock was moved %s; engine time goes on at %d us UTC in epoch %d.",
            "back" if back else "forward",
            clock.now_us(),
            clock.epoch,
        )
        self._roster.stepped(clock.now_us(), back=back)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _overdue(self, now_us: int) -> int:
        """Return by how much the loop is behind what it was to do next."""
        return now_us - self._armed_us if self._timer is not None else 0

    def _arm(self) -> None:
        """Wake up when something is to be started, and not before."""
        if self._stopped is not None or len(self._flights) >= self._room:
            return  # the next answer makes room and comes back here
        now_us = self._clock.now_us()
        due_us = self._roster.next_us(now_us)
        if due_us is None or (self._timer is not None and self._armed_us <= due_us):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._armed_us = max(due_us, now_us)
        self._timer = self._timers.call_at(self._clock.monotonic_s(self._armed_us), self._wake)

    def _drain(self, stopped: Future[None], grace_s: float) -> None:
        if self._stopped is not None:  # it was told before: both are told when it is done
            self._stopped.add_done_callback(lambda _: stopped.set_result(None))
            return
        self._stopped = stopped
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._missed += self._roster.clear()
        self._armed_us = self._clock.now_us() + int(grace_s * 1e6)
        self._timer = self._timers.call_at(self._clock.monotonic_s(self._armed_us), self._end)
        self._drained()

    def _drained(self) -> None:
        if self._stopped is not None and not self._flights and not self._watch.waiting:
            self._end()

    def _end(self) -> None:
        self._watch.conclude()  # comes back here where nothing is in flight any more
        if self._stopped is None or self._stopped.done():
            return
        self._outlet.flush()
        if self._flights:
            _log.warning("%d probes had no answer before the stop and are given up.", len(self._flights))
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._stopped.set_result(None)

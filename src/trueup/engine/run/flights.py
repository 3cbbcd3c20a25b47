"""From a question to a result: what is in flight, judged where it lands."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from functools import partial

from trueup.domain import record
from trueup.domain.expect import judge
from trueup.domain.result import Detail, Facts, FailureClass, Judgement, Result, State
from trueup.domain.text import Text
from trueup.engine.run.clock import EngineClock
from trueup.engine.run.evidence import detail_of
from trueup.engine.run.outlet import Outlet
from trueup.engine.run.ports import Answer, Asks
from trueup.engine.run.selfwatch import SelfWatch
from trueup.engine.run.track import Flight, Track

_log = logging.getLogger(__name__)

_LOST_US = 5_000_000  # after its deadline a probe that has not ended never will
_LONGEST_US = 2**32 - 1  # what a record holds: a probe that slept longer, with its machine, is withdrawn
_PROVES_NOTHING = (FailureClass.INTERNAL, FailureClass.WITHDRAWN)  # of the target: our fault, or nobody told
_LOOK_US = 10_000  # between two looks at the wall clock: what lands meanwhile began before a step

Landed = Callable[[Track, State, int], None]


class Flights:
    """The probes in flight, one a series at most; in the loop's thread.

    Args:
        landed: Called after each answer with its state as judged and when it was answered.
        overdue: Returns by how much the loop is late now, microseconds.
    """

    def __init__(
        self,
        *,
        asks: Asks,
        clock: EngineClock,
        selfwatch: SelfWatch,
        outlet: Outlet,
        landed: Landed,
        overdue: Callable[[int], int],
    ) -> None:
        self._asks = asks
        self._clock = clock
        self._watch = selfwatch
        self._outlet = outlet
        self._landed = landed
        self._overdue = overdue
        self._flying: set[Flight] = set()
        self._look_us = 0  # when the wall clock is to be looked at again
        self.started = self.answered = self.withdrawn = self.internal = 0

    def __len__(self) -> int:
        return len(self._flying)

    def begin(self, track: Track) -> int:
        """Ask what a track asks, under the key it has reached; return when, engine time."""
        clock = self._clock
        begun_ns = clock.monotonic_ns()
        begun_us = clock.at_us(begun_ns)
        flight = track.flight = Flight(track, begun_us, begun_ns, clock.epoch, clock.steps)
        self._flying.add(flight)
        self.started += 1
        assignment = flight.assignment
        try:
            self._asks.start(assignment.probe, assignment.timeout_us / 1e6, partial(self._answer, flight))
        except Exception as error:  # noqa: BLE001 - one probe's fault is told, the others go on
            self._fault(flight, error)
        return begun_us

    def blind(self, late_us: int) -> None:
        """Take note that the loop stood still: what was in flight meanwhile proves nothing."""
        for flight in self._flying:
            if late_us > flight.assignment.interval_us:
                flight.blind = True

    def lost(self, track: Track) -> bool:
        """Give a probe up that should have ended long ago; return whether it was."""
        flight = track.flight
        if flight is None:
            return False
        flown_us = (self._clock.monotonic_ns() - flight.begun_ns) // 1000  # engine time may have leapt
        if flown_us < flight.assignment.timeout_us + _LOST_US:
            return False
        if not flight.suspect:  # the loop may have stood still and has its answer next
            flight.suspect = True
            return False
        self._fault(flight, RuntimeError("it has not ended by its deadline"))
        return True

    def _answer(self, flight: Flight, answer: Answer) -> None:
        if flight.over:
            return
        try:
            self._land(flight, answer)
        except Exception as error:  # noqa: BLE001 - one probe's fault is told, the others go on
            self._fault(flight, error)

    def _land(self, flight: Flight, answer: Answer) -> None:
        assignment, facts = flight.assignment, answer.facts
        waited_us = max(0, (answer.asked_mono_ns - flight.begun_ns) // 1000)
        asked_us = flight.begun_us + waited_us
        asked_us -= asked_us % 1000
        duration_us = min(answer.duration_us, _LONGEST_US)
        if self._goes_on(flight, facts, asked_us, duration_us):
            return
        answered_us = asked_us + duration_us
        expect, degraded_when = assignment.expect, assignment.degraded_when
        judged = judge(facts, duration_us, answered_us, expect, degraded_when, flight.asks)
        if judged.cause in _PROVES_NOTHING:
            self.internal += judged.cause is FailureClass.INTERNAL
            judged = Judgement(State.UNKNOWN, judged.cause, judged.text)
        status = facts.values.get("status", 0)
        result = Result(
            assignment.series,
            flight.slot,
            flight.number,
            flight.epoch,
            asked_us,
            duration_us,
            judged.state,
            judged.cause,
            status if isinstance(status, int) and 0 <= status < 65_536 else 0,
            facts.phases,
        )
        track = flight.track
        detail = detail_of(facts, judged.text, None if judged.text else track.trail.detail)
        self._end(flight)
        track.said = False
        self._give(flight, result, detail, facts)
        self._landed(track, judged.state, answered_us)

    def _goes_on(self, flight: Flight, facts: Facts, asked_us: int, duration_us: int) -> bool:
        """Take a good answer like the one before it, as nearly all are; return whether it was one.

        It does what ``_land`` does with such an answer, without the objects that nobody would look at.
        """
        track, series = flight.track, flight.assignment.series
        status = facts.values.get("status")
        if (
            facts.failure is not None
            or type(status) is not int
            or status not in track.accepts
            or flight.assignment is not track.assignment
            or not track.trail.repeats(facts)
            or self._watch.holds(series)
        ):
            return False
        now_us = self._look()
        if self._is_blind(flight, duration_us, now_us):
            return False
        key = (series, flight.slot, flight.number, flight.epoch)
        packed = record.packed_good(key, asked_us, duration_us, status, facts.phases)
        self._end(flight)
        track.said = False
        self._watch.fine(now_us)
        track.trail.goes_on(packed)
        self._outlet.put_packed(packed)
        self._landed(track, State.UP, asked_us + duration_us)
        return True

    def _look(self) -> int:
        """Return engine time; now and then the wall clock is looked at."""
        now_us = self._clock.now_us()
        if now_us >= self._look_us:
            self._clock.observe()
            self._look_us = self._clock.now_us() + _LOOK_US
        return now_us

    def _give(self, flight: Flight, result: Result, detail: Detail, facts: Facts) -> None:
        """Let a result out at once, or when it is known that our own network lives."""
        now_us = self._look()
        withdrawn = self._is_blind(flight, result.duration_us, now_us)
        track, watch = flight.track, self._watch
        failure = facts.failure
        if failure is None:
            watch.fine(now_us)
            if not watch.holds(result.series):
                self._out(track, result, detail, withdrawn)
                return
        give = partial(self._out, track, result, detail)
        if withdrawn or failure is None or result.state is State.UNKNOWN:
            watch.pass_on(result.series, give, withdrawn=withdrawn)
            return
        host = facts.address or track.host
        watch.take(result.series, host, failure.cause, now_us, flight.assignment.interval_us, give)

    def _is_blind(self, flight: Flight, duration_us: int, now_us: int) -> bool:
        """Return whether the clock stepped or the loop stood still while this was in flight."""
        if flight.blind or flight.steps != self._clock.steps:
            return True
        interval_us = flight.assignment.interval_us
        late_us = duration_us - flight.assignment.timeout_us
        return late_us > interval_us or self._overdue(now_us) > interval_us

    def _out(self, track: Track, result: Result, detail: Detail, withdrawn: bool) -> None:
        if withdrawn and result.state is not State.UNKNOWN:
            self.withdrawn += 1
            result = dataclasses.replace(result, state=State.UNKNOWN, cause=FailureClass.WITHDRAWN)
        result, changed = track.trail.attach(result, detail)
        self._outlet.put(result, urgent=changed)

    def _fault(self, flight: Flight, error: Exception) -> None:
        """End a probe by a fault of ours: its time is unknown, the others go on."""
        if flight.over:
            _log.error("a fault in trueup after a probe of %s", flight.asks, exc_info=error)
            return
        track, assignment = flight.track, flight.assignment
        if not track.said:
            track.said = True
            _log.error("a fault in trueup in a probe of %s", flight.asks, exc_info=error)
        self.internal += 1
        self._end(flight)
        now_us = self._clock.now_us()
        asked_us = flight.begun_us - flight.begun_us % 1000
        result = Result(
            assignment.series,
            flight.slot,
            flight.number,
            flight.epoch,
            asked_us,
            min(max(0, now_us - asked_us), _LONGEST_US),
            State.UNKNOWN,
            FailureClass.INTERNAL,
        )
        text = Text("internal", {"error": f"{type(error).__name__}: {error}"})
        give = partial(self._out, track, result, Detail(text=text))
        self._watch.pass_on(assignment.series, give, withdrawn=False)
        self._landed(track, State.UNKNOWN, now_us)

    def _end(self, flight: Flight) -> None:
        flight.over = True
        self._flying.discard(flight)
        if flight.track.flight is flight:
            flight.track.flight = None
        self.answered += 1

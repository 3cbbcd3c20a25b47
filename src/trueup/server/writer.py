"""The writer of the engine's process: takes batches from the bus and stores them, one thread for ever.

It wakes up for a batch, for a series that falls silent and for its own sign of life, and else sleeps.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from time import monotonic, perf_counter, sleep

from trueup.domain.result import Result
from trueup.engine.centre.ingest import Centre, NotStoredError
from trueup.engine.run.batch import records_of, results_of
from trueup.engine.run.bus.base import Delivery
from trueup.engine.run.bus.local import LocalBus

log = logging.getLogger("trueup.engine")

_AGAIN_S = (0.1, 0.5, 1.0, 2.0, 5.0)  # between attempts to store; the last one from then on
_TRIES = 3  # of a batch that fails by a fault of ours: then it is given up, not tried for ever
_LAST_CHANCE_S = 3.0  # for the database to take what is left when we stop
SIGN_S = 30.0  # between two signs of life while results come
IDLE_SIGN_S = 60.0  # and when none do: the one thing that is written without work
_TURN_S = 0.0015  # of work; then the loop has its turn
_REST_S = 0.003
_BEHIND = 5  # batches that wait: from then on storing comes first


class Turns:
    """Lets the loop run while the writer works: called often, it sleeps a little after each bit of work.

    Both threads share one interpreter, and whatever this one computes, probes start later by.

    Args:
        bus: Where it is seen whether storing falls behind: then it comes first.
        clock: In seconds.
        sleep: For so many seconds.
    """

    def __init__(
        self,
        bus: LocalBus,
        *,
        clock: Callable[[], float] = perf_counter,
        sleep: Callable[[float], None] = sleep,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._sleep = sleep
        self._begun_s = self._called_s = 0.0

    def __call__(self) -> None:
        """Sleep, if the last sleep is long enough ago and not too much waits."""
        now_s = self._clock()
        if now_s - self._called_s > _REST_S:  # it waited for something, and the loop has had its turn
            self._begun_s = now_s
        elif now_s - self._begun_s > _TURN_S:
            if self._bus.lag().batches < _BEHIND:
                self._sleep(_REST_S)
            now_s = self._begun_s = self._clock()
        self._called_s = now_s


class Writer:
    """Stores what the bus brings.

    Args:
        now_us: Engine time, microseconds UTC.
        sign: Writes the process's sign of life.
        rest: Called while it works, see ``Turns``.
    """

    def __init__(
        self,
        bus: LocalBus,
        centre: Centre,
        *,
        now_us: Callable[[], int],
        sign: Callable[[], None],
        rest: Callable[[], None] = lambda: None,
    ) -> None:
        self._bus = bus
        self._centre = centre
        self._now_us = now_us
        self._sign = sign
        self._rest = rest
        self._one = threading.Lock()  # the centre works in one thread at a time
        self._ending = threading.Event()
        self._silent_us: int | None = None  # when the next series falls silent
        self._signed_s = 0.0
        self._calls = True  # some may have been stored while no engine ran
        self._failures = 0
        self._deadline_s: float | None = None

    def reload(self) -> None:
        """Have the centre look at the configuration; may be called from any thread.

        Raises:
            NotStoredError: The database did not take it.
        """
        with self._one:
            self._centre.reload(self._now_us())
            self._silent_us = self._centre.tick(self._now_us())
        self._bus.wake()  # something may be due sooner than it was

    def call(self) -> None:
        """Have the calls of heartbeats taken in soon; may be called from any thread."""
        self._calls = True
        self._bus.wake()

    def stop(self) -> None:
        """Store what is left and return from ``run``; the bus has been closed."""
        self._deadline_s = monotonic() + _LAST_CHANCE_S
        self._ending.set()

    def run(self) -> None:
        """Store until the bus is closed and empty."""
        while True:
            message = self._bus.results(self._patience_s())
            if message is None and self._bus.closed:
                return
            if not self._turn(message):
                return

    def _turn(self, message: Delivery | None) -> bool:
        """Do what is due; return False to give up what is left."""
        try:
            with self._one:
                if message is not None:
                    self._store(message)
                self._take_calls()
                self._silent_us = self._centre.tick(self._now_us())
            self._sign_if_due(worked=message is not None)
        except NotStoredError as error:
            return self._wait_for_the_database(error)
        if self._failures:
            log.info("the database takes results again", extra={"batches_waiting": self._bus.lag().batches})
            self._failures = 0
        return True

    def _take_calls(self) -> None:
        if self._calls:
            self._calls = False  # before they are read: one that comes meanwhile sets it again
            try:
                self._centre.take_calls(self._now_us())
            except NotStoredError:
                self._calls = True
                raise
            except Exception:  # they stay stored, and are looked at with the next one
                log.exception("calls of heartbeats cannot be taken in")

    def _store(self, message: Delivery) -> None:
        for attempt in range(1, _TRIES + 1):
            try:
                results = self._unpacked(message.payload)
                records = records_of(message.payload)
                self._centre.take(message.msg_id, results, self._now_us(), records)
            except NotStoredError:
                raise
            except Exception:
                log.exception(
                    "a batch cannot be taken in", extra={"batch": message.msg_id, "attempt": attempt}
                )
            else:
                message.ack()
                return
        log.error("a batch is given up: its time is unknown", extra={"batch": message.msg_id})
        message.ack()

    def _unpacked(self, payload: bytes) -> list[Result]:
        results = []
        for result in results_of(payload):
            results.append(result)
            self._rest()
        return results

    def _sign_if_due(self, *, worked: bool) -> None:
        if monotonic() - self._signed_s >= (SIGN_S if worked else IDLE_SIGN_S):
            self._sign()
            self._signed_s = monotonic()

    def _wait_for_the_database(self, error: NotStoredError) -> bool:
        if not self._failures:
            log.error(
                "results are not stored; they wait in memory and probing goes on", extra={"why": str(error)}
            )
        delay_s = _AGAIN_S[min(self._failures, len(_AGAIN_S) - 1)]
        self._failures += 1
        if not self._ending.wait(delay_s):
            return True
        if self._deadline_s is not None and monotonic() < self._deadline_s:
            sleep(min(delay_s, 0.5))
            return True
        left = self._bus.lag()
        log.error("results are lost: the database does not take them", extra={"results": left.results})
        return False

    def _patience_s(self) -> float:
        """Return how long there is nothing to do unless a batch comes."""
        idle_s = max(0.0, self._signed_s + IDLE_SIGN_S - monotonic())
        if self._silent_us is None:
            return idle_s
        return min(idle_s, max(0.0, (self._silent_us - self._now_us()) / 1_000_000))

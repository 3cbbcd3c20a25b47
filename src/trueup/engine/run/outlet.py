"""What leaves the worker: results, a batch a second."""

from __future__ import annotations

import logging

from trueup.domain.result import Result
from trueup.engine.run.batch import Packing, message_id
from trueup.engine.run.bus.base import Bus
from trueup.engine.run.clock import EngineClock
from trueup.engine.run.ports import Timer, Timers

_log = logging.getLogger(__name__)

PERIOD_US = 1_000_000
MOST = 5_000  # results in a batch: what the centre takes in one transaction


class Outlet:
    """Gathers results and hands them to the bus; in the loop's thread.

    There is at most one batch in a period. One that tells of a change leaves as soon as that allows,
    any other a period after its first result; without results there is no wake-up.
    """

    def __init__(self, bus: Bus, timers: Timers, clock: EngineClock, region: str) -> None:
        self._bus = bus
        self._timers = timers
        self._clock = clock
        self._region = region
        self._start_us = clock.now_us()
        self._sequence = 0
        self._packing = Packing()
        self._sent_us = self._start_us - PERIOD_US
        self._timer: Timer | None = None
        self._due_us = 0
        self._refused = False
        self.lost = 0  # results for which there was no room, or which could not be packed

    def put(self, result: Result, *, urgent: bool) -> None:
        """Send a result with the next batch."""
        try:
            self._packing.add(result)
        except Exception:  # noqa: BLE001 - one bad result must not take the others with it
            self.lost += 1
            _log.exception("a result of series %d cannot be sent and is lost: %r", result.series, result.key)
            return
        self._leave(urgent=urgent)

    def put_packed(self, packed: bytes) -> None:
        """Send a result that is packed and has no note with the next batch."""
        self._packing.add_packed(packed)
        self._leave(urgent=False)

    def _leave(self, *, urgent: bool) -> None:
        """See to it that the batch leaves when it should."""
        if self._timer is not None and not urgent and len(self._packing) < MOST:
            return
        if len(self._packing) >= MOST:
            self.flush()
            return
        now_us = self._clock.now_us()
        due_us = max(now_us, self._sent_us + PERIOD_US) if urgent else now_us + PERIOD_US
        if self._timer is not None:
            if self._due_us <= due_us:
                return
            self._timer.cancel()
        self._due_us = due_us
        self._timer = self._timers.call_at(self._clock.monotonic_s(due_us), self.flush)

    def flush(self) -> None:
        """Hand over what there is."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._packing:
            return
        packing, self._packing = self._packing, Packing()
        self._sent_us = self._clock.now_us()
        self._sequence += 1
        msg_id = message_id(self._region, self._start_us, self._sequence)
        if self._bus.put_result(msg_id, packing.payload()):
            self._refused = False
            return
        self.lost += len(packing)
        if not self._refused:
            self._refused = True
            _log.error(
                "no room for %d results: the centre has not taken any for too long. Probing goes on; the "
                "time of what is lost counts as unknown. See why the database does not take them.",
                len(packing),
            )

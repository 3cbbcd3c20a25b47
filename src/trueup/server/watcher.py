"""The engine put together: what is asked, who asks, who stores."""

from __future__ import annotations

import concurrent.futures
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Collection

from django.db import Error

from trueup.conf import Settings
from trueup.domain.text import instant, render
from trueup.engine import assignments
from trueup.engine.centre.events import Notice
from trueup.engine.centre.ingest import Centre, NotStoredError
from trueup.engine.run.bus.local import LocalBus
from trueup.engine.run.clock import EngineClock
from trueup.engine.run.selfwatch import SelfWatch
from trueup.engine.run.worker import EngineWorker
from trueup.engine.witnesses import witnesses
from trueup.net.multi import Loop
from trueup.probes.ask import Asker
from trueup.server import control
from trueup.server.writer import Turns, Writer
from trueup.store import advisory
from trueup.store.keyfile import SealError
from trueup.store.read import watermark
from trueup.store.write import ledger, vital

log = logging.getLogger("trueup.engine")

GRACE_S = 3.0  # for probes in flight when we stop
_END_S = 6.0  # for a thread to end
_LOOK_S = 3600.0  # between two looks at when a pause ends: clocks are set


class Watcher:
    """Loop, worker, bus, centre and writer of one engine.

    Args:
        failed: Called, in any thread, when a thread cannot go on.
    """

    def __init__(self, settings: Settings, *, failed: Callable[[], None]) -> None:
        self._failed = failed
        self._settings = settings
        newest = watermark.newest()
        self._clock = EngineClock(watermark_us=newest.answered_us, epoch=newest.epoch)
        self._started_us = self._clock.now_us()
        self._components: dict[str, str] = {}
        self._paused: frozenset[int] = frozenset()
        self._pause_ends_us: int | None = None  # the next one that ends by itself
        self._loop = Loop()
        self._asker = Asker(self._loop, deny_private=settings.deny_private, servers=settings.resolvers)
        self._bus = LocalBus()
        self._watch = SelfWatch(tuple, asks=self._asker, timers=self._loop, clock=self._clock)
        self._worker = EngineWorker(
            asks=self._asker, timers=self._loop, bus=self._bus, clock=self._clock, selfwatch=self._watch
        )
        turns = Turns(self._bus)
        centre = Centre(told=self._told, rest=turns)
        self._writer = Writer(self._bus, centre, now_us=self._clock.now_us, sign=self._sign, rest=turns)
        self._threads = [
            threading.Thread(target=self._guarded, args=(run,), name=name, daemon=True)
            for name, run in (("loop", self._loop.run), ("writer", self._writer.run))
        ]

    def start(self) -> None:
        """Begin to watch what is configured.

        Raises:
            NotStoredError: The database cannot be used.
        """
        self.reload()
        self._worker.start()
        for thread in self._threads:
            thread.start()

    def reload(self) -> None:
        """Watch what is configured now.

        Raises:
            NotStoredError: The database cannot be used; what was watched goes on.
        """
        self._pause_ends_us = ledger.resume_ended(self._clock.now_us())
        self._writer.reload()
        found = assignments.read()
        self._components = dict(found.components)
        named, explicit = witnesses(self._settings.witnesses)
        self._watch.choose(named, explicit=explicit)
        self._bus.assign(found.assignments)
        if resumed := self._paused - found.paused:  # their time is unknown until they are asked
            self._bus.ask(sorted(resumed))
        self._paused = found.paused
        log.info("configured", extra={"checks": len(found.assignments)})

    def heard(self, words: Collection[bytes]) -> None:
        """Do what pokes say beside a look at the configuration: calls have come, a check is to be asked."""
        self._writer.call()
        series = [int(word.removeprefix(control.ASK)) for word in words if word.startswith(control.ASK)]
        if series:
            self._bus.ask(series)

    @property
    def a_pause_has_ended(self) -> bool:
        """Tell whether a check is to run again by now."""
        return self._pause_ends_us is not None and self._pause_ends_us <= self._clock.now_us()

    def patience_s(self, most_s: float | None) -> float | None:
        """Return how long there is nothing to do unless somebody pokes; None: for ever."""
        if self._pause_ends_us is None:
            return most_s
        ends_s = max(0.0, (self._pause_ends_us - self._clock.now_us()) / 1_000_000)
        return min(ends_s, _LOOK_S if most_s is None else most_s)

    def stop(self) -> None:
        """Stop asking, wait a little for what is in flight, store everything, end the threads."""
        if self._threads[0].is_alive():
            self._drain()
        self._bus.close()
        self._writer.stop()
        self._loop.stop()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(_END_S)
        if not any(thread.is_alive() for thread in self._threads):
            self._asker.close()
            self._loop.close()

    def _drain(self) -> None:
        try:
            self._worker.stop(GRACE_S).result(GRACE_S + 1)
        except concurrent.futures.TimeoutError:
            log.error("the loop does not stop: results in flight are lost")

    def _guarded(self, run: Callable[[], None]) -> None:
        try:
            run()
        except Exception:
            log.exception(
                "a thread of the engine cannot go on", extra={"which": threading.current_thread().name}
            )
            self._failed()

    def _told(self, notice: Notice) -> None:
        """Write the one line of a change of state."""
        if not log.isEnabledFor(logging.INFO):
            return
        about = {
            "component": self._components.get(notice.check, ""),
            "check": notice.check,
            "from": notice.before.value,
            "to": notice.state.value,
            "since": instant(notice.start_us),
            "why": render(notice.text) if notice.text else "",
        }
        log.info("state", extra=about)

    def _sign(self) -> None:
        vitals = self._worker.vitals()
        life = vital.Life(
            process="engine",
            pid=os.getpid(),
            host=socket.gethostname(),
            started_us=self._started_us,
            tick_us=self._clock.now_us(),
            lag_us=vitals.lag_us,
            queue=vitals.queue,
            missed=vitals.missed,
            details={
                "wall_us": time.time_ns() // 1000,  # the engine's own clock may be ahead of it
                "checks": vitals.checks,
                "in_flight": vitals.in_flight,
                "lost": vitals.lost,
                "skipped": vitals.skipped,
                "queue_age_us": vitals.queue_age_us,
            },
        )
        vital.note(life)


def transient() -> tuple[type[Exception], ...]:
    """Return what a reload may meet and the next one may not."""
    return (NotStoredError, Error, SealError, *advisory.lost())

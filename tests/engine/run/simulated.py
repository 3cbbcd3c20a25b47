"""A world with a time of its own, so that hours of probing pass in milliseconds."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from trueup.domain.result import Facts, Failure, FailureClass, Result
from trueup.domain.text import Text
from trueup.engine.run.batch import unpack_batch
from trueup.engine.run.bus.local import LocalBus
from trueup.engine.run.clock import EngineClock
from trueup.engine.run.plan import Assignment, phase_us
from trueup.engine.run.selfwatch import SelfWatch
from trueup.engine.run.worker import EngineWorker
from trueup.probes.base import Probe

EPOCH_US = 1_800_000_000_000_000  # a wall time: 2027-01-15 08:00 UTC
SECOND = 1_000_000

GOOD = Facts(values={"status": 200}, address="192.0.2.1", body=b"ok")


def bad(cause: FailureClass = FailureClass.REFUSED, address: str = "192.0.2.1") -> Facts:
    return Facts(address=address, failure=Failure(cause, Text("refused", {"peer": address})))


@dataclass(frozen=True, kw_only=True)
class Question(Probe):
    """A probe that only the simulation asks."""


class Timer:
    def __init__(self, fn: Callable[[], None]) -> None:
        self.fn: Callable[[], None] | None = fn

    def cancel(self) -> None:
        self.fn = None


class Brought(NamedTuple):
    asked_mono_ns: int
    duration_us: int
    facts: Facts


# What a target does at an instant (microseconds since the begin): how long it takes, what it says.
Behaviour = Callable[[int], tuple[int, Facts]]


@dataclass
class World:
    """Loop, asker and clocks; ``now_us`` counts from the begin, on the monotonic clock."""

    now_us: int = 0
    wall_moved_us: int = 0
    wakes: int = 0
    targets: dict[str, Behaviour] = field(default_factory=dict)
    asked: list[tuple[int, str]] = field(default_factory=list)
    _timers: list[tuple[int, int, Timer]] = field(default_factory=list)
    _order: itertools.count = field(default_factory=itertools.count)

    def wall_us(self) -> int:
        return EPOCH_US + self.now_us + self.wall_moved_us

    def monotonic_ns(self) -> int:
        return self.now_us * 1000

    def clock(self, **options: int) -> EngineClock:
        return EngineClock(wall_us=self.wall_us, monotonic_ns=self.monotonic_ns, **options)

    # the loop

    def call_at(self, when_s: float, fn: Callable[[], None]) -> Timer:
        timer = Timer(fn)
        at_us = max(self.now_us, -int(-when_s * 1e6 // 1))
        heapq.heappush(self._timers, (at_us, next(self._order), timer))
        return timer

    def call_soon_threadsafe(self, fn: Callable[[], None]) -> None:
        self.call_at(self.now_us / 1e6, fn)

    def run_until(self, until_us: int) -> None:
        while self._timers and self._timers[0][0] <= until_us:
            at_us, _, timer = heapq.heappop(self._timers)
            self.now_us = max(self.now_us, at_us)
            if timer.fn is not None:
                self.wakes += 1
                timer.fn()
        self.now_us = max(self.now_us, until_us)

    def stand_still(self, length_us: int) -> None:
        """Let time pass without the loop, as when the process is stopped."""
        self.now_us += length_us

    # the asker

    def start(self, probe: Probe, timeout_s: float, done: Callable[[Brought], None]) -> object:
        begun_us = self.now_us
        self.asked.append((begun_us, probe.target))
        takes_us, facts = self.targets[probe.target](begun_us)
        timeout_us = int(timeout_s * 1e6)
        if takes_us > timeout_us:
            takes_us, facts = timeout_us, bad(FailureClass.TIMEOUT)

        def end() -> None:
            done(Brought(begun_us * 1000, self.now_us - begun_us, facts))

        return self.call_at((begun_us + takes_us) / 1e6, end)

    def asked_of(self, target: str) -> list[int]:
        return [at_us for at_us, asked in self.asked if asked == target]


def steady(facts: Facts = GOOD, takes_us: int = 2_000) -> Behaviour:
    return lambda _now_us: (takes_us, facts)


def failing_between(start_us: int, end_us: int, facts: Facts | None = None) -> Behaviour:
    out = bad() if facts is None else facts
    return lambda now_us: (2_000, out if start_us <= now_us < end_us else GOOD)


def uuid_of(number: int) -> UUID:
    return UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128)


def phase(series: int, interval_s: int = 60) -> int:
    """Return when a check is due for the first time, microseconds after the begin of the world."""
    return (phase_us(uuid_of(series), interval_s * SECOND) - EPOCH_US) % (interval_s * SECOND)


def check(
    series: int, target: str = "", interval_s: float = 60, timeout_s: float = 10, **more: object
) -> Assignment:
    return Assignment(
        series=series,
        uuid=uuid_of(series),
        probe=Question(target=target or f"target-{series}.example.org"),
        interval_us=int(interval_s * SECOND),
        timeout_us=int(timeout_s * SECOND),
        **more,  # type: ignore[arg-type]
    )


class Bench:
    """A worker in a world."""

    def __init__(self, *, witnesses: Sequence[str] = (), explicit: bool = False, room: int = 1 << 20) -> None:
        self.world = World()
        self.clock = self.world.clock()
        self.bus = LocalBus(room)
        self.watch = SelfWatch(
            lambda: witnesses,
            asks=self.world,
            timers=self.world,
            clock=self.clock,
            explicit=explicit,
            make=lambda place: Question(target=place),
        )
        self.worker = EngineWorker(
            asks=self.world,
            timers=self.world,
            bus=self.bus,
            clock=self.clock,
            selfwatch=self.watch,
            open_files=20_000,
        )
        self.worker.start()

    def watch_over(self, *assignments: Assignment, behaviour: Behaviour | None = None) -> None:
        for each in assignments:
            self.world.targets.setdefault(each.probe.target, behaviour or steady())
        self.worker.set_assignments(assignments)

    def run(self, seconds: float) -> None:
        self.world.run_until(self.world.now_us + int(seconds * SECOND))

    def results(self) -> list[Result]:
        """Take everything from the bus, in order."""
        found: list[Result] = []
        while (delivery := self.bus.results(0)) is not None:
            found += unpack_batch(delivery.payload)
            delivery.ack()
        return found

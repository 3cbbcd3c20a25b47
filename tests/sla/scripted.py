"""A target that keeps to a script, watched by the product's own worker and written into a ledger.

The worker (slots, phases, extra probes, limits, the watch on ourselves) and the judgement of states are
the product's; only the network and the clock are made up. What happened is known, so what the ledger
says about it can be held against the truth.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tests.engine.run.simulated import EPOCH_US, SECOND, Bench, bad, check

from trueup.domain.expect import parse
from trueup.domain.interval import Span, Spans
from trueup.domain.result import Facts, Result, State
from trueup.domain.sla import Case, Part
from trueup.domain.sla.judge import judge
from trueup.domain.sla.result import Sums
from trueup.domain.state import Change, Rules, Step, opened, silence, step
from trueup.domain.terms import read
from trueup.domain.timeline import Blip, Record, Timeline
from trueup.engine.run.edge import BURST_US

MILLISECOND = 1_000
FACTS = {
    State.UP: Facts(values={"status": 200}, address="192.0.2.1"),
    State.DEGRADED: Facts(values={"status": 203}, address="192.0.2.1"),
    State.DOWN: Facts(values={"status": 503}, address="192.0.2.1"),
}
REFUSED = bad()
EXPECTED = (parse("status < 500"),)
DEGRADED_WHEN = (parse("status == 203"),)


@dataclass(frozen=True)
class Script:
    """What a target truly was: from each instant on a state, microseconds after the begin of the world."""

    changes: Sequence[tuple[int, State]]  # the first at 0
    end_us: int
    _starts: list[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_starts", [at_us for at_us, _ in self.changes])

    @property
    def window(self) -> Span:
        """Return its time, microseconds UTC."""
        return Span(EPOCH_US, EPOCH_US + self.end_us)

    def at(self, now_us: int) -> State:
        """Return what it was at an instant."""
        return self.changes[max(bisect_right(self._starts, now_us) - 1, 0)][1]

    @property
    def down(self) -> Spans:
        """Return when it was down, in the world's time."""
        edges = [*self.changes, (self.end_us, State.UP)]
        return Spans(
            (EPOCH_US + start_us, EPOCH_US + end_us)
            for (start_us, state), (end_us, _) in pairwise(edges)
            if state is State.DOWN
        )

    @property
    def down_us(self) -> int:
        """Return how long it was down."""
        return self.down.total_us


@dataclass(frozen=True)
class Watch:
    """How a target is watched: times in seconds; ``latency`` is the share of the interval it may take."""

    interval_s: int
    confirm: int = 2
    recover: int = 1
    latency: float = 0.1
    seen_when_asked: bool = False  # else at any instant until it is answered

    @property
    def longest_us(self) -> int:
        """Return how long an answer may take."""
        return min(int(self.interval_us * self.latency), 9 * SECOND)

    @property
    def seen(self) -> float:
        """Return how many intervals a state must last so that a probe surely sees it."""
        return 1 if self.seen_when_asked else 1 + self.longest_us / self.interval_us

    @property
    def confirmed(self) -> float:
        """Return how many intervals an outage must last so that it surely is confirmed."""
        again_us = self.longest_us + BURST_US[0] + 20 * MILLISECOND  # in steps of 20 ms
        again_us = min(again_us, self.interval_us + self.longest_us)
        return self.seen + (self.confirm - 1) * again_us / self.interval_us

    @property
    def interval_us(self) -> int:
        """Return the interval in microseconds."""
        return self.interval_s * SECOND

    @property
    def rules(self) -> Rules:
        """Return what the ledger needs to know."""
        return Rules(self.interval_us, self.confirm, self.recover)


class Target:
    """Answers as the script says at some instant between asking and answering, in whole milliseconds."""

    def __init__(self, script: Script, seed: int, watch: Watch) -> None:
        self._script = script
        self._chance = random.Random(seed)
        self._when_asked = watch.seen_when_asked
        self._longest_ms = max(watch.longest_us // MILLISECOND, 1)

    def __call__(self, now_us: int) -> tuple[int, Facts]:
        takes_us = self._chance.randint(1, self._longest_ms) * MILLISECOND
        seen_us = now_us if self._when_asked else now_us + self._chance.randint(0, takes_us)
        state = self._script.at(seen_us)
        if state is State.DOWN and self._chance.random() < 0.5:
            return takes_us, REFUSED
        return takes_us, FACTS[state]


def probed(script: Script, watch: Watch, seed: int = 0, *, series: int = 1) -> list[Result]:
    """Return what the worker finds when it watches a target to the end of its script and a bit longer."""
    bench = Bench(room=1 << 26)
    assignment = check(
        series,
        interval_s=watch.interval_s,
        timeout_s=min(watch.interval_s, 10),
        confirm=watch.confirm,
        recover=watch.recover,
        expect=EXPECTED,
        degraded_when=DEGRADED_WHEN,
    )
    bench.watch_over(assignment, behaviour=Target(script, seed, watch))
    bench.run(script.end_us / SECOND + (2 + watch.recover) * watch.interval_s)
    return bench.results()


def ledger(results: Iterable[Result], watch: Watch, since_us: int = EPOCH_US, now_us: int = 0) -> Timeline:
    """Return what the ledger holds of a series once these results are in, in the order of asking."""
    book = _Book(since_us)
    track = opened(since_us)
    for result in results:
        made = step(track, result, watch.rules)
        track = made.track
        book.enter(made)
    if now_us:
        made = silence(track, now_us, watch.rules)
        track = made.track
        book.enter(made)
    return Timeline(book.records, book.blips, since_us, covered_until_us=track.covered_until_us)


class _Book:
    """Entries and blips as they come out of steps, oldest first."""

    def __init__(self, since_us: int) -> None:
        self.records = [Record(State.UNKNOWN, since_us)]
        self.blips: list[Blip] = []

    def enter(self, made: Step) -> None:
        for change in made.changes:
            self._turn(change)
        for blip in made.blips:
            self.blips.append(Blip(blip.state, blip.first, blip.last, blip.before, blip.after))

    def _turn(self, change: Change) -> None:
        old = self.records.pop()
        if old.start_us < change.start_us:
            self.records.append(
                Record(old.state, old.start_us, change.start_us, old.a, old.b, change.before, change.first)
            )
        self.records.append(Record(change.state, change.start_us, None, change.before, change.first))


def at_random(
    chance: random.Random,
    interval_s: float,
    outages: int,
    *,
    least: float = 1.0,
    mean: float = 3.0,
    degraded: bool = False,
) -> Script:
    """Return a script of so many outages; every state lasts ``least`` intervals or more."""

    def lasting(times: float = 1.0) -> int:
        length_s = interval_s * (least + chance.expovariate(1 / (mean * times)) * (chance.random() < 0.8))
        return -(-int(length_s * SECOND) // MILLISECOND) * MILLISECOND

    changes = [(0, State.UP)]
    at_us = lasting(3) + int(chance.random() * interval_s * 1000) * MILLISECOND
    for _ in range(outages):
        if degraded and chance.random() < 0.3:
            changes.append((at_us, State.DEGRADED))
            at_us += lasting()
        changes.append((at_us, State.DOWN))
        at_us += lasting()
        if degraded and chance.random() < 0.3:
            changes.append((at_us, State.DEGRADED))
            at_us += lasting()
        changes.append((at_us, State.UP))
        at_us += lasting(3)
    return Script(changes, at_us)


def judged(timelines: Sequence[Timeline], window: Span, **terms: object) -> Sums:
    """Return what a contract over one component comes to, in microseconds."""
    case = Case(terms=read({**terms}), window=window, components=(Part("web", tuple(timelines)),))
    found = judge(case).sums
    assert found is not None
    return found

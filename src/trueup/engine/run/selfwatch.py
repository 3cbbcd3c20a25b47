"""Is it them, or is it us? No failure counts before someone near has answered.

Witnesses are asked only once a check has just failed in a way that our own network could explain;
any answer of theirs, also a refusal, is a sign of life. Until they have answered, the results of that
check wait in their order; if none of them answers, what failed proves nothing and is withdrawn.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from typing import NamedTuple

from trueup.domain.result import FailureClass
from trueup.engine.run.clock import EngineClock
from trueup.engine.run.ports import Answer, Asks, Timer, Timers
from trueup.engine.run.witness import is_loopback, with_port
from trueup.probes.base import Probe, build

_log = logging.getLogger(__name__)

PATIENCE_US = 1_000_000  # for the answer of a witness
SPACING_US = 1_000_000  # between two rounds: with the patience, no result waits more than two seconds
CROWD = 3  # so many hosts do not fail by themselves in the same local way

# What a dead network of ours looks like.
OURS_PERHAPS = frozenset(
    {
        FailureClass.DNS,
        FailureClass.REFUSED,
        FailureClass.RESET,
        FailureClass.UNREACHABLE,
        FailureClass.TIMEOUT,
        FailureClass.LOCAL,
    }
)
_SILENCE = frozenset(
    {
        FailureClass.DNS,
        FailureClass.UNREACHABLE,
        FailureClass.TIMEOUT,
        FailureClass.LOCAL,
        FailureClass.GUARD,
        FailureClass.INTERNAL,
    }
)
_LOCAL = frozenset({FailureClass.LOCAL})
_NO_WAY_OUT = _LOCAL | {FailureClass.UNREACHABLE}

Give = Callable[[bool], None]  # takes whether the result is withdrawn


def is_sign_of_life(answer: Answer) -> bool:
    """Return whether an answer of a witness shows that our network lives; a refusal does."""
    failure = answer.facts.failure
    return failure is None or failure.cause not in _SILENCE


class _Held(NamedTuple):
    give: Give
    withdrawn: bool | None  # None: the witnesses decide
    interval_us: int = 0


class SelfWatch:
    """Holds what failed until the witnesses have answered; in the loop's thread.

    Args:
        witnesses: Returns the witnesses, each a host or ``host:port``, at the begin of each round.
        explicit: Whether people named them; then targets on loopback are no exception.
        make: Makes the probe that asks a witness.
    """

    def __init__(
        self,
        witnesses: Callable[[], Sequence[str]],
        *,
        asks: Asks,
        timers: Timers,
        clock: EngineClock,
        explicit: bool = False,
        make: Callable[[str], Probe] = lambda place: build("tcp", with_port(place), {}),
    ) -> None:
        self._witnesses = witnesses
        self._explicit = explicit
        self._asks = asks
        self._timers = timers
        self._clock = clock
        self._make = make
        self._crowd = Crowd()
        self._held: dict[int, list[_Held]] = {}
        self._ever: set[str] = set()  # who has answered since the start; the others are mute
        self._asked: tuple[str, ...] = ()  # in this round
        self._silent: set[str] = set()  # of them, who has not answered
        self._round = 0
        self._begun_us = 0
        self._wait: Timer | None = None  # for the next round, or for the end of this one
        self._running = False
        self._said: str = ""
        self.concluded: Callable[[], None] = lambda: None  # called when what was held has been given

    @property
    def rounds(self) -> int:
        """Return how often the witnesses were asked."""
        return self._round

    @property
    def waiting(self) -> int:
        """Return how many series wait for the witnesses."""
        return len(self._held)

    def choose(self, witnesses: Callable[[], Sequence[str]], *, explicit: bool) -> None:
        """Ask others from the next round on."""
        self._witnesses, self._explicit = witnesses, explicit

    def holds(self, series: int) -> bool:
        """Return whether results of a series wait: what follows must wait behind them."""
        return series in self._held

    def fine(self, now_us: int) -> None:
        """Take note of an answer from anywhere that this machine's own trouble cannot explain."""
        self._crowd.fine_us = now_us

    def take(
        self, series: int, host: str, cause: FailureClass, now_us: int, interval_us: int, give: Give
    ) -> None:
        """Take a failure; ``give`` is called once it is known whether it proves anything."""
        self._crowd.failed(host, cause, now_us)
        if cause in OURS_PERHAPS and (self._explicit or not is_loopback(host)):
            self._held.setdefault(series, []).append(_Held(give, None, interval_us))
            self._ask_soon(now_us)
        else:
            self.pass_on(series, give, withdrawn=self._crowd.fails(now_us - interval_us, _LOCAL))

    def pass_on(self, series: int, give: Give, *, withdrawn: bool) -> None:
        """Give a result that is decided: at once, or behind those of its series that wait."""
        if series in self._held:
            self._held[series].append(_Held(give, withdrawn))
        else:
            give(withdrawn)

    def conclude(self) -> None:
        """Decide on what is held now: a witness that has not answered yet does not."""
        if self._held:
            self._finish(alive=False)

    def _ask_soon(self, now_us: int) -> None:
        if self._running or self._wait is not None:
            return
        begin_us = self._begun_us + SPACING_US
        if now_us >= begin_us:
            self._begin()
        else:
            self._wait = self._timers.call_at(self._clock.monotonic_s(begin_us), self._begin)

    def _begin(self) -> None:
        self._wait = None
        self._running = True
        self._round += 1
        probes = self._probes()
        now_us = self._clock.now_us()
        self._begun_us = now_us if probes else now_us - SPACING_US  # nobody to be spared
        self._asked = tuple(probes)
        self._silent = set(probes)
        end_s = self._clock.monotonic_s(now_us + PATIENCE_US)
        self._wait = self._timers.call_at(end_s, partial(self._finish, alive=False))
        for place, probe in probes.items():
            self._asks.start(probe, PATIENCE_US / 1e6, partial(self._heard, self._round, place))
        if not probes:
            self._finish(alive=False)

    def _probes(self) -> dict[str, Probe]:
        probes = {}
        for place in self._witnesses():
            try:
                probes[place] = self._make(place)
            except ValueError as error:  # of what this machine says of itself, not all can be asked
                _log.debug("%r cannot be a witness: %s", place, error)
        return probes

    def _heard(self, number: int, place: str, answer: Answer) -> None:
        alive = is_sign_of_life(answer)
        if alive:
            self._ever.add(place)
        if number != self._round or not self._running:
            return
        self._silent.discard(place)
        if alive or not self._silent:
            self._finish(alive=alive)

    def _finish(self, *, alive: bool) -> None:
        if self._wait is not None:
            self._wait.cancel()
            self._wait = None
        self._running = False
        blind = not alive and any(place in self._ever for place in self._asked)
        self._say("alive" if alive else "blind" if blind else "mute")
        held, self._held = self._held, {}
        now_us = self._clock.now_us()
        local = _LOCAL if alive else _NO_WAY_OUT
        for item in chain.from_iterable(held.values()):
            withdrawn = item.withdrawn
            if withdrawn is None:
                withdrawn = blind or self._crowd.fails(now_us - item.interval_us, local)
            try:
                item.give(withdrawn)
            except Exception:  # noqa: BLE001 - the others have waited long enough
                _log.exception("a result that was held could not be passed on")
        self.concluded()

    def _say(self, found: str) -> None:
        """Tell people about a change, once."""
        if found == self._said or (found == "alive" and self._said != "blind"):
            return
        self._said = found
        names = ", ".join(self._asked) or "none is known"
        if found == "blind":
            _log.warning("no witness answers (%s): what fails now counts as unknown.", names)
        elif found == "alive":
            _log.info("a witness answers again: failures count.")
        else:
            _log.warning(
                "no witness has ever answered (%s): an outage of our own network would be taken for one of "
                "the targets. Name witnesses that answer: site: {witnesses: [HOST:PORT]}.",
                names,
            )


class Crowd:
    """How all hosts together fare: when many fail in a local way and none does well, it is us."""

    def __init__(self) -> None:
        self.fine_us = 0  # the newest answer that this machine's trouble cannot explain
        self._failed: dict[str, tuple[int, FailureClass]] = {}

    def failed(self, host: str, cause: FailureClass, now_us: int) -> None:
        """Take note of a failure."""
        if cause in _NO_WAY_OUT:
            self._failed[host] = (now_us, cause)
        else:
            self.fine_us = now_us

    def fails(self, since_us: int, causes: frozenset[FailureClass]) -> bool:
        """Return whether three hosts or more, and all that were asked since, failed for such a cause."""
        if self.fine_us >= since_us or len(self._failed) < CROWD:
            return False
        self._failed = {host: seen for host, seen in self._failed.items() if seen[0] >= since_us}
        return len(self._failed) >= CROWD and all(cause in causes for _, cause in self._failed.values())

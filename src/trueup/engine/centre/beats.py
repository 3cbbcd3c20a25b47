"""Take the calls of heartbeats in, and keep in mind when none could be heard.

A call that was stored proves itself, whenever it is taken in. One that is missing proves nothing where
the engine did not run, or our own door did not answer, while it was due.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from trueup.domain.record import pack
from trueup.domain.state import Step
from trueup.engine.centre.awaited import LiveBeat
from trueup.engine.centre.live import Live
from trueup.store.read import beats as read
from trueup.store.read import vital
from trueup.store.write import batch
from trueup.store.write import beat as write
from trueup.store.write.draft import Draft

# The engine gives a sign of life each minute, with work or without: after so long it did not run.
ABSENT_US = 90_000_000
waiting = read.waiting


class Ears:
    """When calls could not be heard: stored as events, so that a restart does not forget it."""

    def __init__(self, lives: Iterable[Live]) -> None:
        self._heartbeats = [live for live in lives if isinstance(live, LiveBeat)]
        sign = vital.last_sign("engine")
        self._alive_us = None if sign is None else sign.tick_us
        since_us = min((_oldest_us(live) for live in self._heartbeats), default=None)
        self._deaf = [] if since_us is None else read.deaf(since_us)
        self._share()

    @property
    def any(self) -> bool:
        """Tell whether there are heartbeats."""
        return bool(self._heartbeats)

    def hear(self, lives: Mapping[int, Live]) -> None:
        """Take in which heartbeats there are now."""
        self._heartbeats = [live for live in lives.values() if isinstance(live, LiveBeat)]
        self._share()

    def absent(self, now_us: int) -> tuple[int, int] | None:
        """Note that the engine runs; return from and until when it did not, if that was long."""
        before_us, self._alive_us = self._alive_us, now_us
        if before_us is None or not self._heartbeats or now_us - before_us <= ABSENT_US:
            return None
        return before_us, now_us

    def note(self, from_us: int, until_us: int) -> None:
        """Have in mind that no call could be heard in a span; ``withdraw`` stores it."""
        self._deaf.append((from_us, until_us))

    def withdraw(
        self, from_us: int, until_us: int, why: str, draft: Draft
    ) -> Iterator[tuple[LiveBeat, Step]]:
        """Store that no call could be heard in a span; yield what that makes of heartbeats at once."""
        key = f"{read.DEAF}:{why}:{from_us}"
        draft.event(read.DEAF, key, from_us, "site", {"until_us": until_us, "why": why})
        for live in self._heartbeats:
            made = live.unheard(from_us, until_us)
            if made.changes:
                yield live, made
                draft.standing(live.watched.series, live.standing, live.patience_us)

    def _share(self) -> None:
        for live in self._heartbeats:
            live.deaf = self._deaf


def take(
    found: Sequence[read.Waiting], of_check: Mapping[int, Sequence[Live]], draft: Draft
) -> Iterator[tuple[LiveBeat, Step]]:
    """Yield what calls make of their heartbeats; each step is to be applied before the next is taken.

    Calls of a check that is no heartbeat any more are taken in, and make nothing.
    """
    touched: dict[int, LiveBeat] = {}
    for one in found:
        for live in of_check.get(one.check, ()):
            if isinstance(live, LiveBeat):
                touched[live.watched.series] = live
                for made in live.called(one, draft):
                    yield live, made
    for series, live in touched.items():
        draft.standing(series, live.standing, live.patience_us)
    journal(touched.values(), draft)
    write.taken((one.id for one in found), draft.now_us)


def journal(lives: Iterable[Live], draft: Draft) -> None:
    """Keep the results that heartbeats have made, in the transaction of their draft."""
    by_region: dict[int, list[LiveBeat]] = {}
    for live in lives:
        if isinstance(live, LiveBeat) and live.journal:
            by_region.setdefault(live.watched.region, []).append(live)
    for region, of_region in by_region.items():
        batch.journal(region, pack(result for live in of_region for result in live.journal), draft.now_us)
        for live in of_region:
            live.journal = []


def _oldest_us(live: LiveBeat) -> int:
    due = live.awaited
    return live.standing.track.floor_us if due is None else due.at_us - due.grace_us

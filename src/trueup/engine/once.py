"""One turn of the engine without its process: what is configured is asked once, and stored as always."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from trueup.conf import Settings
from trueup.domain.result import Result
from trueup.engine import assignments
from trueup.engine.centre.ingest import Centre
from trueup.engine.run.batch import message_id
from trueup.engine.run.clock import EngineClock
from trueup.engine.run.plan import Assignment
from trueup.engine.run.round import Round
from trueup.engine.run.selfwatch import SelfWatch
from trueup.engine.witnesses import witnesses
from trueup.net.multi import Loop
from trueup.probes.ask import Asker
from trueup.store.read import checks, watermark

_REGION = "once"  # in the ids of batches: none of a running engine is like it


@dataclass(frozen=True, slots=True)
class Turn:
    """Everything that one turn needs of the database, read before; ``ask`` needs none."""

    settings: Settings
    asked: tuple[Assignment, ...]
    checks: Mapping[int, tuple[str, str]]  # component and check, by series
    clock: EngineClock
    witnesses: tuple[Callable[[], Sequence[str]], bool]

    def ask(self) -> list[Result]:
        """Ask every check once and return the results; takes as long as the slowest one."""
        loop = Loop()
        asker = Asker(loop, deny_private=self.settings.deny_private, servers=self.settings.resolvers)
        found: list[Result] = []

        def take(results: list[Result]) -> None:
            found.extend(results)
            loop.stop()

        named, explicit = self.witnesses
        watch = SelfWatch(named, asks=asker, timers=loop, clock=self.clock, explicit=explicit)
        turn = Round(self.asked, asks=asker, timers=loop, clock=self.clock, selfwatch=watch, done=take)
        try:
            loop.call_soon_threadsafe(turn.begin)
            loop.run()
        finally:
            asker.close()
            loop.close()
        return found

    def store(self, results: Sequence[Result]) -> None:
        """Store results with all that follows from them, in one transaction.

        Raises:
            NotStoredError: The database did not take them; none is stored.
        """
        centre = Centre()
        centre.reload(self.clock.now_us())
        begun_us = self.clock.now_us()
        centre.take(message_id(_REGION, begun_us, 1), results, begun_us)
        centre.tick(self.clock.now_us())


def turn(settings: Settings, only: Callable[[str, str], bool] = lambda _component, _check: True) -> Turn:
    """Return a turn over what is configured now; ``only`` chooses by the slugs of component and check."""
    newest = watermark.newest()
    names = checks.of_series()
    return Turn(
        settings,
        tuple(each for each in assignments.read().assignments if only(*names[each.series])),
        names,
        EngineClock(watermark_us=newest.answered_us, epoch=newest.epoch),
        witnesses(settings.witnesses),
    )

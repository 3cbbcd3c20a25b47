"""One series as the centre keeps it in memory: where it stands and the rules that hold for it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from trueup.domain.result import Result, State
from trueup.domain.state import Rules, Step, interrupt, silence, silent_at_us, steady
from trueup.engine.centre import evidence
from trueup.store.read.correction import Corrected
from trueup.store.read.watch import Revised, Watched
from trueup.store.standing import Standing
from trueup.store.write.draft import Draft

# How much later than its time-out a result may be taken in: the batch of a second, and a slow commit.
GRACE_US = 5_000_000


@dataclass(slots=True)
class Live:
    """A series, its check's words, its rules by the instant from which they hold."""

    watched: Watched
    verdict: int | None  # the series of the verdict, which says the same while there is one region
    standing: Standing
    valid_from_us: list[int] = field(default_factory=list)
    rules: list[Rules] = field(default_factory=list)
    queued_us: int | None = None  # its place in the ticker's queue
    corrections: tuple[Corrected, ...] = ()  # that are taken, in the order of their taking

    def rules_at(self, asked_us: int) -> Rules:
        """Return the rules of the revision that was valid when a probe was asked."""
        if asked_us >= self.valid_from_us[-1]:
            return self.rules[-1]
        index = bisect_right(self.valid_from_us, asked_us) - 1
        return self.rules[max(index, 0)]

    def went_on(self, result: Result) -> bool:
        """Take a good result after a good one; return whether it was that and no more, as nearly all are."""
        standing = self.standing
        track = standing.track
        if result.state is not State.UP or track.state is not State.UP or standing.run_us is not None:
            return False
        asked_us = result.asked_us
        interval_us = self.rules_at(asked_us).interval_us
        after = steady(track, asked_us, asked_us + result.duration_us, interval_us)
        if after is None:
            return False
        standing.track = after
        standing.went_on(result)
        return True

    @property
    def written(self) -> tuple[int, ...]:
        """Return the series whose ledgers follow its results: its own, and the verdict's."""
        own = self.watched.series
        return (own,) if self.verdict is None else (own, self.verdict)

    @property
    def patience_us(self) -> int:
        """Return how long after its time a result is still awaited, by the newest revision."""
        return self.rules[-1].patience_us

    @property
    def due_us(self) -> int | None:
        """Return when time alone will make something of it, None while nothing can be due."""
        return silent_at_us(self.standing.track, self.patience_us)

    def elapsed(self, now_us: int, draft: Draft) -> Step:  # noqa: ARG002 - for those that write more
        """Return what time has made of it; the step is to be applied."""
        evidence.end(self.standing)
        return silence(self.standing.track, now_us, self.rules[-1])

    def interrupted(self, at_us: int, state: State) -> Step:
        """Return what a pause, or its end, makes of it; the step is to be applied."""
        evidence.end(self.standing)
        return interrupt(self.standing.track, at_us, state)

    def unsettled(self, asked_us: int) -> bool:
        """Tell whether a result may change what was before the end of a correction."""
        track = self.standing.track
        first_us = min([asked_us, *(seen.asked_us for seen in track.pending[:1])])
        if not track.silent and track.last is not None:
            first_us = min(first_us, track.covered_until_us)
        return any(first_us < one.end_us for one in self.corrections)

    @property
    def longest_run(self) -> int:
        """Return after how many equal results in a row the state is certain, whatever it was before."""
        return max(max(rules.confirm, rules.recover) for rules in self.rules)


def rules_of(revised: Revised) -> Rules:
    """Return the rules that a revision makes."""
    patience_us = revised.timeout_us + GRACE_US
    return Rules(revised.interval_us, revised.confirm, revised.recover, patience_us)

"""Every series the centre takes results of, as the database has it."""

from __future__ import annotations

from collections.abc import Sequence

from trueup.domain.result import Result
from trueup.domain.state import Rules
from trueup.engine.centre.awaited import LiveBeat, terms
from trueup.engine.centre.live import Live, rules_of
from trueup.store import standing
from trueup.store.read import correction, watch


class Roll:
    """Reads all series at once, and what is new of them afterwards."""

    def __init__(self) -> None:
        self.lives: dict[int, Live] = {}
        self.by_check: dict[int, list[Live]] = {}
        self._newest = (-1, -1)
        self.revised: list[tuple[Live, int]] = []  # and from when on
        self.refresh()

    def refresh(self) -> bool:
        """Take in new series and revisions; return whether there were any."""
        newest = watch.newest()
        if newest == self._newest:
            return False
        self._read()
        self._newest = newest
        return True

    def known(self, results: Sequence[Result]) -> Sequence[Result]:
        """Return the results whose series exist, looking again for those that are not known."""
        lives = self.lives
        if all(result.series in lives for result in results):
            return results
        self.refresh()
        return [result for result in results if result.series in lives]

    def of_check(self, check: int) -> Sequence[Live]:
        """Return the series of one check that results are taken of."""
        return self.by_check.get(check, ())

    def _read(self) -> None:
        valid_from_us: dict[int, list[int]] = {}
        rules: dict[int, list[Rules]] = {}
        for revised in watch.revisions():
            valid_from_us.setdefault(revised.check, []).append(revised.valid_from_us)
            rules.setdefault(revised.check, []).append(rules_of(revised))
        standings = dict(standing.load())
        watched = list(watch.series())
        heartbeats = terms()
        corrections = correction.taken()
        verdicts = {one.check: one.series for one in watched if one.is_verdict}
        by_check: dict[int, list[Live]] = {}
        self.revised = []
        for one in watched:
            if one.is_verdict or one.series not in standings or one.check not in rules:
                continue
            kind = LiveBeat if one.check in heartbeats else Live
            live = self.lives.get(one.series)
            if type(live) is not kind:
                live = kind(one, verdicts.get(one.check), standings[one.series])
            live.watched, live.valid_from_us, live.rules = one, valid_from_us[one.check], rules[one.check]
            live.corrections = corrections.get(one.check, ())
            if isinstance(live, LiveBeat):
                live.terms = heartbeats[one.check]
            self._note_revisions(live)
            by_check.setdefault(one.check, []).append(live)
        _refuse_regions(by_check)
        self.by_check = by_check
        self.lives = {live.watched.series: live for lives in by_check.values() for live in lives}

    def _note_revisions(self, live: Live) -> None:
        """See whether results were judged by rules that had been replaced when they were asked."""
        standing = live.standing
        newer = [valid_us for valid_us in live.valid_from_us if valid_us > standing.rules_from_us]
        last = standing.track.last
        judged = bool(newer) and last is not None and last.asked_us >= newer[0]
        if judged or (newer and isinstance(live, LiveBeat)):
            self.revised.append((live, newer[0]))
        elif newer:
            standing.rules_from_us = newer[-1]


def _refuse_regions(by_check: dict[int, list[Live]]) -> None:
    for lives in by_check.values():
        if len(lives) > 1 and any(live.verdict is not None for live in lives):
            raise RuntimeError(
                f"check {lives[0].watched.slug!r} has series in {len(lives)} regions, and this version makes "
                "the verdict of one region only. Remove the other regions."
            )

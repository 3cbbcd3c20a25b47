"""A sequence of probes read by hand: which outages it shows, how long each was, what nobody saw."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from trueup.domain.node import Node, exact

GAP = Fraction(3, 2)  # silence of more than so many intervals is unknown


@dataclass(frozen=True, slots=True)
class Run:
    """Failed probes in a row, with the last good one before and the first after; seconds."""

    fails: tuple[Fraction, ...]
    good_before: Fraction | None
    good_after: Fraction | None
    end: Fraction  # the first good one after, or as far as the last failed one covers

    def written(self) -> dict[str, Any]:
        """Return its bounds and its estimate, from middle to middle of what surrounds its edges.

        An edge at which nothing was known is where it was observed.
        """
        first, last = self.fails[0], self.fails[-1]
        early = first if self.good_before is None else self.good_before
        start = (early + first) / 2
        stop = self.end if self.good_after is None else (last + self.end) / 2
        return {
            "first_fail": exact(first),
            "last_fail": exact(last),
            "fails": len(self.fails),
            "observed_start": exact(first),
            "observed_end": exact(self.end),
            "observed_seconds": exact(self.end - first),
            "duration_lo": exact(last - first),
            "duration_hi": exact(self.end - early),
            "estimate_start": exact(start),
            "estimate_end": exact(stop),
            "estimate_seconds": exact(stop - start),
            "open_before": self.good_before is None,
            "open_after": self.good_after is None,
        }


def probe_case(node: Node) -> dict[str, Any]:
    """Return what a sequence of probes shows.

    Raises:
        DocumentError: It cannot be read.
    """
    node.mapping(needed=("interval_seconds", "probes"))
    interval, factor, confirm = (node.get(key) for key in ("interval_seconds", "gap_factor", "confirm"))
    every = interval.number()
    if every <= 0:
        raise interval.wrong(f"{interval.shown} is no interval. Write more than 0 seconds.")
    silence = every * (GAP if factor.absent else factor.within(1, 1000))
    enough = 1 if confirm.absent else confirm.whole(1, 1000)
    probes = sorted(_probe(each) for each in node.get("probes").each())
    runs = list(_runs(probes, every, silence))
    return {
        "outages": [run.written() for run in runs if len(run.fails) >= enough],
        "unconfirmed": [run.written() for run in runs if len(run.fails) < enough],
        "unknown": [
            {"start": exact(at + every), "end": exact(then)}
            for (at, _), (then, _) in pairwise(probes)
            if then - at > silence
        ],
    }


def _probe(node: Node) -> tuple[Fraction, bool]:
    both = list(node.each())
    if len(both) != 2:
        raise node.wrong(f"{node.shown} is no probe. Write its second and whether it was good: [60, true].")
    return both[0].number(), both[1].flag()


def _runs(probes: Sequence[tuple[Fraction, bool]], every: Fraction, silence: Fraction) -> Iterator[Run]:
    """Yield the runs of failed probes; silence ends a run, and what was before it is not known."""
    good: Fraction | None = None
    fails: list[Fraction] = []
    before: Fraction | None = None
    for at, is_good in probes:
        if before is not None and at - before > silence:
            if fails:
                yield Run(tuple(fails), good, None, before + every)
            good, fails = None, []
        if is_good:
            if fails:
                yield Run(tuple(fails), good, at, at)
            good, fails = at, []
        else:
            fails.append(at)
        before = at
    if fails:
        yield Run(tuple(fails), good, None, fails[-1] + every)

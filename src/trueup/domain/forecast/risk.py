"""How likely a breach is: what the outages of the last 90 days make of the time to come, drawn again.

Each run draws how many outages come and, for each, the length of one that was. The rate is known only as
well as so many outages tell. Of n + 1 outages the newest is longer than all others with a chance of
1 : n + 1, so the longest is drawn as if there had been two of it: without that, the runs know no worse
than what was and a breach comes more often than they say. An outage that goes on lasts as long as a past
one that lasted longer; where none did, as long again as it has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import islice

from trueup.domain.forecast.chance import counts, picked, words
from trueup.domain.forecast.course import Course
from trueup.domain.sla.case import Case
from trueup.domain.sla.judge import SEPARATE, whole_service

LEAST = 5  # outages: of fewer nothing can be learned
WATCHED_US = 90 * 86_400_000_000
_RUNS = 2_000
_FEWEST_RUNS = 200
_DRAWS = 200_000  # together, about


class Why(StrEnum):
    """Why there is no risk to tell."""

    FEW_OUTAGES = "few_outages"  # fewer than LEAST in the time watched
    CERTAIN = "certain"  # the outcome stands: nothing that may come changes it
    NO_SERVICE = "no_service"  # each component has a figure of its own
    CLOSED = "closed"  # the window is over


@dataclass(frozen=True, slots=True)
class History:
    """Outages in the time watched, as the terms count them, and how much of it counted; microseconds.

    ``ongoing_us`` is how long the last of them has lasted, if it goes on.
    """

    lengths_us: tuple[int, ...]
    counted_us: int
    ongoing_us: int = 0


@dataclass(frozen=True, slots=True)
class Risk:
    """How likely it is that more is lost than allowed, and what is lost in half and in nine of ten runs."""

    breach_ratio: Fraction
    median_us: Fraction
    ninety_us: Fraction
    outages: int
    runs: int


def history(case: Case) -> History | None:
    """Return the outages of a case over its window, the last 90 days as a rule; None without a service.

    Raises:
        CaseError: As ``judge``.
    """
    if case.terms.aggregation.type in SEPARATE:
        return None
    whole = whole_service(case)
    pairs = whole.point.down.pairs
    lengths = tuple(end_us - start_us for start_us, end_us in pairs)
    goes_on = bool(pairs) and case.as_of_us is not None and pairs[-1][1] >= case.as_of_us
    return History(lengths, whole.counted.total_us, lengths[-1] if goes_on else 0)


def risk(of: Course | None, past: History | None) -> Risk | Why:
    """Return how likely a breach is, or why that cannot be told; the same for the same figures."""
    if past is None:
        return Why.NO_SERVICE
    if of is None:
        return Why.CLOSED
    ahead_us, left_us = of.risk.total_us, of.left_us(of.terms.objective_ratio)
    if left_us < 0 or ahead_us <= left_us:
        return Why.CERTAIN
    if len(past.lengths_us) < LEAST or not past.counted_us:
        return Why.FEW_OUTAGES
    more = sorted(min(each_us, ahead_us) for each_us in _runs(past, ahead_us, of.as_of_us))
    breaches = sum(each_us > left_us for each_us in more)
    return Risk(
        Fraction(breaches, len(more)),
        of.downtime_us + _quantile(more, 50),
        of.downtime_us + _quantile(more, 90),
        len(past.lengths_us),
        len(more),
    )


def _runs(past: History, ahead_us: int, as_of_us: int) -> Iterator[int]:
    """Yield what is lost in the time to come, run by run."""
    lengths = sorted(past.lengths_us)
    expected = len(lengths) * ahead_us // past.counted_us + 1
    runs = max(_FEWEST_RUNS, min(_RUNS, _DRAWS // expected))
    seed = (as_of_us, ahead_us, past.counted_us, past.ongoing_us, *lengths)
    numbers = counts(len(lengths), (ahead_us, past.counted_us), words("outages", seed, runs))
    drawn = iter(picked([*lengths, lengths[-1]], words("lengths", seed, sum(numbers))))
    for number, word in zip(numbers, words("ongoing", seed, runs), strict=True):
        yield sum(islice(drawn, number)) + _rest(lengths, past.ongoing_us, word)


def _rest(lengths: Sequence[int], ongoing_us: int, word: int) -> int:
    """Return how much longer an outage that goes on lasts."""
    if not ongoing_us:
        return 0
    longer = [length_us - ongoing_us for length_us in lengths if length_us > ongoing_us]
    return picked(longer, (word,))[0] if longer else ongoing_us


def _quantile(ordered: Sequence[int], percent: int) -> int:
    """Return the least value that so many percent do not exceed."""
    return ordered[max(-(-len(ordered) * percent // 100) - 1, 0)]

"""Whether probes are dense enough for an objective, and one vantage trustworthy enough.

A probe stands for the time until the next. One that stands for more than a tenth of the budget makes
the figure coarse; one that stands for more than all of it makes every verdict a matter of luck.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

FINE, COARSE, REFUSED = "fine", "coarse", "refused"
SHARE = 10  # a probe may stand for this part of the budget
FALSE_FAILURES = Fraction(1, 1000)  # of single probes from one place, as networks are

_DAY_US = 86_400_000_000
NOMINAL_US = {
    "day": _DAY_US,
    "week": 7 * _DAY_US,
    "month": 30 * _DAY_US,
    "quarter": 90 * _DAY_US,
    "year": 365 * _DAY_US,
}


@dataclass(frozen=True, slots=True)
class Resolution:
    """How an interval compares with the budget of a window; ``longest_us`` is the interval that is fine."""

    level: str  # fine | coarse | refused: no verdict
    budget_us: Fraction
    share: Fraction | None  # of the budget that one probe stands for
    longest_us: Fraction

    @property
    def gives_verdict(self) -> bool:
        """Return whether a verdict may be given at all."""
        return self.level != REFUSED


def resolve(objective_ratio: Fraction, counted_us: int, interval_us: int) -> Resolution:
    """Return how well an interval resolves an objective over so much counted time.

    An objective of 100 % has no budget, and the rule does not apply: any confirmed downtime breaks it.
    """
    budget_us = (1 - objective_ratio) * counted_us
    if not budget_us:
        return Resolution(FINE, budget_us, None, Fraction(interval_us))
    share = interval_us / budget_us
    level = REFUSED if share > 1 else COARSE if share * SHARE > 1 else FINE
    return Resolution(level, budget_us, share, budget_us / SHARE)


def longest(allowed_us: Fraction, intervals_us: Iterable[int]) -> int | None:
    """Return the longest of some intervals that is short enough; None where none is."""
    return max((each for each in intervals_us if each <= allowed_us), default=None)


def false_downtime(confirm: int, vantages: int) -> Fraction:
    """Return the part of all time that false failures make down, where each must be seen so often.

    ``confirm`` probes in a row at each of ``vantages`` places must fail, each by chance.
    """
    return FALSE_FAILURES ** (confirm * vantages)


def wasted(objective_ratio: Fraction, confirm: int, vantages: int) -> Fraction:
    """Return how many times over false failures alone cost the budget; 0 where there is none."""
    budget = 1 - objective_ratio
    return false_downtime(confirm, vantages) / budget if budget else Fraction(0)

"""The tiers of credit that lie ahead: how much time is left before each, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import floor

from trueup.domain import credit
from trueup.domain.forecast.course import Course, after


@dataclass(frozen=True, slots=True)
class Ahead:
    """A tier that can still be reached: below ``min_ratio`` the credit is ``credit_ratio``.

    ``left_us`` may be lost before that. ``at_us`` is when it is lost if it is down from now on; None: the
    window ends before. Money is None without a fee: the credit then, and how much more that is than what
    is due if nothing more is lost.
    """

    min_ratio: Fraction
    credit_ratio: Fraction
    label: str | None
    left_us: int
    at_us: int | None
    amount: Fraction | None
    more: Fraction | None


def ahead(of: Course) -> tuple[Ahead, ...]:
    """Return every tier below the one that the window ends in if nothing more is lost, nearest first."""
    ratio = of.ratio_after()
    if ratio is None:
        return ()
    tiers = sorted(of.terms.tiers, key=lambda tier: tier.min_ratio, reverse=True)
    now = credit.tier_of(tiers, ratio)
    due = None if of.fee is None or now is None else credit.amount(of.fee, now.credit_ratio)
    found = []
    for upper, lower in pairwise(tiers):
        if upper.min_ratio > ratio:
            continue
        left_us = floor(of.left_us(upper.min_ratio))
        amount = None if of.fee is None else credit.amount(of.fee, lower.credit_ratio)
        more = None if amount is None or due is None else amount - due
        at_us = after(of.risk, left_us)
        found.append(Ahead(upper.min_ratio, lower.credit_ratio, lower.label, left_us, at_us, amount, more))
    return tuple(found)

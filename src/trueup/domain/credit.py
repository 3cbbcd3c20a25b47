"""What decides about money: the percentage as the terms round it, its tier, the amount to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor

from trueup.domain.terms import Rounding, Tier


def rounded(ratio: Fraction, rounding: Rounding | None) -> Fraction:
    """Return the value that decides: the exact ratio, or its percentage rounded as the terms say."""
    if rounding is None:
        return ratio
    scale = 100 * 10**rounding.digits
    scaled = ratio * scale
    if rounding.mode == "floor":
        return Fraction(floor(scaled), scale)
    if rounding.mode == "half_up":
        return Fraction(floor(scaled + Fraction(1, 2)), scale)
    return Fraction(round(scaled), scale)  # to the even neighbour where both are as near


def tier_of(tiers: Sequence[Tier], ratio: Fraction) -> Tier | None:
    """Return the tier of an availability: that with the greatest floor that it reaches."""
    reached = [tier for tier in tiers if tier.min_ratio <= ratio]
    return max(reached, key=lambda tier: tier.min_ratio) if reached else None


def amount(fee: Fraction, credit_ratio: Fraction) -> Fraction:
    """Return the part of a fee that is due back, rounded half up to hundredths of the currency."""
    return Fraction(floor(fee * credit_ratio * 100 + Fraction(1, 2)), 100)

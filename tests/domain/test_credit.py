"""Money: the value that decides, its tier, and the amount to the cent."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trueup.domain import terms
from trueup.domain.credit import amount, rounded, tier_of
from trueup.domain.terms import Rounding

SEED = terms.read({}).tiers


@pytest.mark.parametrize(
    ("percent", "credit", "label"),
    [
        ("100", 0, "Excellent"), ("99.9", 0, "Excellent"), ("99.899999999", 10, "Good"),
        ("99.895", 10, "Good"),
        ("99", 10, "Good"), ("98.995", 50, "Acceptable"), ("95", 50, "Acceptable"), ("94.999", 100, "Poor"),
        ("0", 100, "Poor"),
    ],
)  # fmt: skip
def test_a_tier_is_a_floor_on_the_exact_value(percent: str, credit: int, label: str) -> None:
    tier = tier_of(SEED, Fraction(percent) / 100)

    assert tier is not None
    assert tier.credit_ratio * 100 == credit
    assert tier.label == label


def test_without_tiers_there_is_none() -> None:
    assert tier_of((), Fraction(1)) is None


@pytest.mark.parametrize(
    ("mode", "percent", "decides"),
    [
        ("floor", "99.899", "99.89"), ("half_up", "99.895", "99.9"), ("half_up", "99.8949", "99.89"),
        ("half_even", "99.895", "99.9"), ("half_even", "99.885", "99.88"),
    ],
)  # fmt: skip
def test_rounding_moves_the_value_that_decides(mode: str, percent: str, decides: str) -> None:
    assert rounded(Fraction(percent) / 100, Rounding(2, mode)) == Fraction(decides) / 100


def test_without_rounding_the_exact_value_decides() -> None:
    assert rounded(Fraction(1, 3), None) == Fraction(1, 3)


@pytest.mark.parametrize(
    ("fee", "credit", "due"),
    [
        ("99.99", "10", "10"),
        ("0.05", "10", "0.01"),
        ("0.049", "10", "0"),
        ("1000", "100", "1000"),
        ("3", "33.333", "1"),
    ],
)
def test_an_amount_is_rounded_half_up_to_cents(fee: str, credit: str, due: str) -> None:
    assert amount(Fraction(fee), Fraction(credit) / 100) == Fraction(due)


@given(st.fractions(min_value=0, max_value=10**6), st.fractions(min_value=0, max_value=1))
def test_an_amount_is_within_half_a_cent(fee: Fraction, ratio: Fraction) -> None:
    assert abs(amount(fee, ratio) - fee * ratio) <= Fraction(1, 200)
    assert (amount(fee, ratio) * 100).denominator == 1

"""How much time may still be lost, and when it will be."""

from __future__ import annotations

from fractions import Fraction

import pytest

from trueup.domain.budget import NOMINAL_US, budget, exhausted_at
from trueup.domain.interval import Spans

DAY_US = 86_400_000_000


def test_a_month_allows_its_own_part_and_never_more_than_thirty_days_beside_it() -> None:
    december = budget(Fraction(999, 1000), 31 * DAY_US, 0, Fraction(11_500_000))
    february = budget(Fraction(999, 1000), 28 * DAY_US, 0, Fraction(0))

    assert december.allowed_us == Fraction("2678.4") * 10**6
    assert december.nominal_us == 2592 * 10**6 == NOMINAL_US // 1000
    assert december.remaining_us == december.allowed_us - 11_500_000
    assert february.nominal_us == february.allowed_us == Fraction("2419.2") * 10**6


def test_time_to_come_is_allowed_for_but_does_not_burn() -> None:
    half = budget(Fraction(9, 10), 50, 50, Fraction(5))

    assert [half.allowed_us, half.remaining_us] == [10, 5]
    assert [half.consumed_ratio, half.burn_rate] == [Fraction(1, 2), 1]


def test_where_everything_is_promised_there_is_no_budget_and_no_rate() -> None:
    whole = budget(Fraction(1), 100, 0, Fraction(1))

    assert [whole.allowed_us, whole.remaining_us] == [0, -1]
    assert [whole.consumed_ratio, whole.burn_rate] == [None, None]


def test_before_any_time_has_counted_there_is_no_rate() -> None:
    assert budget(Fraction(1, 2), 0, 100, Fraction(0)).burn_rate is None


@pytest.mark.parametrize(
    ("remaining", "at"),
    [
        ("0", "already"),
        ("-1", "already"),
        ("1/2", 10),
        ("3", 13),
        ("10", 20),
        ("10.5", 30),
        ("15", 35),
        ("15.1", None),
    ],
)
def test_a_budget_is_used_up_after_so_much_time_that_counts(remaining: str, at: object) -> None:
    assert exhausted_at(Fraction(remaining), Spans([(10, 20), (30, 35)])) == at

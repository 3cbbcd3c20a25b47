"""Whether probes are dense enough for an objective, and one vantage trustworthy enough."""

from __future__ import annotations

from fractions import Fraction

import pytest

from trueup.domain.resolution import NOMINAL_US, longest, resolve, wasted

SECOND = 1_000_000
MONTH = NOMINAL_US["month"]


@pytest.mark.parametrize(
    ("objective", "interval", "level"),
    [
        ("99.9", 259, "fine"),
        ("99.9", 260, "coarse"),
        ("99.99", 60, "coarse"),
        ("99.999", 25, "coarse"),
        ("99.999", 26, "refused"),
        ("99.999", 60, "refused"),
        ("100", 3600, "fine"),
    ],
)
def test_a_probe_may_stand_for_a_tenth_of_the_budget(objective: str, interval: int, level: str) -> None:
    found = resolve(Fraction(objective) / 100, MONTH, interval * SECOND)

    assert found.level == level
    assert found.gives_verdict == (level != "refused")


def test_the_longest_interval_that_is_short_enough_is_named() -> None:
    found = resolve(Fraction(9999, 10000), MONTH, 60 * SECOND)

    assert longest(found.longest_us, [each * SECOND for each in (10, 20, 30)]) == 20 * SECOND
    assert longest(found.longest_us, [30 * SECOND]) is None


def test_what_was_resolved_exactly_at_a_bound_is_still_fine() -> None:
    assert resolve(Fraction(999, 1000), 10_000 * SECOND, SECOND).level == "fine"
    assert resolve(Fraction(999, 1000), 1_000 * SECOND, SECOND).level == "coarse"


@pytest.mark.parametrize(
    ("objective", "confirm", "vantages", "times"),
    [("99.9", 1, 1, 1), ("99.99", 1, 1, 10), ("99.9", 2, 1, Fraction(1, 1000)),
     ("99.9", 1, 2, Fraction(1, 1000)),
     ("100", 1, 1, 0)],
)  # fmt: skip
def test_false_failures_cost_so_many_budgets(
    objective: str, confirm: int, vantages: int, times: Fraction
) -> None:
    assert wasted(Fraction(objective) / 100, confirm, vantages) == times

"""Probes that are too far apart for what is promised leave every figure and take the decision."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from tests.domain.sla.worked import CASES

from trueup.domain.sla import judge, read_case, resolution, too_coarse, undecided

SECOND = 1_000_000
MONTH = read_case(CASES["A06"])  # November: 99.9 % of 30 days allow 2,592 s
BUDGET_US = 2_592 * SECOND


@pytest.mark.parametrize(
    ("interval_us", "level"),
    [
        (60 * SECOND, "fine"),
        (BUDGET_US // 10, "fine"),
        (BUDGET_US // 10 + 1, "coarse"),
        (BUDGET_US, "coarse"),
        (BUDGET_US + 1, "refused"),
    ],
)
def test_a_probe_may_stand_for_a_tenth_of_the_budget_and_at_most_for_all_of_it(
    interval_us: int, level: str
) -> None:
    found = resolution(MONTH, judge(MONTH), interval_us)

    assert (found.level, found.budget_us, found.longest_us) == (
        level,
        Fraction(BUDGET_US),
        Fraction(BUDGET_US, 10),
    )
    assert bool(too_coarse(found, interval_us)) is (level == "refused")


def test_it_says_how_far_apart_they_are_and_how_often_would_do() -> None:
    found = resolution(MONTH, judge(MONTH), 3_600 * SECOND)

    assert too_coarse(found, 3_600 * SECOND) == (
        "A probe each 1 h stands for more than may be lost in all, 43 min 12 s: no verdict. "
        "Ask each 4 min 19 s or oftener."
    )


def test_what_nothing_was_asked_of_is_not_too_coarse() -> None:
    assert too_coarse(resolution(MONTH, judge(MONTH), 0), 0) == ""


def test_a_promise_of_everything_has_no_budget_to_compare_with() -> None:
    terms = replace(MONTH.terms, objective_ratio=Fraction(1))
    whole = replace(MONTH, terms=terms)

    found = resolution(whole, judge(whole), 3_600 * SECOND)

    assert (found.level, found.share) == ("fine", None)
    assert too_coarse(found, 3_600 * SECOND) == ""


def test_without_one_figure_for_all_the_window_is_what_is_promised() -> None:
    apart = read_case(CASES["G02"])
    result = judge(apart)
    assert result.budget is None

    found = resolution(apart, result, 60 * SECOND)

    assert found.budget_us == (1 - apart.terms.objective_ratio) * result.window.length_us


def test_what_is_undecided_keeps_its_figures() -> None:
    result = judge(MONTH)

    found = undecided(result)

    assert (found.sums, found.budget, found.ratios) == (result.sums, result.budget, result.ratios)
    decision = found.decision
    assert decision.status == "too_coarse"
    assert {decision.breached, decision.verdict, decision.outcome, decision.tier} == {None}
    assert {decision.credit_ratio, decision.credit_amount} == {None}

"""How likely a breach is: the same everywhere, right where it can be reckoned, and borne out by the years."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from math import exp

import pytest
from tests.domain.forecast.cases import DAY, HOUR, MONTH, SECOND, case

from trueup.domain.forecast import Course, History, Risk, Why, course, history, risk
from trueup.domain.forecast.chance import counts, picked, words
from trueup.domain.interval import Span, Spans

PAST = History(tuple(minutes * 60 * SECOND for minutes in (1, 2, 3, 5, 8, 13, 21)), 90 * DAY)


def of(as_of_us: int = 10 * DAY, lost_us: int = 0) -> Course:
    found = course(case([(0, lost_us)] if lost_us else [], as_of_us))
    assert found is not None
    return found


def test_drawn_numbers_are_those_of_shake_128_for_ever() -> None:
    assert words("lengths", (1, 2, 3), 4) == (2955996471, 3899730089, 3035392650, 3942976859)
    assert picked("abcd", (0, 2**30, 2**31, 2**32 - 1)) == ["a", "b", "c", "d"]


def test_risk_is_the_same_on_every_machine() -> None:
    assert risk(of(), PAST) == Risk(
        Fraction(7, 125), Fraction(480 * SECOND), Fraction(2_100 * SECOND), 7, 2_000
    )


def test_risk_does_not_depend_on_the_order_in_which_outages_are_listed() -> None:
    turned = replace(PAST, lengths_us=PAST.lengths_us[::-1])

    assert risk(of(), turned) == risk(of(), PAST)


def test_fewer_than_five_outages_tell_nothing() -> None:
    assert risk(of(), replace(PAST, lengths_us=PAST.lengths_us[:4])) is Why.FEW_OUTAGES
    assert isinstance(risk(of(), replace(PAST, lengths_us=PAST.lengths_us[:5])), Risk)


def test_what_is_decided_is_no_matter_of_chance() -> None:
    assert risk(of(lost_us=2_593 * SECOND), PAST) is Why.CERTAIN
    assert risk(of(as_of_us=MONTH - 2_592 * SECOND), PAST) is Why.CERTAIN
    assert risk(None, PAST) is Why.CLOSED
    assert risk(of(), None) is Why.NO_SERVICE


def test_the_more_is_lost_already_the_likelier_is_a_breach() -> None:
    found = [risk(of(lost_us=minutes * 60 * SECOND), PAST) for minutes in (0, 10, 20, 30, 40, 43)]
    ratios = [each.breach_ratio for each in found if isinstance(each, Risk)]

    assert ratios == sorted(ratios)
    assert len(ratios) == 6
    assert ratios[0] < Fraction(1, 10) < Fraction(7, 10) < ratios[-1]


def test_history_is_what_the_terms_count() -> None:
    made = case([(DAY, DAY + HOUR), (2 * DAY, 3 * DAY)], 3 * DAY, maintenance=[(DAY, DAY + HOUR // 2)])

    assert history(made) == History((HOUR // 2, DAY), 3 * DAY - HOUR // 2, DAY)
    longer = replace(made.terms, min_outage=replace(made.terms.min_outage, length_us=2 * HOUR))
    assert history(replace(made, terms=longer)) == History((DAY,), 3 * DAY - HOUR // 2, DAY)
    assert history(case([], DAY, aggregation={"type": "worst"})) is None


def test_an_outage_that_goes_on_makes_a_breach_likelier() -> None:
    calm, down = risk(of(), PAST), risk(of(), replace(PAST, ongoing_us=4 * 60 * SECOND))

    assert isinstance(calm, Risk)
    assert isinstance(down, Risk)
    assert down.breach_ratio > calm.breach_ratio
    assert down.median_us > calm.median_us


def test_number_of_outages_is_negative_binomial() -> None:
    drawn = counts(9, (20, 90), words("try", (7,), 40_000))
    mean = sum(drawn) / len(drawn)
    spread = sum((each - mean) ** 2 for each in drawn) / len(drawn)

    assert mean == pytest.approx(9 * 20 / 90, rel=0.02)
    assert spread == pytest.approx(9 * 20 / 90 * (1 + 20 / 90), rel=0.04)


def test_number_of_outages_is_poisson_where_the_rate_is_well_known() -> None:
    drawn = counts(5_000, (1, 5_000), words("try", (8,), 40_000))

    assert drawn.count(0) / len(drawn) == pytest.approx(exp(-1), rel=0.03)


def test_a_check_that_flaps_is_reckoned_in_bounded_time() -> None:
    flapping = History(tuple(SECOND + number for number in range(20_000)), 90 * DAY)
    found = risk(of(as_of_us=MONTH - DAY), flapping)

    assert isinstance(found, Risk)
    assert found.runs < 2_000


class Years:
    """Months of chance: outages come at random at a rate, and last as long as they may."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.a_month = self._chance.uniform(2, 12)
        self.mean_us = self._chance.uniform(1, 20) * 60 * SECOND
        self.shape = self._chance.choice([0.3, 0.6, 1.0])

    def outages(self, length_us: int) -> list[tuple[int, int]]:
        found, at_us = [], 0.0
        while (at_us := at_us + self._chance.expovariate(self.a_month / MONTH)) < length_us:
            found.append((int(at_us), int(self._chance.lognormvariate(0, self.shape) * self.mean_us) + 1))
        return found


def breaches(months: Iterable[int]) -> tuple[int, int]:
    """Return how many of such months had a risk of about a tenth, and how many of those were lost."""
    told = came = 0
    for seed in range(200):
        world = Years(seed)
        chance = random.Random(f"objective {seed}")
        whole_us = 15 * MONTH
        every = world.outages(whole_us)
        allowed_us = int(world.a_month * world.mean_us * chance.uniform(1.0, 2.5))
        for month in months:
            start_us = month * MONTH
            now_us = start_us + int(chance.uniform(0, 0.8) * MONTH)
            past = tuple(lasted for at, lasted in every if now_us - 90 * DAY <= at < now_us)
            lost_us = sum(lasted for at, lasted in every if start_us <= at < now_us)
            final_us = sum(lasted for at, lasted in every if start_us <= at < start_us + MONTH)
            stands = replace(
                of(), as_of_us=now_us, counted_us=now_us - start_us, downtime_us=Fraction(lost_us)
            )
            ahead = Spans([Span(now_us, start_us + MONTH)])
            terms = replace(stands.terms, objective_ratio=1 - Fraction(allowed_us, MONTH))
            found = risk(replace(stands, terms=terms, future=ahead, risk=ahead), History(past, 90 * DAY))
            if isinstance(found, Risk) and 0.05 <= found.breach_ratio <= 0.15:
                told += 1
                came += final_us > allowed_us
    return told, came


@pytest.mark.parametrize("months", [range(3, 15, 4), pytest.param(range(3, 15), marks=pytest.mark.long)])
def test_of_months_with_a_risk_of_a_tenth_about_a_tenth_is_lost_in_200_years(months: Iterable[int]) -> None:
    told, came = breaches(months)

    assert told >= 80
    assert 0.05 <= came / told <= 0.15

"""The terms of a contract: read exactly, refused with the place, written out whole."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from tests.domain.sla.worlds import words

from trueup.domain import terms
from trueup.domain.calendar import Hours, Schedule
from trueup.domain.terms import MinOutage, Planned, Rounding, Slices, Terms, Tier, Window

HOUR_US = 3_600_000_000


def refusal(document: Any) -> str:
    with pytest.raises(terms.TermsError) as caught:
        terms.read(document)
    return str(caught.value)


def test_nothing_written_is_the_house_profile() -> None:
    house = terms.read({})

    assert house == Terms(
        Fraction(999, 1000), Window("calendar", "month", "UTC"), None, Planned(), "exclude", "unknown",
        "exclude", Fraction(0), MinOutage(), None, terms.Aggregation(), None,
        (
            Tier(Fraction(999, 1000), Fraction(0), "Excellent"),
            Tier(Fraction(99, 100), Fraction(1, 10), "Good"),
            Tier(Fraction(95, 100), Fraction(1, 2), "Acceptable"),
            Tier(Fraction(0), Fraction(1), "Poor"),
        ),
        None, "observed",
    )  # fmt: skip
    assert terms.document(house) == terms.DEFAULTS


def test_everything_terms_can_say_is_read_and_written_the_same() -> None:
    written = {
        "objective": "99.95",
        "window": {"type": "rolling", "seconds": 86400},
        "schedule": {
            "timezone": "Europe/Berlin",
            "weekly": [{"days": ["mon", "sun"], "from": "09:30", "to": "24:00"}],
            "holidays": ["2026-01-01", "2026-12-25"],
        },
        "maintenance": {"mode": "count_as_up", "min_notice_seconds": "0.5", "cap_seconds": 60},
        "exclusions": {"mode": "ignore"},
        "paused": "exclude",
        "unknown": "carry",
        "degraded_weight": "1/3",
        "min_outage": {"seconds": 120, "basis": "counted", "counting": "excess"},
        "slices": {"seconds": 60, "bad_when": "0.05"},
        "aggregation": {"type": "weighted_mean", "weights": {"a": "1", "b": "2.5"}},
        "rounding": {"digits": 2, "mode": "half_even"},
        "tiers": [{"min": "99.95", "credit": "0"}, {"min": "0", "credit": "12.5", "label": "All else"}],
        "min_coverage": "95",
        "edge": "lenient",
    }
    read = terms.read(written)

    assert terms.document(read) == written
    assert read.schedule == Schedule(
        "Europe/Berlin", (Hours((0, 6), 9 * HOUR_US + HOUR_US // 2, 24 * HOUR_US),),
        (date(2026, 1, 1), date(2026, 12, 25)),
    )  # fmt: skip
    assert (read.window, read.maintenance) == (
        Window("rolling", length_us=86_400_000_000), Planned("count_as_up", 500_000, 60_000_000),
    )  # fmt: skip
    assert (read.slices, read.rounding) == (Slices(60_000_000, Fraction(1, 20)), Rounding(2, "half_even"))
    assert (read.min_coverage_ratio, read.degraded_weight) == (Fraction(19, 20), Fraction(1, 3))


@settings(max_examples=100)
@given(words(edges=True))
def test_terms_written_out_are_read_as_the_same(given_terms: Terms) -> None:
    assert terms.read(terms.document(given_terms)) == given_terms


@pytest.mark.parametrize("bad", ["any", "all", "1/3"])
def test_slices_are_written_as_they_were(bad: str) -> None:
    written = {"seconds": 60, "bad_when": bad}

    assert terms.document(terms.read({"slices": written}))["slices"] == written


@pytest.mark.parametrize(
    ("number", "ratio"),
    [(99.9, "0.999"), ("99.9", "0.999"), (99, "0.99"), ("199/2", "0.995"), (0.1, "0.001")],
)
def test_a_number_is_what_is_written(number: Any, ratio: str) -> None:
    assert terms.read({"objective": number}).objective_ratio == Fraction(ratio)


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ([], "[] is no object."),
        ({"objective": "0"}, "objective: '0' is no objective. Write a percentage above 0 and at most 100"),
        ({"objective": "100.1"}, "objective: '100.1' is no objective."),
        ({"objective": True}, "objective: True is no number."),
        ({"objective": float("nan")}, "objective: nan is no number."),
        ({"objective": "1/0"}, "objective: '1/0' divides by zero."),
        ({"objektive": 1}, "the key 'objektive' is not known here. Did you mean objective?"),
        ({"window": {"type": "moon"}}, "window.type: 'moon' is not known here."),
        ({"window": {"type": "calendar", "period": "month"}}, "window: the key 'timezone' is missing."),
        ({"window": {"type": "fixed", "seconds": 1}}, "window: the key 'seconds' is not known here."),
        ({"window": {"type": "rolling", "seconds": 0}}, "window.seconds: 0 s is out of bounds."),
        ({"window": {"type": "rolling", "seconds": "0.0000001"}}, "window.seconds: '0.0000001' s is finer"),
        ({"schedule": {"timezone": "UTC", "weekly": []}}, "schedule.weekly: no hours are written."),
        ({"schedule": {"timezone": "UTC", "weekly": [{"days": [], "from": "00:00", "to": "01:00"}]}},
         "schedule.weekly[0].days: no day is written."),
        ({"schedule": {"timezone": "UTC", "weekly": [{"days": ["mon"], "from": "22:00", "to": "06:00"}]}},
         "schedule.weekly[0]: hours from 22:00 to 06:00 are none."),
        ({"schedule": {"timezone": "UTC", "weekly": [{"days": ["mon"], "from": "9:00", "to": "24:01"}]}},
         "schedule.weekly[0].from: '9:00' is no time of day."),
        ({"schedule": {"timezone": "UTC", "weekly": [{"days": ["mon"], "from": "09:00", "to": "24:01"}]}},
         "schedule.weekly[0].to: '24:01' is no time of day."),
        ({"schedule": {"timezone": "UTC", "weekly": [{"days": ["mon"], "from": "09:60", "to": "24:00"}]}},
         "schedule.weekly[0].from: '09:60' is no time of day."),
        ({"schedule": {"timezone": "UTC", "weekly": [{"days": ["mon"], "from": "00:00", "to": "24:00"}],
                       "holidays": ["2026-02-30"]}}, "schedule.holidays[0]: '2026-02-30' is no date."),
        ({"maintenance": {"mode": "skip"}}, "maintenance.mode: 'skip' is not known here."),
        ({"maintenance": {"mode": "exclude", "cap_seconds": -1}}, "maintenance.cap_seconds: -1 s is out"),
        ({"degraded_weight": "1.1"}, "degraded_weight: '1.1' is out of bounds. Write a number from 0 to 1."),
        ({"slices": {"seconds": 60, "bad_when": 1}}, "slices.bad_when: 1 is out of bounds."),
        ({"aggregation": {"type": "quorum"}}, "aggregation: the key 'k' is missing."),
        ({"aggregation": {"type": "quorum", "k": 0}}, "aggregation.k: 0 is out of bounds."),
        ({"aggregation": {"type": "quorum", "k": "1.5"}}, "aggregation.k: '1.5' is no whole number."),
        ({"aggregation": {"type": "weighted_mean", "weights": {"a": 0}}},
         "aggregation.weights: no weight is above 0."),
        ({"rounding": {"digits": 13, "mode": "floor"}}, "rounding.digits: 13 is out of bounds."),
        ({"min_coverage": 101}, "min_coverage: 101 is out of bounds."),
        ({"tiers": [{"min": "99", "credit": 0}, {"min": "99", "credit": 1}]},
         "tiers[1]: two tiers begin at 99: they overlap. Leave one out."),
        ({"tiers": [{"min": "95", "credit": 0}, {"min": "99.5", "credit": 1}]},
         "tiers[1]: the tier from 99.5 stands below that from 95. Swap them."),
        ({"tiers": [{"min": "99", "credit": "10"}, {"min": "0", "credit": "2.5"}]},
         "tiers[1]: from 0 on the credit is 2.5, less than the 10 from 99 on."),
        ({"tiers": [{"min": "99", "credit": 0}, {"min": "95.5", "credit": 1}]},
         "tiers: between 0 and 95.5 no tier holds: a gap. Add a tier with min 0."),
        ({"tiers": [{"min": "0", "credit": 101}]}, "tiers[0].credit: 101 is out of bounds."),
        ({"tiers": [{"min": "0", "credit": 1, "label": "\ud800"}]}, "tiers[0].label: '\\ud800' is no text."),
    ],
)  # fmt: skip
def test_terms_that_cannot_be_used_are_refused_with_the_place(document: Any, sentence: str) -> None:
    assert refusal(document).startswith(sentence)


def test_a_contract_without_credits_has_no_tiers() -> None:
    assert terms.read({"tiers": []}).tiers == ()

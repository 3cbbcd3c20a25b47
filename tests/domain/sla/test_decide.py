"""What a figure means: nothing without data, nothing with too little, and else the words of the terms."""

from __future__ import annotations

from typing import Any

import pytest

from trueup.domain import terms
from trueup.domain.interval import Span
from trueup.domain.result import State
from trueup.domain.sla import Case, CaseError, Part, evaluate_case, judge
from trueup.domain.timeline import Record, Timeline

SECOND = 1_000_000
TIERS = [{"min": "99", "credit": "0", "label": "fine"}, {"min": "0", "credit": "25", "label": "poor"}]


def case(*records: Record, as_of: int | None = None, **words: Any) -> Case:
    of = terms.read({"window": {"type": "fixed"}, "objective": "99", "tiers": TIERS, **words})
    shop = Part("shop", (Timeline(records),))
    as_of_us = None if as_of is None else as_of * SECOND
    return Case(of, Span(0, 1000 * SECOND), (shop,), as_of_us=as_of_us)


def said(of: Case) -> list[Any]:
    found = evaluate_case(of)
    return [found[key] for key in ("status", "breached", "credit_percent", "verdict_over_bounds", "outcome")]


def up(end: int) -> Record:
    return Record(State.UP, 0, end * SECOND)


def test_without_data_nothing_is_said_and_nothing_is_due() -> None:
    paused = case(Record(State.PAUSED, 0), paused="exclude")

    assert said(case()) == ["no_data", None, None, "indeterminate", None]
    assert said(paused) == ["no_data", None, None, None, None]
    assert evaluate_case(case())["uptime_percent"] is None
    assert judge(case()).decision.tier is None


def test_with_too_little_data_the_figure_stands_and_nothing_follows_from_it() -> None:
    little = case(up(499), min_coverage="50")

    assert said(little) == ["insufficient_data", None, None, "indeterminate", None]
    assert evaluate_case(little)["uptime_percent"] == "100.000000"
    assert judge(little).decision.tier is None
    assert said(case(up(500), min_coverage="50")) == ["ok", False, "0", "indeterminate", "met"]


def test_without_data_an_open_window_is_open() -> None:
    assert said(case(as_of=500)) == ["no_data", None, None, "indeterminate", "open"]
    assert said(case(as_of=500, aggregation={"type": "worst"}))[-1] == "open"


@pytest.mark.parametrize(("end", "label", "credit"), [(990, "fine", "0"), (989, "poor", "25")])
def test_a_tier_is_named_by_its_label(end: int, label: str, credit: str) -> None:
    of = case(up(end), Record(State.DOWN, end * SECOND))

    assert judge(of).decision.tier == label
    assert said(of)[2] == credit


def test_the_id_that_two_components_have_is_named() -> None:
    of = case(up(10), aggregation={"type": "any"})
    parts = [Part(name, ()) for name in ("shop", "api", "api")]

    with pytest.raises(CaseError, match=r"^components: two have the id 'api'\. Give each"):
        judge(Case(of.terms, of.window, tuple(parts)))

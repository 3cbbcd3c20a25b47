"""What several say together when some of them leave, and what unknown time repeats."""

from __future__ import annotations

from typing import Any

import pytest

from trueup.domain import terms
from trueup.domain.interval import NEVER, Span, Spans
from trueup.domain.result import State
from trueup.domain.sla import Case, Part, judge
from trueup.domain.sla.voices import at_least, everywhere, threshold
from trueup.domain.timeline import Record, Timeline

ONE, TWO, THREE = Spans([(0, 30)]), Spans([(10, 40)]), Spans([(20, 50)])


@pytest.mark.parametrize(("k", "found"), [(1, (0, 50)), (2, (10, 40)), (3, (20, 30)), (4, None)])
def test_as_many_as_are_asked_for_must_hold_at_once(k: int, found: tuple[int, int] | None) -> None:
    assert at_least([ONE, TWO, THREE], k) == Spans([found] if found else [])


def test_one_that_ends_as_another_begins_does_not_hold_with_it() -> None:
    assert at_least([Spans([(0, 10)]), Spans([(10, 20)]), Spans([(0, 20)])], 3) == NEVER
    assert at_least([Spans([(0, 10)]), Spans([(10, 20)]), NEVER], 2) == NEVER


def test_of_no_sets_nothing_holds_everywhere() -> None:
    assert everywhere([]) == NEVER
    assert everywhere([ONE, TWO]) == Spans([(10, 30)])


@pytest.mark.parametrize("k", [2, 3])
def test_all_that_remain_are_enough_when_the_others_have_left(k: int) -> None:
    gone = Spans([(0, 30)])

    assert threshold([Spans([(0, 50)]), NEVER], [NEVER, gone], k) == Spans([(0, 30)])
    assert threshold([ONE, NEVER], [ONE, ONE], k) == NEVER  # where all have left, nobody says anything


def test_what_one_that_has_left_would_say_is_not_heard() -> None:
    assert threshold([ONE, TWO], [Spans([(0, 20)]), NEVER], 1) == Spans([(10, 40)])


def sums(*records: Record, **words: Any) -> tuple[int, int, int, int]:
    """Return how long it was up, degraded, down and not counted, of four hundred ticks."""
    of = terms.read({"window": {"type": "fixed"}, "unknown": "carry", **words})
    found = judge(Case(of, Span(0, 400), (Part("shop", (Timeline(records),)),))).sums
    assert found is not None
    return found.up_us, found.degraded_us, found.down_us, found.window_us - found.counted_us


@pytest.mark.parametrize(
    ("state", "found"),
    [(State.UP, (400, 0, 0, 0)), (State.DEGRADED, (100, 300, 0, 0)), (State.DOWN, (100, 0, 300, 0))],
)
def test_unknown_time_repeats_what_was_last_known(state: State, found: tuple[int, ...]) -> None:
    assert sums(Record(State.UP, 0, 100), Record(state, 100, 200)) == found


def test_before_anything_was_known_there_is_nothing_to_repeat() -> None:
    assert sums(Record(State.DOWN, 300)) == (0, 0, 100, 300)


def test_a_pause_that_is_excluded_is_nothing_that_was_known() -> None:
    found = sums(Record(State.DOWN, 0, 100), Record(State.PAUSED, 100, 200), paused="exclude")

    assert found == (0, 0, 300, 100)


@pytest.mark.parametrize("down_when", ["any", "all"])
def test_a_component_has_left_only_where_all_of_its_checks_are_paused(down_when: str) -> None:
    of = terms.read({"window": {"type": "fixed"}, "paused": "exclude"})
    first = Timeline([Record(State.UP, 0, 60), Record(State.PAUSED, 60, 100)])
    second = Timeline([Record(State.UP, 0, 80), Record(State.PAUSED, 80, 100)])

    found = judge(Case(of, Span(0, 100), (Part("shop", (first, second), down_when),))).sums

    assert found is not None
    assert (found.counted_us, found.up_us, found.excluded_component_us) == (80, 80, 20)

"""Spans and sets of spans, compared with the library portion."""

from __future__ import annotations

import portion
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trueup.domain.interval import NEVER, Span, Spans

instants = st.integers(-40, 40) | st.integers(-(10**18), 10**18)
pairs = st.lists(st.tuples(instants, instants), max_size=12)


def as_portion(spans: list[tuple[int, int]]) -> portion.Interval:
    whole = portion.empty()
    for start, end in spans:
        whole |= portion.closedopen(start, end)
    return whole


def listed(intervals: portion.Interval) -> list[tuple[int, int]]:
    return [(piece.lower, piece.upper) for piece in intervals if not piece.empty]


def tuples(spans: Spans) -> list[tuple[int, int]]:
    return [(start, end) for start, end in spans]


@given(pairs)
def test_a_set_holds_the_same_instants_as_portion(spans: list[tuple[int, int]]) -> None:
    assert tuples(Spans(spans)) == listed(as_portion(spans))


@given(pairs, pairs)
def test_union_intersection_and_difference_agree_with_portion(
    left: list[tuple[int, int]], right: list[tuple[int, int]]
) -> None:
    one, other = Spans(left), Spans(right)
    expected_one, expected_other = as_portion(left), as_portion(right)

    assert tuples(one | other) == listed(expected_one | expected_other)
    assert tuples(one & other) == listed(expected_one & expected_other)
    assert tuples(one - other) == listed(expected_one - expected_other)


@given(pairs, st.tuples(instants, instants))
def test_clipping_agrees_with_portion(spans: list[tuple[int, int]], window: tuple[int, int]) -> None:
    expected = as_portion(spans) & as_portion([window])

    assert tuples(Spans(spans).clip(Span(*window))) == listed(expected)


@given(st.lists(pairs, max_size=4))
def test_the_union_of_many_is_the_set_of_all_their_spans(groups: list[list[tuple[int, int]]]) -> None:
    assert NEVER.union(*map(Spans, groups)) == Spans(span for group in groups for span in group)


@given(pairs, pairs)
def test_lengths_add_up(left: list[tuple[int, int]], right: list[tuple[int, int]]) -> None:
    one, other = Spans(left), Spans(right)

    assert one.total_us == sum(end - start for start, end in one)
    assert (one & other).total_us + (one - other).total_us == one.total_us
    assert (one | other).total_us == one.total_us + (other - one).total_us


@given(pairs, st.randoms())
def test_order_repetition_and_splitting_change_nothing(spans: list[tuple[int, int]], random: object) -> None:
    split = [piece for a, b in spans for piece in ((a, (a + b) // 2), ((a + b) // 2, b))] + spans
    random.shuffle(split)  # type: ignore[attr-defined]  # Hypothesis gives a random.Random

    assert Spans(split) == Spans(spans)
    assert hash(Spans(split)) == hash(Spans(spans))


@given(pairs, pairs)
def test_two_sets_are_equal_if_they_hold_the_same_instants(
    left: list[tuple[int, int]], right: list[tuple[int, int]]
) -> None:
    same = as_portion(left) == as_portion(right)

    assert (Spans(left) == Spans(right)) is same
    assert (Spans(left) != Spans(right)) is not same


def test_a_set_equals_nothing_else_and_finds_its_like_in_a_dictionary() -> None:
    assert Spans([(0, 1)]) != ((0, 1),)
    assert Spans([(0, 1)]) != Spans([(0, 2)])
    assert hash(Spans([(0, 1), (1, 2)])) == hash(Spans([(0, 2)]))
    assert hash(Spans([(0, 1)])) != hash(Spans([(0, 2)]))


def test_touching_spans_join_and_empty_ones_vanish() -> None:
    assert Spans([(5, 9), (1, 5), (7, 7), (9, 3)]) == Spans([(1, 9)])


def test_a_set_shows_its_spans() -> None:
    assert repr(Spans([(1, 2), (4, 8)])) == "Spans([(1, 2), (4, 8)])"


@pytest.mark.parametrize(("span", "length_us"), [((3, 10), 7), ((3, 3), 0), ((10, 3), 0)])
def test_a_span_that_ends_before_it_starts_is_empty(span: tuple[int, int], length_us: int) -> None:
    assert Span(*span).length_us == length_us
    assert bool(len(Spans([span]))) == bool(length_us)


def test_a_span_clipped_is_what_both_have_in_common() -> None:
    assert Span(1, 9).clip(Span(3, 12)) == Span(3, 9)
    assert Span(3, 12).clip(Span(1, 9)) == Span(3, 9)
    assert Span(1, 9).clip(Span(3, 5)).length_us == 2
    assert Span(1, 2).clip(Span(5, 6)).length_us == 0

"""What several regions say together, at an instant and over time."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trueup.domain.quorum import Stretch, timeline, verdict
from trueup.domain.result import State

UP, DEGRADED, DOWN, UNKNOWN, PAUSED = State
END = 20


@st.composite
def timelines(draw: st.DrawFn) -> list[Stretch]:
    edges = sorted(draw(st.sets(st.integers(0, END), max_size=8)))
    states = draw(st.lists(st.sampled_from(State), min_size=len(edges), max_size=len(edges)))
    gaps = draw(st.lists(st.booleans(), min_size=len(edges), max_size=len(edges)))
    spans = zip(edges, edges[1:], states, gaps, strict=False)
    return [Stretch(start, end, state) for start, end, state, gap in spans if not gap]


def state_at(stretches: list[Stretch], t: int) -> State | None:
    return next((state for start, end, state in stretches if start <= t < end), None)


@pytest.mark.parametrize(
    ("states", "k", "expected"),
    [
        ([DOWN, UP, UP], 1, DOWN),
        ([DOWN, UP, UP], 2, DEGRADED),
        ([DOWN, DOWN, UP], 2, DOWN),
        ([DOWN, UNKNOWN, UP], 2, UNKNOWN),
        ([UNKNOWN, UP, UP], 2, UP),
        ([DOWN, PAUSED, PAUSED], 2, DOWN),
        ([PAUSED, PAUSED], 1, PAUSED),
        ([DEGRADED], 1, DEGRADED),
        ([], 1, UNKNOWN),
    ],
)
def test_a_check_is_down_when_enough_regions_say_so(states: list[State], k: int, expected: State) -> None:
    assert verdict(states, k) is expected


def test_a_quorum_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        verdict([DOWN], 0)


@given(timelines())
def test_one_region_alone_is_the_verdict(stretches: list[Stretch]) -> None:
    merged = timeline([stretches], 1)

    assert [state_at(merged, t) for t in range(END)] == [state_at(stretches, t) for t in range(END)]


@given(st.lists(timelines(), max_size=4), st.integers(1, 3))
def test_the_verdict_holds_at_every_instant_that_any_region_covers(
    regions: list[list[Stretch]], k: int
) -> None:
    merged = timeline(regions, k)

    for t in range(END):
        said = [state_at(stretches, t) for stretches in regions]
        expected = verdict([state or UNKNOWN for state in said], k) if any(said) else None
        assert state_at(merged, t) is expected


@given(st.lists(timelines(), max_size=4), st.integers(1, 3))
def test_neighbours_in_a_verdict_differ(regions: list[list[Stretch]], k: int) -> None:
    merged = timeline(regions, k)

    for left, right in pairwise(merged):
        assert left.end_us < right.start_us or left.state is not right.state
    assert all(start < end for start, end, _ in merged)


def test_an_empty_stretch_says_nothing() -> None:
    assert timeline([[Stretch(5, 5, DOWN)]], 1) == []

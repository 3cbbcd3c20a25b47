"""What a component, and the whole, is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trueup.domain.result import State
from trueup.domain.status import MAINTENANCE, OVERALL, component_state, needed, overall

UP, DEGRADED, DOWN, UNKNOWN, PAUSED = State


@pytest.mark.parametrize(
    ("states", "down_when", "expected"),
    [
        ([UP, UP], "any", UP),
        ([UP, DOWN], "any", DOWN),
        ([UP, DOWN], "all", DEGRADED),
        ([DOWN, DOWN], "all", DOWN),
        ([UP, DOWN, DOWN], "2", DOWN),
        ([UP, UP, DOWN], "2", DEGRADED),
        ([UP, DEGRADED], "all", DEGRADED),
        ([UP, UNKNOWN], "any", UNKNOWN),
        ([UP, UNKNOWN], "all", UP),
        ([DOWN, UNKNOWN], "any", DOWN),
        ([DOWN, UNKNOWN], "all", UNKNOWN),
        ([DEGRADED, UNKNOWN], "any", UNKNOWN),
        ([DOWN], "5", DOWN),
        ([UP, PAUSED], "any", UP),
        ([DOWN, PAUSED], "all", DOWN),
        ([DOWN, DOWN, PAUSED], "3", DOWN),
        ([PAUSED, PAUSED], "any", PAUSED),
        ([], "any", UNKNOWN),
        ([], "all", UNKNOWN),
    ],
)
def test_a_component_is_what_its_checks_make_it(states: list[State], down_when: str, expected: State) -> None:
    assert component_state(states, down_when) is expected


@given(st.lists(st.sampled_from([UP, DEGRADED, DOWN, UNKNOWN]), min_size=1), st.integers(1, 6))
def test_what_is_not_known_never_changes_what_is_certain(states: list[State], k: int) -> None:
    best = [UP if state is UNKNOWN else state for state in states]
    worst = [DOWN if state is UNKNOWN else state for state in states]
    certain = {component_state(best, str(k)) is DOWN, component_state(worst, str(k)) is DOWN}
    state = component_state(states, str(k))

    assert (state is UNKNOWN) == (len(certain) == 2)
    assert (state is DOWN) == (certain == {True})


@pytest.mark.parametrize("word", ["", "most", "0", "-1", "1.5", "ANY", "²", "٣"])
def test_a_rule_that_says_nothing_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="any, all or a number from 1 on"):
        needed(word, 3)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([UP, UP], "operational"),
        ([UP, DEGRADED], "degraded"),
        ([UP, DOWN], "partial_outage"),
        ([DOWN, UNKNOWN], "partial_outage"),
        ([DOWN, DOWN], "major_outage"),
        ([DOWN, MAINTENANCE], "major_outage"),
        ([DOWN, PAUSED], "major_outage"),
        ([UP, MAINTENANCE], "maintenance"),
        ([DEGRADED, MAINTENANCE], "degraded"),
        ([UP, UNKNOWN], "unknown"),
        ([MAINTENANCE, UNKNOWN], "unknown"),
        ([DEGRADED, UNKNOWN], "degraded"),
        ([UP, PAUSED], "operational"),
        ([PAUSED], "unknown"),
        ([], "unknown"),
    ],
)
def test_the_whole_is_called_by_its_worst_part(statuses: list[str], expected: str) -> None:
    assert overall(statuses) == expected
    assert overall(statuses[::-1]) == expected


@given(st.lists(st.sampled_from([*State, MAINTENANCE])))
def test_the_whole_has_one_of_six_names(statuses: list[str]) -> None:
    assert overall(statuses) in OVERALL

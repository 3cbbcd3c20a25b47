"""Where the terms put the edges of an outage, and what becomes of the time that it gives up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from trueup.domain.result import State
from trueup.domain.sla.said import moved
from trueup.domain.timeline import Probed, Record

A, B, C, D = Probed(81, 83), Probed(100, 110), Probed(161, 170), Probed(200, 204)
FAULT = Record(State.DOWN, 100, 200, A, B, C, D)
BEFORE, AFTER = Record(State.DEGRADED, 0, 100), Record(State.UNKNOWN, 200, 300)


def down(record: Record, edge: str) -> tuple[int, int | None]:
    [found] = [each for each in moved([record], edge) if each.state is State.DOWN]
    assert (found.a, found.b, found.c, found.d) == (record.a, record.b, record.c, record.d)
    return found.start_us, found.end_us


@pytest.mark.parametrize(
    ("edge", "missing", "lies"),
    [
        ("midpoint", "", (90, 180)),  # half a microsecond is left off at both edges
        ("midpoint", "a", (100, 180)),
        ("midpoint", "b", (90, 180)),
        ("midpoint", "c", (90, 200)),
        ("midpoint", "d", (90, 200)),
        ("conservative", "", (81, 204)),
        ("conservative", "a", (100, 204)),
        ("conservative", "c", (81, 204)),
        ("conservative", "d", (81, 200)),
        ("lenient", "", (110, 161)),
        ("lenient", "b", (100, 161)),
        ("lenient", "c", (110, 200)),
        ("lenient", "d", (110, 161)),
    ],
)
def test_an_edge_without_its_probe_is_exact_and_stays(edge: str, missing: str, lies: tuple[int, int]) -> None:
    gone: dict[str, Any] = dict.fromkeys(missing)

    assert down(replace(FAULT, **gone), edge) == lies


@pytest.mark.parametrize(("edge", "start_us"), [("midpoint", 90), ("conservative", 81), ("lenient", 110)])
def test_an_outage_that_goes_on_has_no_end_under_any_terms(edge: str, start_us: int) -> None:
    assert down(replace(FAULT, end_us=None), edge) == (start_us, None)


@pytest.mark.parametrize("edge", ["midpoint", "conservative"])
def test_an_outage_never_begins_later_or_ends_earlier_by_a_probe_beyond_its_edges(edge: str) -> None:
    odd = replace(FAULT, a=Probed(120, 121), c=Probed(260, 261), d=Probed(190, 191))

    assert down(odd, edge) == (100, 200)


def test_a_lenient_outage_never_grows_by_a_probe_beyond_its_edges() -> None:
    odd = replace(FAULT, b=Probed(70, 71), c=Probed(260, 261))

    assert down(odd, "lenient") == (100, 200)


def test_time_that_an_outage_gives_up_goes_to_the_states_beside_it() -> None:
    assert list(moved([BEFORE, FAULT, AFTER], "lenient")) == [
        BEFORE,
        replace(FAULT, start_us=110, end_us=161),
        Record(State.DEGRADED, 100, 110),
        Record(State.UNKNOWN, 161, 200),
        AFTER,
    ]


def test_time_given_up_beside_nothing_is_up_where_a_probe_saw_the_end() -> None:
    short = replace(FAULT, start_us=110, end_us=161)
    up = [Record(State.UP, 100, 110), Record(State.UP, 161, 200)]

    assert list(moved([FAULT], "lenient")) == [short, *up]
    assert list(moved([replace(FAULT, a=None)], "lenient")) == [replace(short, a=None), up[1]]
    assert list(moved([replace(FAULT, d=None)], "lenient")) == [replace(short, d=None), up[0]]


@pytest.mark.parametrize("turned", [False, True])
def test_where_several_records_touch_an_edge_the_one_that_counts_most_is_beside_it(turned: bool) -> None:
    states = [State.UNKNOWN, State.PAUSED, State.UP, State.DEGRADED]
    for position in range(len(states) - 1):
        pair = states[position : position + 2]
        sides = [Record(state, 0, 100) for state in pair] + [Record(state, 200, 300) for state in pair]
        found = list(moved([FAULT, *(sides[::-1] if turned else sides)], "lenient"))

        assert found[1:3] == [Record(pair[1], 100, 110), Record(pair[1], 161, 200)]


def test_an_outage_beside_an_outage_does_not_take_what_that_gives_up() -> None:
    first, second = replace(FAULT, d=None), Record(State.DOWN, 200, 250)

    assert list(moved([first, second], "lenient")) == [
        replace(first, start_us=110, end_us=161), Record(State.UP, 100, 110), second,
    ]  # fmt: skip


def test_an_outage_of_one_probe_leaves_nothing_to_the_lenient() -> None:
    single = replace(FAULT, c=B)

    assert list(moved([BEFORE, single, AFTER], "lenient")) == [
        BEFORE, Record(State.DEGRADED, 100, 110), Record(State.UNKNOWN, 110, 200), AFTER,
    ]  # fmt: skip


def test_an_answer_after_the_end_of_an_outage_gives_up_no_more_than_the_outage() -> None:
    slow = replace(FAULT, b=Probed(100, 250), c=None)

    assert list(moved([slow], "lenient")) == [Record(State.UP, 100, 200)]


def test_a_middle_before_the_beginning_gives_up_no_more_than_the_outage() -> None:
    odd = replace(FAULT, c=Probed(-100, -99))

    assert list(moved([odd], "midpoint")) == [Record(State.UP, 100, 200)]


def test_an_outage_that_keeps_its_edges_leaves_its_neighbours_alone() -> None:
    bare = Record(State.DOWN, 100, 200)

    assert list(moved([BEFORE, bare, AFTER], "lenient")) == [BEFORE, bare, AFTER]

"""Which time is lost: long outages, bad slices, and what may still come of short ones."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from trueup.domain import terms
from trueup.domain.interval import NEVER, Span, Spans
from trueup.domain.result import State
from trueup.domain.sla import Case, Part, judge
from trueup.domain.sla.lost import lost
from trueup.domain.timeline import Record, Timeline

SECOND = 1_000_000
SLICES = terms.read({"window": {"type": "fixed"}, "slices": {"seconds": 10, "bad_when": "all"}})


def bad(*down: tuple[int, int], start: int = 5) -> list[tuple[int, int]]:
    """Return the seconds lost of a hundred when slices of ten begin at a second."""
    spans = Spans((begin * SECOND, end * SECOND) for begin, end in down)
    counted = Spans([(start * SECOND, 105 * SECOND)])
    kept = lost(SLICES, spans, NEVER, counted, NEVER, start * SECOND).down
    return [(span.start_us // SECOND, span.end_us // SECOND) for span in kept]


@pytest.mark.parametrize(
    ("down", "found"),
    [
        ([(5, 15)], [(5, 15)]),
        ([(5, 14)], []),
        ([(14, 16)], []),
        ([(10, 30)], [(15, 25)]),  # one whole slice between two that are not
        ([(10, 40)], [(15, 35)]),
        ([(10, 50)], [(15, 45)]),
        ([(15, 25), (26, 35), (35, 45)], [(15, 25), (35, 45)]),
        ([(15, 19), (19, 25)], [(15, 25)]),
        ([(95, 105)], [(95, 105)]),
    ],
)
def test_a_slice_is_lost_when_all_of_it_is_down(
    down: list[tuple[int, int]], found: list[tuple[int, int]]
) -> None:
    assert bad(*down) == found


@pytest.mark.parametrize(("faults", "outcome"), [([], "met"), ([(300, 305)], "open"), ([(300, 311)], "open")])
def test_an_open_window_is_met_only_if_what_was_tolerated_could_count_as_well(
    faults: list[tuple[int, int]], outcome: str
) -> None:
    words: dict[str, Any] = {"window": {"type": "fixed"}, "objective": "90", "min_outage": {"seconds": 10}}
    records = [Record(State.DOWN, start * SECOND, end * SECOND) for start, end in faults]
    check = Timeline([Record(State.UP, 0), *records])
    case = Case(terms.read(words), Span(0, 1000 * SECOND), (Part("shop", (check,)),), as_of_us=900 * SECOND)
    result, closed = judge(case), judge(replace(case, as_of_us=None))

    assert result.decision.outcome == outcome  # a hundred seconds are allowed, and a hundred are to come
    assert closed.decision.outcome == "met"
    assert result.ratios.uptime == 1 - Fraction(sum(e - s for s, e in faults if e - s >= 10), 900)

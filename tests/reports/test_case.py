"""A case that is written and read again comes to the same: whoever verifies finds what was signed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domain.sla.worked import CASES
from tests.reports.making import CHECK

from trueup.domain.interval import Span
from trueup.domain.result import State
from trueup.domain.sla import Case, Part, read_case
from trueup.domain.terms import read
from trueup.domain.timeline import Probed, Record, Timeline
from trueup.reports.canonical import encode, spelled
from trueup.reports.case import write_case
from trueup.reports.statement import evaluate, inputs_document, result_of

SECOND = 1_000_000
WINDOW = Span(1_764_547_200 * SECOND, 1_764_633_600 * SECOND)  # a day
TERMS = {"aggregation": {"type": "any"}, "window": {"type": "calendar", "period": "day", "timezone": "UTC"}}


def both_ways(case: Case) -> tuple[object, object]:
    """Return what is signed of a case, and what is found in its inputs as they travel."""
    inputs = inputs_document(contract={"id": "x"}, case=write_case(case), checks=[CHECK], tzdata="2025b")
    assert spelled(inputs) == inputs
    return result_of(case, inputs["checks"]), evaluate(inputs)


@pytest.mark.parametrize("name", CASES)
def test_a_worked_case_comes_to_the_same_when_it_has_travelled(name: str) -> None:
    signed, found = both_ways(read_case(CASES[name]))

    assert encode(signed) == encode(found)


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    """Give records that follow each other, with edges or without, in any order."""
    edges = sorted(
        draw(st.lists(st.integers(WINDOW.start_us, WINDOW.end_us), min_size=2, max_size=8, unique=True))
    )
    records = []
    for start_us, end_us in pairwise(edges):
        known = draw(st.booleans())
        b, c = Probed(start_us, start_us + 9), Probed(max(start_us, end_us - 7), end_us)
        records.append(
            Record(draw(st.sampled_from(State)), start_us, end_us, None, *((b, c) if known else (None, None)))
        )
    return Timeline(draw(st.permutations(records)), covered_until_us=draw(st.none() | st.just(edges[-1])))


@settings(max_examples=50)
@given(st.lists(st.lists(timelines(), min_size=1, max_size=2), min_size=1, max_size=3))
def test_whatever_was_recorded_comes_to_the_same_when_it_has_travelled(found: list[list[Timeline]]) -> None:
    parts = tuple(
        Part(f"c{number}", tuple(each), check_ids=tuple(f"k{place}" for place in range(len(each))))
        for number, each in enumerate(found)
    )

    signed, read_again = both_ways(Case(read(TERMS), WINDOW, parts))

    assert encode(signed) == encode(read_again)

"""How far a cap of maintenance reaches, and whether a window is over."""

from __future__ import annotations

from typing import Any

import pytest

from trueup.domain import terms
from trueup.domain.interval import Span, Spans
from trueup.domain.result import State
from trueup.domain.sla import Case, Exclusion, Maintenance, Part, judge
from trueup.domain.sla.ground import first
from trueup.domain.timeline import Record, Timeline

MEAN = {"type": "weighted_mean", "weights": {"shop": "1"}}


@pytest.mark.parametrize(
    ("cap_us", "kept"),
    [(0, []), (1, [(0, 1)]), (10, [(0, 10)]), (11, [(0, 10), (20, 21)]), (50, [(0, 10), (20, 30)])],
)
def test_a_cap_is_used_up_in_the_order_of_time(cap_us: int, kept: list[tuple[int, int]]) -> None:
    assert first(Spans([(20, 30), (0, 10)]), cap_us) == Spans(kept)


@pytest.mark.parametrize("how", [{"type": "single"}, {"type": "worst"}, MEAN])
@pytest.mark.parametrize(("as_of_us", "closed"), [(None, True), (99, False), (100, True)])
def test_a_window_is_over_when_its_end_is_known(
    how: dict[str, Any], as_of_us: int | None, closed: bool
) -> None:
    of = terms.read({"window": {"type": "fixed"}, "aggregation": how})
    part = Part("shop", (Timeline([Record(State.UP, 0)]),))
    result = judge(Case(of, Span(0, 100), (part,), as_of_us=as_of_us))

    assert result.closed is closed
    assert result.decision.outcome == ("met" if closed else "open")


@pytest.mark.parametrize(("mode", "left_us"), [("ignore", 30), ("exclude", 10), ("count_as_up", 10)])
def test_an_exclusion_that_is_ignored_takes_no_time_of_a_maintenance(mode: str, left_us: int) -> None:
    of = terms.read({
        "window": {"type": "fixed"}, "exclusions": {"mode": mode}, "maintenance": {"mode": "exclude"},
    })  # fmt: skip
    part = Part("shop", (Timeline([Record(State.UP, 0, 100)]),))
    works, storm = Maintenance(40, 70), Exclusion(50, 90)

    sums = judge(Case(of, Span(0, 100), (part,), maintenance=(works,), exclusions=(storm,))).sums

    assert sums is not None
    assert sums.excluded_maintenance_us == left_us
    assert sums.excluded_exclusion_us == (40 if mode == "exclude" else 0)

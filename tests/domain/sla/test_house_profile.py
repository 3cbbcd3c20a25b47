"""A percentage without a contract is that of a contract with the house's terms: one way to compute it."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from tests.domain.sla.worlds import END, instants, pieces, timelines

from trueup.domain import terms
from trueup.domain.interval import Span, Spans
from trueup.domain.sla import Case, Maintenance, Part, Tally, Timeline, evaluate, judge, percent

HOUSE = terms.read({"window": {"type": "fixed"}, "paused": "exclude"})


def by_contract(
    checks: list[Timeline], window: Span, as_of_us: int, down_when: str, maintenance: Spans
) -> tuple[int, ...]:
    case = Case(
        HOUSE,
        window,
        (Part("component", tuple(checks), down_when),),
        tuple(Maintenance(*span) for span in maintenance.pairs),
        as_of_us=as_of_us,
    )
    of = judge(case).sums
    assert of is not None
    return (
        of.excluded_maintenance_us, of.excluded_component_us, of.excluded_unknown_us, of.up_us,
        of.degraded_us, of.down_us, int(of.downtime_most_us), int(of.downtime_least_us),
    )  # fmt: skip


def by_house(tally: Tally) -> tuple[int, ...]:
    """Return the same figures; where no check exists, a contract knows nothing, the house has none."""
    return (
        tally.maintenance_us, tally.paused_us, tally.unknown_us + tally.outside_us, tally.up_us,
        tally.degraded_us, tally.down_us, tally.low_us + tally.outside_us, tally.high_us,
    )  # fmt: skip


def test_a_percentage_as_a_number_is_cut_off_and_may_be_missing() -> None:
    assert percent(Fraction(99_999_999, 100_000_000)) == 99.999
    assert percent(None) is None


@given(
    st.lists(timelines(edges=True), max_size=3),
    st.tuples(st.integers(0, END - 1), st.integers(1, END)).map(
        lambda pair: Span(pair[0], pair[0] + pair[1])
    ),
    instants,
    st.sampled_from(["any", "all", "1", "2", "5"]),
    st.lists(pieces, max_size=2).map(Spans),
)
def test_the_house_profile_is_a_contract_like_any_other(
    checks: list[Timeline], window: Span, as_of_us: int, down_when: str, maintenance: Spans
) -> None:
    tally = evaluate(checks, window, as_of_us, down_when=down_when, maintenance=maintenance)

    assert by_house(tally) == by_contract(checks, window, as_of_us, down_when, maintenance)

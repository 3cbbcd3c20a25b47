"""Availability in worked examples: what counts, what does not, and how it is shown."""

from __future__ import annotations

from dataclasses import astuple
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trueup.domain.interval import Span, Spans
from trueup.domain.result import State
from trueup.domain.sla import Tally, evaluate, evaluate_days, truncate_percent
from trueup.domain.timeline import Blip, Probed, Record, Timeline

SECOND = 1_000_000
DAY = 86_400 * SECOND


def probed(second: int) -> Probed:
    return Probed(second * SECOND, second * SECOND + SECOND // 10)


def test_a_minute_down_in_a_day_is_a_minute_of_the_day() -> None:
    check = Timeline(
        [
            Record(State.UP, 0, 3_600 * SECOND),
            Record(State.DOWN, 3_600 * SECOND, 3_660 * SECOND),
            Record(State.UP, 3_660 * SECOND, None),
        ]
    )

    tally = evaluate([check], Span(0, DAY), 2 * DAY)

    assert tally.down_us == 60 * SECOND
    assert tally.availability_ratio == Fraction(86_340, 86_400)
    assert truncate_percent(tally.availability_ratio) == "99.930"


def test_the_band_reaches_from_probe_to_probe_around_an_outage() -> None:
    outage = Record(State.DOWN, 120 * SECOND, 180 * SECOND, probed(60), probed(120), probed(150), probed(180))
    check = Timeline([Record(State.UP, 0, 120 * SECOND), outage, Record(State.UP, 180 * SECOND)])

    tally = evaluate([check], Span(0, 1_000 * SECOND), 1_000 * SECOND)

    assert tally.down_us == 60 * SECOND
    assert tally.low_us == 120_100_000  # asked at 60 s, answered at 180.1 s
    assert tally.high_us == 29_900_000  # answered at 120.1 s, asked at 150 s


@pytest.mark.parametrize(("window", "low_us"), [((0, 120), 60), ((180, 1_000), 5), ((0, 60), 0)])
def test_the_band_of_an_outage_reaches_into_the_windows_beside_it(
    window: tuple[int, int], low_us: int
) -> None:
    outage = Record(
        State.DOWN, 120, 180, Probed(60, 61), Probed(120, 121), Probed(170, 171), Probed(180, 185)
    )
    check = Timeline([Record(State.UP, 0, 120), outage, Record(State.UP, 180)])

    tally = evaluate([check], Span(*window), 1_000)

    assert (tally.low_us, tally.down_us, tally.high_us) == (low_us, 0, 0)


def test_a_single_failed_probe_is_surely_nothing_and_possibly_two_intervals() -> None:
    outage = Record(
        State.DOWN, 120, 180, Probed(60, 60), Probed(120, 120), Probed(120, 120), Probed(180, 180)
    )
    check = Timeline([Record(State.UP, 0, 120), outage, Record(State.UP, 180)])

    tally = evaluate([check], Span(0, 1_000), 1_000)

    assert (tally.high_us, tally.down_us, tally.low_us) == (0, 60, 120)


def test_a_blip_is_up_in_the_point_value_and_down_in_the_band() -> None:
    blip = Blip(State.DOWN, probed(60), probed(61), probed(30), probed(63))
    check = Timeline([Record(State.UP, 0)], [blip])

    tally = evaluate([check], Span(0, 100 * SECOND), 100 * SECOND)

    assert tally.availability_ratio == 1
    assert tally.band_lo_ratio == 1 - Fraction(331, 1_000)
    assert tally.band_hi_ratio == 1


@pytest.mark.parametrize("state", [State.UP, State.DEGRADED])
def test_a_blip_that_is_not_down_leaves_the_band_alone(state: State) -> None:
    check = Timeline([Record(State.UP, 0)], [Blip(state, probed(60), probed(61))])

    assert evaluate([check], Span(0, 100 * SECOND), 100 * SECOND).low_us == 0


def test_time_that_no_probe_covered_leaves_the_figure_and_widens_its_bounds() -> None:
    check = Timeline([Record(State.UP, 0, 60), Record(State.UNKNOWN, 60, 80), Record(State.DOWN, 80, 100)])

    tally = evaluate([check], Span(0, 100), 100)

    assert tally.availability_ratio == Fraction(60, 80)
    assert (tally.bound_lo_ratio, tally.bound_hi_ratio) == (Fraction(60, 100), Fraction(80, 100))
    assert tally.coverage_ratio == Fraction(80, 100)


def test_an_open_record_counts_only_as_far_as_probes_covered_it() -> None:
    check = Timeline([Record(State.UP, 0)], covered_until_us=70)

    tally = evaluate([check], Span(0, 100), 100)

    assert (tally.up_us, tally.unknown_us) == (70, 30)


@pytest.mark.parametrize("down_when", ["any", "all", "1"])
def test_nothing_known_is_no_figure_and_neither_0_nor_100(down_when: str) -> None:
    for checks in ([], [Timeline([])], [Timeline([Record(State.PAUSED, 0)])]):
        tally = evaluate(checks, Span(0, 100), 100, down_when=down_when)

        assert tally.availability_ratio is None
        assert tally.window_us == 100


def test_a_window_that_has_not_begun_holds_nothing() -> None:
    tally = evaluate([Timeline([Record(State.UP, 0)])], Span(200, 300), 100)

    assert tally == Tally()
    assert tally.coverage_ratio is tally.band_lo_ratio is tally.bound_hi_ratio is None


def test_a_check_has_no_voice_before_it_exists_and_after_it_was_archived() -> None:
    old = Timeline([Record(State.UP, 0, 50)], until_us=50)
    new = Timeline([Record(State.DOWN, 60, 70), Record(State.UP, 70)], since_us=60)

    tally = evaluate([old, new], Span(0, 100), 100)

    assert astuple(tally)[:7] == (10, 0, 0, 0, 80, 0, 10)
    assert tally.coverage_ratio == 1


def test_a_paused_check_leaves_its_component_to_the_others() -> None:
    paused = Timeline([Record(State.UP, 0, 40), Record(State.PAUSED, 40, 80), Record(State.DOWN, 80)])
    other = Timeline([Record(State.UP, 0)])

    tally = evaluate([paused, other], Span(0, 100), 100)

    assert (tally.up_us, tally.down_us, tally.paused_us, tally.unknown_us) == (80, 20, 0, 0)


def test_maintenance_leaves_the_figure_with_all_that_happened_in_it() -> None:
    check = Timeline([Record(State.UP, 0, 50), Record(State.DOWN, 50, 60), Record(State.UP, 60)])

    tally = evaluate([check], Span(0, 100), 100, maintenance=Spans([(45, 55), (90, 200)]))

    assert (tally.maintenance_us, tally.down_us, tally.counted_us) == (20, 5, 80)


def test_evidence_of_down_beats_every_other_record_of_the_same_time() -> None:
    every = [Record(state, 0, 100) for state in State]

    assert evaluate([Timeline(every)], Span(0, 100), 100).down_us == 100


def test_degraded_is_up_for_the_house() -> None:
    assert evaluate([Timeline([Record(State.DEGRADED, 0)])], Span(0, 100), 100).availability_ratio == 1


def test_a_fault_of_one_of_two_is_degraded_when_all_must_be_down() -> None:
    checks = [Timeline([Record(State.DOWN, 0)]), Timeline([Record(State.UP, 0)])]

    assert evaluate(checks, Span(0, 100), 100, down_when="all").degraded_us == 100
    assert evaluate(checks, Span(0, 100), 100, down_when="any").down_us == 100


def test_a_rule_that_cannot_be_read_is_refused_even_without_checks() -> None:
    with pytest.raises(ValueError, match="any, all or a number"):
        evaluate([], Span(0, 100), 100, down_when="most")


@pytest.mark.parametrize("edges", [[], [1], [5, 4], [0, 9, 8]])
def test_edges_that_make_no_windows_are_refused(edges: list[int]) -> None:
    with pytest.raises(ValueError, match="make no windows"):
        evaluate_days([], edges, 100)


def test_the_tallies_of_ninety_days_add_up_to_ninety_days() -> None:
    check = Timeline([Record(State.UP, 0, 30 * DAY), Record(State.DOWN, 30 * DAY, 30 * DAY + 1)], since_us=0)
    days = evaluate_days([check], range(0, 91 * DAY, DAY), 90 * DAY)

    assert sum(days, Tally()) == evaluate([check], Span(0, 90 * DAY), 90 * DAY)
    assert [day.window_us for day in days] == [DAY] * 90


@pytest.mark.parametrize(
    ("ratio", "digits", "shown"),
    [
        (Fraction(1), 2, "100.00"),
        (Fraction(999_999_999, 1_000_000_000), 3, "99.999"),
        (Fraction(99_895, 100_000), 2, "99.89"),
        (Fraction(999, 1000), 3, "99.900"),
        (Fraction(1, 3), 0, "33"),
        (Fraction(0), 1, "0.0"),
    ],
)
def test_a_percentage_is_cut_off_and_never_rounded_up(ratio: Fraction, digits: int, shown: str) -> None:
    assert truncate_percent(ratio, digits) == shown


@given(st.fractions(0, 1), st.integers(0, 6))
def test_a_shown_percentage_never_exceeds_the_exact_one(ratio: Fraction, digits: int) -> None:
    shown = Fraction(truncate_percent(ratio, digits))

    assert shown <= ratio * 100 < shown + Fraction(1, 10**digits)


@given(st.fractions(0, 1), st.integers(0, 100_000))
def test_a_shown_percentage_meets_an_objective_exactly_when_the_exact_one_does(
    ratio: Fraction, thousandths: int
) -> None:
    objective = Fraction(thousandths, 1_000)

    assert (Fraction(truncate_percent(ratio, 3)) >= objective) == (ratio * 100 >= objective)

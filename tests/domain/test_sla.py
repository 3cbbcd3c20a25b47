"""Availability: sums, ratios, bounds and bands, against a slow reading instant by instant."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trueup.domain.interval import Span, Spans
from trueup.domain.result import State
from trueup.domain.sla import Tally, evaluate, evaluate_days, truncate_percent
from trueup.domain.timeline import Blip, Probed, Record, Timeline

SECOND = 1_000_000
DAY = 86_400 * SECOND
END = 20  # the oracle's world lasts so many instants

# --- generated worlds -------------------------------------------------------------------------------

instants = st.integers(0, END)
lengths = st.integers(0, 4)


def rarely(strategy: st.SearchStrategy[int]) -> st.SearchStrategy[int | None]:
    """Draw from a strategy one time in four, else nothing."""
    return st.integers(0, 3).flatmap(lambda draw: strategy if draw == 3 else st.none())


@st.composite
def records(draw: st.DrawFn) -> Record:
    start = draw(instants)
    end = draw(st.none() | st.integers(start + 1, END + 5))
    a = draw(st.none() | st.builds(Probed, st.integers(start - 4, start), st.just(start)))
    b = draw(st.none() | st.integers(0, 4).map(lambda took: Probed(start, start + took)))
    if end is None:
        return Record(draw(st.sampled_from(State)), start, None, a, b)
    c = draw(st.none() | st.integers(start, end).map(lambda asked: Probed(asked, asked + 1)))
    d = draw(st.none() | st.integers(0, 4).map(lambda took: Probed(end, end + took)))
    return Record(draw(st.sampled_from(State)), start, end, a, b, c, d)


@st.composite
def blips(draw: st.DrawFn) -> Blip:
    first = draw(instants)
    last = first + draw(lengths)
    a = draw(st.none() | st.just(Probed(first - 3, first - 2)))
    d = draw(st.none() | st.just(Probed(last + 2, last + 3)))
    state = draw(st.sampled_from([State.UP, State.DEGRADED, State.DOWN]))
    return Blip(state, Probed(first, first + 1), Probed(last, last + 1), a, d)


timelines = st.builds(
    Timeline,
    st.lists(records(), min_size=1, max_size=6),
    st.lists(blips(), max_size=2),
    rarely(instants),
    rarely(instants),
    rarely(instants),
)
overlays = st.lists(st.tuples(instants, instants), max_size=2).map(Spans)
rules = st.sampled_from(["any", "all", "1", "2", "5"])


@dataclass
class World:
    checks: list[Timeline]
    maintenance: Spans
    down_when: str
    as_of: int

    def over(self, start: int, end: int) -> Tally:
        window = Span(start, end)
        return evaluate(
            self.checks, window, self.as_of, down_when=self.down_when, maintenance=self.maintenance
        )


as_of = rarely(instants).map(lambda instant: END if instant is None else instant)
worlds = st.builds(World, st.lists(timelines, max_size=3), overlays, rules, as_of)
windows = st.just((0, END)) | st.tuples(instants, instants).map(sorted)


# --- the oracle: one instant after the other ----------------------------------------------------------


def ends(timeline: Timeline, record: Record, as_of: int) -> int:
    if record.end_us is not None:
        return record.end_us
    return as_of if timeline.covered_until_us is None else timeline.covered_until_us


def exists(timeline: Timeline, t: int) -> bool:
    late = timeline.until_us is not None and t >= timeline.until_us
    return not late and (timeline.since_us is None or t >= timeline.since_us)


def state_at(timeline: Timeline, t: int, as_of: int) -> State:
    here = {each.state for each in timeline.records if each.start_us <= t < ends(timeline, each, as_of)}
    for state in (State.DOWN, State.DEGRADED, State.UP, State.PAUSED):
        if state in here:
            return state
    return State.UNKNOWN


def low_at(timeline: Timeline, t: int, as_of: int) -> bool:
    """Tell whether it may have been down: the lower end of the band."""
    if state_at(timeline, t, as_of) in (State.DOWN, State.UNKNOWN):
        return True
    for record in timeline.records:
        start = record.start_us if record.a is None else record.a.asked_us
        end = ends(timeline, record, as_of) if record.d is None else record.d.answered_us
        if record.state is State.DOWN and start <= t < end:
            return True
    return any(
        blip.state is State.DOWN and (blip.a or blip.b).asked_us <= t < (blip.d or blip.c).answered_us
        for blip in timeline.blips
    )


def high_at(timeline: Timeline, t: int, as_of: int) -> bool:
    """Tell whether it must have been down: the upper end of the band."""
    if state_at(timeline, t, as_of) is not State.DOWN:
        return False
    for record in timeline.records:
        start = record.start_us if record.b is None else record.b.answered_us
        end = ends(timeline, record, as_of) if record.c is None else record.c.asked_us
        if record.state is State.DOWN and start <= t < end:
            return True
    return False


def at_instant(world: World, t: int) -> Tally:
    """Return the tally of one instant, from the words of the model and nothing else."""
    if world.maintenance.contains(t):
        return Tally(maintenance_us=1)
    there = [check for check in world.checks if exists(check, t)]
    voices = [check for check in there if state_at(check, t, world.as_of) is not State.PAUSED]
    if not voices:
        return Tally(paused_us=1) if there else Tally(outside_us=1)
    needed = {"any": 1, "all": len(voices)}.get(world.down_when) or min(int(world.down_when), len(voices))
    states = [state_at(check, t, world.as_of) for check in voices]
    low = int(sum(low_at(check, t, world.as_of) for check in voices) >= needed)
    high = int(sum(high_at(check, t, world.as_of) for check in voices) >= needed)
    down, unknown = states.count(State.DOWN), states.count(State.UNKNOWN)
    if down >= needed:
        return Tally(down_us=1, low_us=low, high_us=high)
    if down + unknown >= needed:
        return Tally(unknown_us=1, low_us=low, high_us=high)
    if down or State.DEGRADED in states:
        return Tally(degraded_us=1, low_us=low, high_us=high)
    return Tally(up_us=1, low_us=low, high_us=high)


# --- properties ----------------------------------------------------------------------------------------


@settings(max_examples=150)
@given(worlds, windows)
def test_sums_are_those_of_every_single_instant(world: World, window: tuple[int, int]) -> None:
    start, end = window
    expected = sum((at_instant(world, t) for t in range(start, min(end, world.as_of))), Tally())

    assert world.over(start, end) == expected


@given(worlds, st.lists(instants, min_size=2, max_size=8).map(sorted))
def test_one_pass_over_many_windows_equals_each_of_them(world: World, edges: list[int]) -> None:
    tallies = evaluate_days(
        world.checks, edges, world.as_of, down_when=world.down_when, maintenance=world.maintenance
    )

    assert tallies == [world.over(start, end) for start, end in pairwise(edges)]


@given(worlds, st.tuples(instants, instants, instants).map(sorted))
def test_adjacent_windows_add_up(world: World, edges: Sequence[int]) -> None:
    first, second, third = edges

    assert world.over(first, second) + world.over(second, third) == world.over(first, third)


@given(worlds, windows, st.randoms())
def test_order_repetition_and_splitting_change_nothing(
    world: World, window: tuple[int, int], shuffler: random.Random
) -> None:
    def rearranged(check: Timeline) -> Timeline:
        pieces = [piece for record in check.records for piece in split(record)] + list(check.records)
        shuffler.shuffle(pieces)
        return Timeline(
            pieces, [*check.blips, *check.blips], check.since_us, check.until_us, check.covered_until_us
        )

    other = World(list(map(rearranged, world.checks)), world.maintenance, world.down_when, world.as_of)
    shuffler.shuffle(other.checks)

    assert other.over(*window) == world.over(*window)


def split(record: Record) -> list[Record]:
    """Cut a record in two where that says nothing new: between its first and its last probe."""
    if record.end_us is None:
        return [record]
    cut = (record.start_us + record.end_us) // 2
    if cut == record.start_us or (record.b and record.b.answered_us > cut):
        return [record]
    if record.c and record.c.asked_us < cut:
        return [record]
    return [
        Record(record.state, record.start_us, cut, record.a, record.b),
        Record(record.state, cut, record.end_us, None, None, record.c, record.d),
    ]


@given(worlds, windows)
def test_the_parts_fill_the_window_and_the_point_lies_between_its_bounds(
    world: World, window: tuple[int, int]
) -> None:
    tally = world.over(*window)

    assert (
        sum(astuple(tally)[:7]) == tally.window_us == Span(window[0], min(window[1], world.as_of)).length_us
    )
    assert tally.counted_us == tally.up_us + tally.degraded_us + tally.down_us
    if tally.availability_ratio is not None:
        bounds = (tally.bound_lo_ratio, tally.bound_hi_ratio, tally.band_lo_ratio, tally.band_hi_ratio)
        bound_lo, bound_hi, band_lo, band_hi = (Fraction(bound or 0) for bound in bounds)
        assert 0 <= band_lo <= bound_lo <= tally.availability_ratio <= bound_hi <= band_hi <= 1


@given(worlds, windows, st.tuples(instants, instants))
def test_one_more_outage_never_makes_it_better(
    world: World, window: tuple[int, int], span: tuple[int, int]
) -> None:
    if not world.checks or span[0] >= span[1]:
        return
    before = world.over(*window)
    world.checks[0] = Timeline(
        [*world.checks[0].records, Record(State.DOWN, *span)],
        world.checks[0].blips,
        world.checks[0].since_us,
        world.checks[0].until_us,
        world.checks[0].covered_until_us,
    )
    after = world.over(*window)

    if before.paused_us == after.paused_us:  # evidence of down beats a pause, and brings its time in
        assert after.down_us >= before.down_us
        assert after.low_us >= before.low_us
        assert after.high_us >= before.high_us


@given(worlds, windows)
def test_any_loses_no_less_than_two_and_two_no_less_than_all(world: World, window: tuple[int, int]) -> None:
    lost = [
        World(world.checks, world.maintenance, rule, world.as_of).over(*window)
        for rule in ("any", "2", "all")
    ]

    assert lost[0].down_us >= lost[1].down_us >= lost[2].down_us


# --- worked examples ------------------------------------------------------------------------------------


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


# --- display --------------------------------------------------------------------------------------------


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

"""Sums of availability, against a slow reading that looks at every single instant."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from trueup.domain.interval import Span, Spans
from trueup.domain.result import State
from trueup.domain.sla import Tally, evaluate, evaluate_days
from trueup.domain.timeline import Blip, Probed, Record, Timeline

END = 20  # the world lasts so many instants

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
        if record.state in (State.UP, State.DEGRADED) and unproven_at(timeline, record, t, as_of):
            return True
    return any(
        blip.state is State.DOWN and (blip.a or blip.b).asked_us <= t < (blip.d or blip.c).answered_us
        for blip in timeline.blips
    )


def unproven_at(timeline: Timeline, record: Record, t: int, as_of: int) -> bool:
    """Tell whether a record covers an instant beside which no probe of another state was."""
    if not record.start_us <= t < ends(timeline, record, as_of):
        return False
    if record.a is None and record.start_us != timeline.since_us and record.b and t < record.b.answered_us:
        return True
    paused = [each.start_us for each in timeline.records if each.state is State.PAUSED]
    if record.d is None and record.c is not None and ends(timeline, record, as_of) not in paused:
        return t >= record.c.asked_us
    return False


def high_at(timeline: Timeline, t: int, as_of: int) -> bool:
    """Tell whether it must have been down: the upper end of the band."""
    if state_at(timeline, t, as_of) is not State.DOWN:
        return False
    for blip in timeline.blips:
        first, last = (blip.a or blip.b).asked_us, (blip.d or blip.c).answered_us
        if blip.state is not State.DOWN and first <= t < last:
            return False
    for record in timeline.records:
        start = record.start_us if record.b is None else record.b.answered_us
        end = ends(timeline, record, as_of) if record.c is None else record.c.asked_us
        if record.state is State.DOWN and start <= t < end:
            return True
    return False


def at_instant(world: World, t: int) -> Tally:
    """Return the tally of one instant, from the words of the model and nothing else."""
    if any(start <= t < end for start, end in world.maintenance):
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

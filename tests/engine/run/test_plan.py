"""The base grid: who is due when, and what it costs to change."""

from __future__ import annotations

import itertools
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from tests.engine.run.simulated import EPOCH_US, SECOND, uuid_of

from trueup.engine.run.plan import Plan, due_before, phase_us, width_us
from trueup.engine.run.slots import Slots, spread

INTERVALS = st.sampled_from((1, 2, 5, 10, 15, 30, 60, 300, 3600, 86_400)).map(lambda s: s * SECOND)


def filled(checks: int, interval_s: int, now_us: int = EPOCH_US) -> Plan:
    plan = Plan()
    for number in range(checks):
        plan.put(number, uuid_of(number), interval_s * SECOND, now_us)
    return plan


@given(st.uuids(), INTERVALS)
def test_phase_is_whole_milliseconds_within_the_interval_and_the_same_for_ever(uuid, interval_us):
    phase = phase_us(uuid, interval_us)

    assert 0 <= phase < interval_us
    assert phase % 1000 == 0
    assert phase == phase_us(uuid, interval_us)


def test_phase_does_not_change_between_versions():
    assert phase_us(uuid_of(1), 60 * SECOND) == 27_968_000
    assert phase_us(uuid_of(2), 86_400 * SECOND) == 38_826_865_000


def test_phases_spread_evenly():
    tenths = Counter(phase_us(uuid_of(n), 60 * SECOND) // (6 * SECOND) for n in range(10_000))

    assert len(tenths) == 10
    assert min(tenths.values()) > 850


@given(st.integers(0, 10**16), INTERVALS, st.uuids())
def test_last_due_instant_lies_on_the_grid_within_one_interval_before(now_us, interval_us, uuid):
    phase = phase_us(uuid, interval_us)
    due = due_before(now_us, interval_us, phase)

    assert now_us - interval_us < due <= now_us
    assert (due - phase) % interval_us == 0


@given(
    st.dictionaries(st.integers(0, 30), INTERVALS, max_size=20),
    st.lists(st.integers(1, 200 * SECOND), max_size=20),
    st.sets(st.integers(0, 30)),
)
def test_every_check_is_taken_at_each_of_its_slots_or_counted_as_missed(intervals, waits, dropped):
    plan = Plan()
    for series, interval in intervals.items():
        plan.put(series, uuid_of(series), interval, EPOCH_US)
    for series in dropped:
        plan.drop(series)
    now, taken = EPOCH_US, Counter[int]()
    for wait in waits:
        now += wait
        taken.update(due.series for due in plan.take(now))
    end = now - now % plan.width

    expected = 0
    for series, interval in intervals.items():
        if series in dropped:
            continue
        phase = phase_us(uuid_of(series), interval)
        expected += (due_before(end, interval, phase) - due_before(EPOCH_US, interval, phase)) // interval
        assert taken[series] <= expected
    # a missed check skips what lies between the slot's end and now as well
    assert expected <= taken.total() + plan.missed <= expected + len(intervals) * len(waits)
    assert not set(taken) & dropped


def test_all_start_within_one_interval_of_a_restart():
    plan = filled(10_000, 60)
    slots, now = Slots(plan), EPOCH_US
    started: set[int] = set()
    while (at := slots.next_us()) is not None and at <= EPOCH_US + 60 * SECOND:
        now = at
        slots.fill(now)
        while (start := slots.pop(now)) is not None:
            started.add(start.series)
            assert now - start.ideal_us == 0

    # the last slot of the interval ends with it
    assert len(started) >= 9_995


def test_dense_slots_are_dripped_a_few_at_a_time():
    slots = Slots(filled(10_000, 60))
    together: Counter[int] = Counter()
    while (at := slots.next_us()) is not None and at < EPOCH_US + 60 * SECOND:
        slots.fill(at)
        while slots.pop(at) is not None:
            together[at] += 1

    assert max(together.values()) <= 24 + 24  # two slots may end where a portion begins
    assert sum(together.values()) / len(together) > 12


def test_slots_are_wide_where_few_are_due_and_narrow_where_many_are():
    widths = {
        per_second: width_us(per_second * 10**9) for per_second in (0, 1, 90, 167, 300, 500, 1_000, 10_000)
    }

    assert widths == {
        0: 100_000,
        1: 100_000,
        90: 100_000,
        167: 100_000,
        300: 50_000,
        500: 25_000,
        1_000: 20_000,
        10_000: 20_000,
    }


def test_idle_plan_asks_for_no_wake_up():
    plan = Plan()
    assert plan.next_us() is None

    plan.put(1, uuid_of(1), 60 * SECOND, EPOCH_US)
    plan.drop(1)

    assert plan.next_us() is None
    assert len(plan) == 0
    assert plan.per_second == 0


def test_changing_an_interval_moves_a_check_to_its_new_grid():
    plan = filled(1, 3600)
    plan.put(0, uuid_of(0), 10 * SECOND, EPOCH_US)
    due = plan.take(EPOCH_US + 10 * SECOND)

    assert [each.series for each in due] == [0]
    assert due[0].due_us == due_before(EPOCH_US, 10 * SECOND, phase_us(uuid_of(0), 10 * SECOND)) + 10 * SECOND


def test_changes_without_end_do_not_grow_the_plan():
    plan = filled(10, 86_400)
    for turn in range(10_000):
        plan.put(turn % 10, uuid_of(turn % 10), 86_400 * SECOND, EPOCH_US)

    assert len(plan._heap) < 200


def test_slots_that_went_by_are_counted_and_not_made_up():
    plan = filled(100, 10)
    plan.take(EPOCH_US + 10 * SECOND)
    late = plan.take(EPOCH_US + 100 * SECOND)

    assert len(late) + plan.missed >= 900
    assert len({due.series for due in late}) == len(late) < 5


def test_plan_goes_on_from_now_when_the_clock_was_moved():
    plan = filled(100, 60)
    plan.realign(EPOCH_US + 3_600 * SECOND)

    assert plan.take(EPOCH_US + 3_600 * SECOND) == []
    assert len(plan.take(EPOCH_US + 3_660 * SECOND)) == 100
    assert plan.missed == 0


def test_a_stall_is_followed_by_no_storm():
    plan = filled(10_000, 60)
    now = EPOCH_US + 30 * SECOND
    starts = spread(plan.take(now), now, plan.width, plan.per_second)

    assert 4_500 < len(starts) < 5_500
    assert starts[-1].start_us - now >= 5 * SECOND
    per_100_ms = Counter((start.start_us - now) // 100_000 for start in starts)
    assert max(per_100_ms.values()) <= 80
    assert starts[0].ideal_us < now - 29 * SECOND  # how late it is shows


@given(st.integers(1, 3_000), st.integers(0, 50), st.sampled_from((20_000, 50_000, 100_000)))
def test_what_is_spread_keeps_its_order_and_none_starts_early(count, late_ms, width):
    plan = filled(count, 1)
    slot = EPOCH_US + SECOND
    due = plan.take(slot)
    starts = spread(due, slot + late_ms * 1000, width, count)

    assert [start.series for start in starts] == [each.series for each in due]
    assert all(a.start_us <= b.start_us for a, b in itertools.pairwise(starts))
    assert all(start.start_us >= start.due_us for start in starts)

"""Engine time against wall clocks that drift, step and lie."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.engine.run.simulated import EPOCH_US, SECOND, World

from trueup.engine.run.clock import SLEW_PPM

HOUR = 3_600 * SECOND


def test_engine_time_follows_the_monotonic_clock_from_the_wall():
    world = World()
    clock = world.clock()
    world.now_us += 90 * SECOND

    assert clock.now_us() == EPOCH_US + 90 * SECOND
    assert not clock.observe()
    assert (clock.epoch, clock.steps) == (0, 0)


def test_wall_that_steps_an_hour_forward_takes_engine_time_along():
    world = World()
    clock = world.clock()
    world.wall_moved_us = HOUR

    assert clock.observe()
    assert clock.now_us() == EPOCH_US + HOUR
    assert (clock.epoch, clock.steps) == (0, 1)
    assert not clock.observe()


def test_wall_that_steps_an_hour_back_starts_an_epoch_and_engine_time_goes_on():
    world = World()
    clock = world.clock()
    world.now_us += 10 * SECOND
    world.wall_moved_us = -HOUR

    assert clock.observe()
    assert clock.now_us() == EPOCH_US + 10 * SECOND
    assert (clock.epoch, clock.steps) == (1, 1)

    world.now_us += 100 * SECOND

    assert not clock.observe()
    assert clock.now_us() == EPOCH_US + 110 * SECOND - 100 * SLEW_PPM


def test_wall_that_steps_back_and_forward_again_ends_where_it_was():
    world = World()
    clock = world.clock()
    for moved in (-HOUR, 0):
        world.wall_moved_us = moved
        clock.observe()

    assert clock.now_us() == EPOCH_US
    assert (clock.epoch, clock.steps) == (1, 2)


def test_half_a_second_of_drift_is_absorbed_slowly_and_is_no_step():
    for drift in (500_000, -500_000):
        world = World()
        clock = world.clock()
        world.wall_moved_us = drift

        assert not clock.observe()
        assert clock.now_us() == EPOCH_US

        world.now_us += 300 * SECOND

        assert clock.now_us() == world.wall_us()
        assert clock.epoch == 0


def test_drift_of_a_few_ppm_over_days_never_becomes_a_step():
    world = World()
    clock = world.clock()
    for _ in range(24 * 60 * 7):
        world.now_us += 60 * SECOND
        world.wall_moved_us += 1_200  # 20 ppm

        assert not clock.observe()
    assert abs(clock.now_us() - world.wall_us()) < 3_000


def test_clock_starts_at_what_is_stored_when_the_wall_is_behind_it():
    world = World()
    clock = world.clock(watermark_us=EPOCH_US + HOUR, epoch=32_767)

    assert clock.now_us() == EPOCH_US + HOUR
    assert clock.epoch == 0  # it goes round
    assert world.clock(watermark_us=EPOCH_US - HOUR, epoch=7).epoch == 7
    assert not clock.observe()


def test_a_pause_between_the_readings_of_the_two_clocks_is_no_step():
    world = World()
    clock = world.clock()
    stops = iter((30 * SECOND, 0, 0, 0))

    def wall_us():
        world.now_us += next(stops, 0)
        return world.wall_us()

    clock._wall_us = wall_us

    assert not clock.observe()
    assert clock.steps == 0


@given(
    st.lists(st.tuples(st.integers(0, 10**9), st.integers(-2 * HOUR, 2 * HOUR) | st.integers(-1000, 1000)))
)
def test_engine_time_never_goes_back(moves: list[tuple[int, int]]):
    world = World()
    clock = world.clock()
    last = clock.now_us()
    for passes, moved in moves:
        world.now_us += passes
        world.wall_moved_us += moved
        assert clock.now_us() >= last
        clock.observe()
        assert clock.now_us() >= last
        last = clock.now_us()


@given(st.integers(-HOUR, HOUR), st.integers(0, 10**12))
def test_the_instant_of_a_timer_is_the_instant_in_engine_time(moved: int, ahead: int):
    world = World()
    clock = world.clock()
    world.wall_moved_us = moved
    clock.observe()
    wanted = clock.now_us() + ahead

    reached = clock.at_us(round(clock.monotonic_s(wanted) * 1e9))

    assert abs(reached - wanted) <= 2

"""The worker in a simulated world where clocks, networks, programs and buses fail; and its end."""

from __future__ import annotations

import itertools
import logging

import pytest
from tests.engine.run.simulated import (
    EPOCH_US,
    SECOND,
    Bench,
    bad,
    check,
    failing_between,
    phase,
    steady,
)

from trueup.domain.result import Facts, FailureClass, State

HANGING = steady(takes_us=3_600 * SECOND)
HOUR = 3_600 * SECOND


@pytest.mark.parametrize("moved", [HOUR, -HOUR])
def test_wall_that_steps_an_hour_loses_no_result(moved: int):
    bench = Bench()
    bench.watch_over(*(check(n, interval_s=10) for n in range(20)), behaviour=steady(takes_us=400_000))
    bench.run(60)
    bench.world.wall_moved_us = moved
    in_flight = bench.worker.vitals().in_flight
    bench.run(60)
    bench.worker.stop()
    bench.run(2)
    results = bench.results()
    withdrawn = [r for r in results if r.cause is FailureClass.WITHDRAWN]

    assert in_flight >= 1
    assert len(results) == len(bench.world.asked)
    assert len({r.key for r in results}) == len(results)
    assert in_flight <= len(withdrawn) <= in_flight + 2  # one may start before the step is seen
    assert all(r.state is State.UNKNOWN for r in withdrawn)
    assert {r.epoch for r in results} == ({0} if moved > 0 else {0, 1})
    for series in range(20):
        asked = [r.asked_us for r in results if r.series == series]
        assert asked == sorted(asked)
        on_grid = list(bench.world.asked_of(f"target-{series}.example.org"))
        assert max(b - a for a, b in itertools.pairwise(on_grid)) <= 11 * SECOND
    assert bench.worker.vitals().steps == 1
    assert bench.worker.vitals().missed == 0
    now = bench.clock.now_us() - EPOCH_US - bench.world.now_us
    assert abs(now - max(moved, 0)) < SECOND


def test_what_was_measured_while_the_loop_stood_still_is_withdrawn():
    bench = Bench()
    bench.watch_over(
        check(1, "slow", interval_s=10),
        check(2, "patient", interval_s=300),
        behaviour=steady(takes_us=3 * SECOND),
    )
    bench.run(6)  # both have answered
    bench.results()
    bench.bus.ask([1, 2])
    bench.run(0.5)
    bench.world.stand_still(40 * SECOND)
    bench.run(30)
    results = {(r.series, n): r for n, r in enumerate(bench.results())}
    first = {series: next(r for (s, _), r in results.items() if s == series) for series in (1, 2)}

    assert first[1].cause is FailureClass.WITHDRAWN
    assert first[2].state is State.UP  # forty seconds are little beside its interval
    assert bench.worker.vitals().missed >= 3
    # it is asked again soon, not only at its next slot
    assert min(at for at in bench.world.asked_of("slow") if at > 46 * SECOND) < 47 * SECOND


def test_failures_are_withdrawn_while_all_witnesses_are_silent():
    bench = Bench(witnesses=("gateway",))
    bench.world.targets["gateway"] = failing_between(
        200 * SECOND, 300 * SECOND, bad(FailureClass.UNREACHABLE)
    )
    bench.watch_over(check(1), check(2), behaviour=failing_between(200 * SECOND, 300 * SECOND))
    bench.world.targets["sick"] = steady(bad(FailureClass.REFUSED))
    bench.watch_over(check(1), check(2), check(3, "sick"))
    bench.run(400)
    results = [r for r in bench.results() if r.series == 1]
    blind = [r for r in results if 200 * SECOND <= r.asked_us - EPOCH_US < 300 * SECOND]

    assert blind
    assert {r.state for r in blind} == {State.UNKNOWN}
    assert {r.cause for r in blind} == {FailureClass.WITHDRAWN}
    assert {r.state for r in results if r not in blind} <= {State.UP}
    assert all(r.before is None for r in results)


def test_no_check_is_down_before_the_witnesses_have_answered():
    bench = Bench(witnesses=("gateway",))
    bench.world.targets["gateway"] = steady(takes_us=300_000)
    bench.watch_over(check(1), behaviour=steady(bad()))
    bench.run(0.25)

    assert bench.results() == []

    bench.run(2)

    assert bench.results()[0].state is State.DOWN


def test_default_witnesses_hear_nothing_of_failures_on_loopback():
    bench = Bench(witnesses=("gateway",))
    bench.world.targets["gateway"] = steady()
    bench.watch_over(
        check(1, "http://127.0.0.1:9/"), behaviour=steady(bad(FailureClass.REFUSED, address="127.0.0.1"))
    )
    bench.run(120)

    assert bench.world.asked_of("gateway") == []
    assert len(bench.results()) > 20


def test_a_fault_of_ours_is_unknown_said_once_and_stops_nobody(caplog: pytest.LogCaptureFixture):
    bench = Bench()

    def broken(now_us: int) -> tuple[int, Facts]:
        raise ZeroDivisionError("kind")

    bench.world.targets["broken"] = broken
    bench.world.targets["odd"] = steady(Facts(values=None))  # type: ignore[arg-type]
    bench.watch_over(check(1, "broken"), check(2, "odd"), check(3))
    with caplog.at_level(logging.ERROR):
        bench.run(200)
    results = bench.results()

    assert {r.cause for r in results if r.series in (1, 2)} == {FailureClass.INTERNAL}
    assert {r.state for r in results if r.series in (1, 2)} == {State.UNKNOWN}
    assert {r.state for r in results if r.series == 3} == {State.UP}
    assert len(caplog.records) == 2
    assert bench.worker.vitals().internal >= 6


def test_a_fault_in_the_plan_does_not_stop_the_plan():
    bench = Bench()
    bench.watch_over(check(1, interval_s=10), check(2, interval_s=10))
    bench.run(30)
    roster, before = bench.worker._roster, len(bench.world.asked)
    real, calls = roster.pop_base, []

    def pop_base(now_us: int):
        calls.append(now_us)
        if len(calls) == 1:
            raise ZeroDivisionError
        return real(now_us)

    roster.pop_base = pop_base  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        bench.run(30)  # the real loop logs it
    bench.run(30)

    assert len(bench.world.asked) - before >= 5


def test_a_probe_that_never_ends_is_given_up_at_a_later_slot():
    bench = Bench()
    assignment = check(1, interval_s=10, timeout_s=5)
    bench.world.targets[assignment.probe.target] = steady()
    real, calls = bench.world.start, []

    def start(probe, timeout_s, done):
        calls.append(bench.world.now_us)
        return real(probe, timeout_s, done) if len(calls) > 1 else object()

    bench.world.start = start  # type: ignore[method-assign]
    bench.watch_over(assignment)
    bench.run(60)
    results = bench.results()

    assert results[0].cause is FailureClass.INTERNAL
    assert {r.state for r in results[1:]} == {State.UP}
    assert bench.worker.vitals().skipped in (1, 2, 3)


def test_a_change_leaves_at_once_and_the_rest_once_a_second():
    bench = Bench()
    bench.watch_over(*(check(n, interval_s=10) for n in range(100)))
    bench.run(20)
    batches = bench.bus.lag().batches

    assert 19 <= batches <= 22
    bench.results()

    quiet = Bench()
    quiet.watch_over(check(1), behaviour=failing_between(phase(1) + 60 * SECOND, HOUR))
    quiet.run(phase(1) / SECOND + 59)
    quiet.results()
    while not quiet.bus.lag().results:
        quiet.run(0.01)

    assert quiet.world.now_us - phase(1) - 60 * SECOND < 150_000
    assert quiet.results()[0].state is State.DOWN


def test_a_full_bus_stops_no_probe_and_the_loss_is_counted(caplog: pytest.LogCaptureFixture):
    bench = Bench(room=1_000)
    bench.watch_over(*(check(n, interval_s=10) for n in range(10)))
    with caplog.at_level(logging.ERROR):
        bench.run(300)
    vitals = bench.worker.vitals()
    kept = bench.results()

    assert len(bench.world.asked) == vitals.started >= 300
    assert vitals.lost > 200
    assert len(kept) + vitals.lost + 10 >= vitals.answered >= len(kept) + vitals.lost
    assert len([m for m in caplog.messages if "no room" in m]) == 1

    bench.run(30)

    assert len(bench.results()) >= 20


def test_stopping_stores_what_is_in_flight_and_starts_nothing_more():
    bench = Bench()
    bench.watch_over(*(check(n, interval_s=10) for n in range(8)), behaviour=steady(takes_us=2 * SECOND))
    bench.run(1)
    stopped = bench.worker.stop(grace_s=10)
    again = bench.worker.stop(grace_s=10)
    bench.run(0.5)

    assert not stopped.done()

    bench.run(2)

    assert stopped.done()
    assert again.done()
    assert len(bench.results()) == 8
    bench.run(60)
    assert len(bench.world.asked) == 8


def test_stopping_waits_for_the_witnesses_and_no_longer_than_its_grace():
    bench = Bench(witnesses=("gateway",))
    bench.world.targets["gateway"] = steady(takes_us=500_000)
    bench.watch_over(check(1), behaviour=steady(bad()))
    bench.run(0.05)
    stopped = bench.worker.stop()
    bench.run(0.2)

    assert not stopped.done()

    bench.run(0.5)

    assert stopped.done()
    assert [r.state for r in bench.results()] == [State.DOWN]


def test_stopping_decides_without_the_witnesses_when_its_grace_is_over():
    bench = Bench(witnesses=("gateway",))
    bench.world.targets["gateway"] = HANGING
    bench.watch_over(check(1), behaviour=steady(bad()))
    bench.run(0.05)
    stopped = bench.worker.stop(grace_s=0.2)
    bench.run(5)

    assert stopped.done()
    assert stopped.exception() is None
    assert [r.state for r in bench.results()] == [State.DOWN]  # a witness that never spoke does not count


def test_stopping_gives_up_what_hangs_longer_than_its_grace(caplog: pytest.LogCaptureFixture):
    bench = Bench()
    bench.watch_over(check(1, timeout_s=30), check(2, "good"), behaviour=HANGING)
    bench.world.targets["good"] = steady(takes_us=SECOND)
    bench.run(0.5)
    stopped = bench.worker.stop(grace_s=5)
    bench.run(4.9)

    assert not stopped.done()

    bench.run(0.2)

    assert stopped.done()
    assert [r.series for r in bench.results()] == [2]
    assert "1 probes had no answer" in caplog.text


def test_stopping_an_idle_worker_is_immediate():
    bench = Bench()
    stopped = bench.worker.stop()
    bench.run(0)

    assert stopped.done()

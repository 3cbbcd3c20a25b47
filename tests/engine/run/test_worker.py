"""The worker in a simulated world: slots, edges, limits, clocks, blindness, the end."""

from __future__ import annotations

import itertools
import logging
from collections import Counter

import pytest
from tests.engine.run.simulated import (
    EPOCH_US,
    GOOD,
    SECOND,
    Bench,
    bad,
    check,
    failing_between,
    steady,
    uuid_of,
)

from trueup.domain.expect import parse
from trueup.domain.result import Facts, FailureClass, State
from trueup.engine.run.plan import phase_us

HANGING = steady(takes_us=3_600 * SECOND)
HOUR = 3_600 * SECOND


def phase(number: int, interval_s: int = 60) -> int:
    """Return when a check is due for the first time, microseconds after the begin of the world."""
    return (phase_us(uuid_of(number), interval_s * SECOND) - EPOCH_US) % (interval_s * SECOND)


def test_a_new_check_is_asked_at_once_and_then_on_its_grid():
    bench = Bench()
    bench.watch_over(check(1))
    bench.run(300)
    results = bench.results()

    assert [(r.number, r.state) for r in results] == [(1, State.UP), *[(0, State.UP)] * 5]
    assert results[0].asked_us - EPOCH_US < 50_000
    for result in results[1:]:
        due_us = EPOCH_US + phase(1) + (result.slot - results[1].slot) * SECOND
        assert result.slot == due_us // SECOND
        assert 0 <= result.asked_us - due_us <= 100_000
    assert {result.asked_us % 1000 for result in results} == {0}
    assert results[1].duration_us == 2_000
    assert results[1].status == 200


def test_nothing_to_do_makes_no_wake_up():
    bench = Bench()
    bench.watch_over(check(1, interval_s=3_600))
    bench.run(100)
    bench.world.wakes = 0
    bench.run(3_000 * (phase(1, 3_600) > 3_100 * SECOND) + 60)

    assert bench.world.wakes == 0


def test_every_check_starts_within_one_interval_and_none_late():
    bench = Bench()
    bench.watch_over(*(check(n) for n in range(2_000)))
    bench.run(61)
    bench.run(2)
    results = bench.results()

    assert {r.series for r in results if r.number == 0} == set(range(2_000))
    assert bench.worker.lateness.max_us <= 100
    assert bench.worker.vitals().skipped == bench.worker.vitals().missed == 0


def test_ten_thousand_checks_a_minute_keep_their_slots_while_targets_hang():
    bench = Bench(room=1 << 26)
    bench.watch_over(*(check(n, f"hanging-{n}") for n in range(2_000)), behaviour=HANGING)
    every = [check(n, f"hanging-{n}" if n < 2_000 else f"good-{n}") for n in range(10_000)]
    bench.watch_over(*every)
    bench.run(61)

    assert bench.worker.lateness.quantile_us(0.99) <= 1_000
    assert bench.worker.lateness.max_us <= 1_000
    assert set(range(2_000, 10_000)) <= {r.series for r in bench.results() if r.number == 0}


def test_twenty_seconds_of_outage_have_both_edges_within_five_seconds():
    due = phase(1)
    start, end = due + 120 * SECOND - 10_000, due + 140 * SECOND - 10_000
    bench = Bench()
    bench.watch_over(check(1), behaviour=failing_between(start, end))
    bench.run(300)
    results = bench.results()
    failed = [r.asked_us - EPOCH_US for r in results if r.state is State.DOWN]
    after = [r for r in results if r.state is State.UP and r.asked_us - EPOCH_US > failed[-1]]

    assert 0 <= failed[0] - start <= 200_000
    assert 0 <= after[0].asked_us - EPOCH_US - end <= 5 * SECOND
    assert end - failed[-1] <= 5.1 * SECOND
    # burst, steady, burst, and the grid goes on
    spacing = [round((b - a) / SECOND) for a, b in itertools.pairwise(failed)]
    assert spacing == [1, 1, 2, 4, 7]
    assert next(r.number for r in results if r.slot == results[-1].slot) == 0


def test_evidence_goes_with_the_results_that_need_it():
    bench = Bench()
    bench.watch_over(check(1), behaviour=failing_between(phase(1) + 60 * SECOND, phase(1) + 70 * SECOND))
    bench.run(300)
    results = bench.results()
    states = [r.state for r in results]
    first, last = states.index(State.DOWN), len(states) - 1 - states[::-1].index(State.DOWN)

    assert [r.detail is not None for r in results] == [first <= n <= last + 1 for n in range(len(results))]
    assert [n for n, r in enumerate(results) if r.before is not None] == [first]
    before = results[first].before
    assert before is not None
    assert before.key == results[first - 1].key
    assert before.detail is not None
    assert before.detail.body_head == b"ok"
    assert len(before.detail.body_sha256) == 64
    detail = results[first].detail
    assert detail is not None
    assert detail.text is not None


def test_extra_probes_of_all_checks_together_are_limited():
    bench = Bench(room=1 << 26)
    bench.watch_over(*(check(n) for n in range(3_000)), behaviour=failing_between(100 * SECOND, HOUR))
    bench.run(100)
    bench.results()
    before = Counter(at // SECOND for at, _ in bench.world.asked)
    bench.world.asked.clear()
    bench.run(200)
    a_second = Counter(at // SECOND for at, _ in bench.world.asked)

    assert max(before.values()) <= 2 * 50 + 30
    assert max(a_second.values()) <= 2 * 50 + 30  # base grid, as many extra, and what chance gathers
    assert bench.worker.lateness.max_us <= 1_000


def test_at_most_one_probe_of_a_check_is_in_flight_and_what_is_skipped_is_counted():
    bench = Bench()
    bench.watch_over(check(1, interval_s=2, timeout_s=10), behaviour=HANGING)
    in_flight = []
    for _ in range(600):
        bench.run(0.1)
        in_flight.append(bench.worker.vitals().in_flight)
    vitals = bench.worker.vitals()

    assert max(in_flight) == 1
    assert vitals.skipped >= 20
    assert vitals.missed == 0
    assert {r.cause for r in bench.results()} == {FailureClass.TIMEOUT}


def test_keys_are_unique_and_rise_with_time():
    bench = Bench()
    target = check(1, interval_s=10)
    bench.watch_over(target, behaviour=lambda now: (1_000, bad() if now // (3 * SECOND) % 2 else GOOD))
    for interval_s in (10, 30, 5, 60, 10, 7200):
        bench.watch_over(check(1, target.probe.target, interval_s=interval_s, revision=interval_s))
        bench.run(47.3)
    bench.watch_over()
    bench.run(3)
    bench.watch_over(check(1, target.probe.target, interval_s=10, revision=99))
    bench.run(60)
    results = bench.results()
    keys = [(r.slot, r.number) for r in results]

    assert len(keys) > 50
    assert keys == sorted(set(keys))
    assert all(r.asked_us >= r.slot * SECOND for r in results)
    assert [r.asked_us for r in results] == sorted(r.asked_us for r in results)


def test_keys_go_on_after_a_restart_within_a_slot():
    slot = (EPOCH_US + phase(1) - 60 * SECOND) // SECOND
    bench = Bench()
    bench.watch_over(check(1, slot=slot, number=9))
    bench.run(min(5, phase(1) / SECOND - 1))
    bench.worker.ask([1])
    bench.run(2)

    assert [(r.slot, r.number) for r in bench.results()] == [(slot, 10)]


def test_a_number_that_would_not_fit_its_record_is_not_used():
    bench = Bench()
    bench.watch_over(check(1, interval_s=86_400, slot=EPOCH_US // SECOND - 10, number=32_762))
    for _ in range(20):
        bench.bus.ask([1])
        bench.run(1)
    results = bench.results()

    assert [r.number for r in results] == list(range(32_763, 32_768))
    assert bench.worker.vitals().internal == bench.worker.vitals().lost == 0


def test_a_changed_check_is_asked_at_once_and_a_removed_one_no_more():
    bench = Bench()
    bench.watch_over(check(1, interval_s=3_600), check(2, interval_s=3_600))
    bench.run(5)
    bench.world.asked.clear()
    bench.watch_over(check(1, "new.example.org", interval_s=3_600, revision=2))
    bench.run(1)

    assert [target for _, target in bench.world.asked] == ["new.example.org"]

    bench.run(2 * 3_600)

    assert {target for _, target in bench.world.asked} == {"new.example.org"}


def test_a_check_that_changes_in_flight_is_asked_again_under_its_new_question():
    bench = Bench()
    bench.watch_over(check(1, "slow", interval_s=3_600), behaviour=steady(takes_us=5 * SECOND))
    bench.run(1)
    bench.watch_over(check(1, "new", interval_s=3_600, revision=2))
    bench.run(10)

    assert [target for _, target in bench.world.asked] == ["slow", "new"]
    assert [at for at, _ in bench.world.asked][1] < 5.2 * SECOND


def test_many_new_checks_are_asked_within_the_limit():
    bench = Bench()
    bench.watch_over(*(check(n, interval_s=86_400) for n in range(200)))
    bench.run(5)

    assert 100 <= len(bench.world.asked) <= 5 * 20 + 8 + 5


def test_asking_probes_now_and_not_twice():
    bench = Bench()
    bench.watch_over(check(1, interval_s=3_600), behaviour=steady(takes_us=SECOND))
    bench.run(5)
    bench.world.asked.clear()
    bench.bus.ask([1, 77])
    bench.bus.ask([1])
    bench.run(0.5)

    assert bench.world.asked == [(5 * SECOND, check(1).probe.target)]


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


def test_expectations_decide():
    bench = Bench()
    expect, slow = (parse("status == 204"),), (parse("latency > 1 ms"),)
    bench.watch_over(check(1, expect=expect), check(2, degraded_when=slow))
    bench.run(1)
    first, second = sorted(bench.results(), key=lambda r: r.series)[:2]

    assert (first.state, first.cause) == (State.DOWN, FailureClass.EXPECTATION)
    assert (second.state, second.status) == (State.DEGRADED, 200)
    assert first.detail is not None
    assert first.detail.text is not None
    assert first.detail.text.params["asked"] == "target-1.example.org"


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
    assert bench.worker.vitals().skipped in (1, 2)


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

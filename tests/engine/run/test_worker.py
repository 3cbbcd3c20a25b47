"""The worker in a simulated world: slots, edges, keys, limits."""

from __future__ import annotations

import itertools
from collections import Counter

from tests.engine.run.simulated import (
    EPOCH_US,
    GOOD,
    SECOND,
    Bench,
    bad,
    check,
    failing_between,
    phase,
    steady,
)

from trueup.domain.expect import parse
from trueup.domain.result import FailureClass, State

HANGING = steady(takes_us=3_600 * SECOND)
HOUR = 3_600 * SECOND


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


def test_no_more_than_an_interval_passes_between_two_probes_also_where_one_was_slow():
    fails_us = phase(1, 10) + 20 * SECOND - 1_000
    bench = Bench()
    bench.watch_over(
        check(1, interval_s=10),
        behaviour=lambda now_us: (9 * SECOND, bad() if fails_us <= now_us < fails_us + 11 * SECOND else GOOD),
    )
    bench.run(300)
    asked = bench.world.asked_of("target-1.example.org")

    assert bench.worker.vitals().skipped > 0  # a slot of the grid came while an extra probe was in flight
    assert max(b - a for a, b in itertools.pairwise(asked)) <= 10 * SECOND


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
    bench.watch_over(*(check(n) for n in range(1_500)), behaviour=failing_between(100 * SECOND, HOUR))
    bench.run(100)
    bench.results()
    before = Counter(at // SECOND for at, _ in bench.world.asked)
    bench.world.asked.clear()
    bench.run(100)
    a_second = Counter(at // SECOND for at, _ in bench.world.asked)

    assert max(before.values()) <= 2 * 25 + 20
    assert max(a_second.values()) <= 2 * 25 + 20  # base grid, as many extra, and what chance gathers
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

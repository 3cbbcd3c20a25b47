"""The small parts of the worker: limits, evidence, the outlet, vitals; and all of it at random."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import logging
import resource
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.engine.run.simulated import EPOCH_US, GOOD, SECOND, Bench, World, bad, check

from trueup.domain.result import Facts, FailureClass, Result, State
from trueup.domain.text import Text
from trueup.engine.run.batch import unpack_batch
from trueup.engine.run.bus.local import LocalBus
from trueup.engine.run.evidence import HEAD, Trail, detail_of
from trueup.engine.run.limits import allowed, needed, raise_open_files
from trueup.engine.run.outlet import MOST, Outlet
from trueup.engine.run.vitals import Lateness

SLOT = EPOCH_US // SECOND
UP = Result(1, SLOT, 0, 0, EPOCH_US, 2_000, State.UP)
DOWN = dataclasses.replace(UP, state=State.DOWN, cause=FailureClass.REFUSED)
DETAIL = detail_of(GOOD, None)


@pytest.fixture
def open_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.usefixtures("open_files")
def test_soft_limit_of_open_files_is_raised_to_the_hard_one():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, hard), hard))

    assert raise_open_files() == hard
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == hard


def test_room_in_flight_follows_from_timeouts_and_intervals():
    checks = [check(n, interval_s=60, timeout_s=30) for n in range(10_000)]

    assert needed(checks) == 5_000 + 5_000  # every one hangs: half of the grid, and as many extra
    assert allowed(checks, 20_000) == 10_000
    assert needed([]) == 0


def test_too_few_open_files_are_said_with_the_remedy(caplog: pytest.LogCaptureFixture):
    checks = [check(n, interval_s=10, timeout_s=10) for n in range(2_000)]
    with caplog.at_level(logging.WARNING):
        room = allowed(checks, 1_024)

    assert room == 896
    assert "up to 2000 probes" in caplog.text
    assert "LimitNOFILE" in caplog.text


def test_evidence_keeps_the_hash_of_the_whole_body_and_its_head():
    body = bytes(range(256)) * 20
    detail = detail_of(Facts(address="192.0.2.1", body=body), Text("x"))

    assert detail.body_head == body[:HEAD]
    assert detail.body_sha256 == hashlib.sha256(body).hexdigest()
    assert detail_of(Facts(), None).body_sha256 == ""


def test_evidence_that_is_the_same_is_kept_once():
    assert detail_of(GOOD, None, DETAIL) is DETAIL
    assert detail_of(dataclasses.replace(GOOD, body=b"no"), None, DETAIL) is not DETAIL
    assert detail_of(dataclasses.replace(GOOD, address="192.0.2.2"), None, DETAIL) is not DETAIL


def test_withdrawn_results_do_not_count_as_the_first_failure():
    trail = Trail()
    trail.attach(UP, DETAIL)
    withdrawn, changed = trail.attach(dataclasses.replace(UP, state=State.UNKNOWN), DETAIL)
    first, first_changed = trail.attach(DOWN, DETAIL)
    second, second_changed = trail.attach(DOWN, DETAIL)

    assert (withdrawn.before, changed) == (None, False)
    assert (first.before, first_changed) == (dataclasses.replace(UP, detail=DETAIL), True)
    assert (second.before, second_changed) == (None, False)


def outlet() -> tuple[World, LocalBus, Outlet]:
    world, bus = World(now_us=10 * SECOND), LocalBus()
    return world, bus, Outlet(bus, world, world.clock(), "local")


def test_a_result_that_cannot_be_packed_does_not_take_the_others_along(caplog: pytest.LogCaptureFixture):
    _, bus, out = outlet()
    for result in (UP, dataclasses.replace(UP, series=-1), DOWN):
        out.put(result, urgent=False)
    out.flush()
    delivery = bus.results(0)
    assert delivery is not None

    assert unpack_batch(delivery.payload) == [UP, DOWN]
    assert out.lost == 1
    assert "series -1" in caplog.text


def test_urgent_results_leave_at_most_once_a_second():
    world, bus, out = outlet()
    for _ in range(30):
        out.put(DOWN, urgent=True)
        world.run_until(world.now_us + SECOND // 10)

    assert 3 <= bus.lag().batches <= 4


def test_batches_have_a_limit():
    world, bus, out = outlet()
    for _ in range(2 * MOST + 10):
        out.put(UP, urgent=False)

    assert bus.lag()[:2] == (2, 2 * MOST)

    world.run_until(world.now_us + 2 * SECOND)

    assert bus.lag()[:2] == (3, 2 * MOST + 10)


def test_lateness_is_told_to_a_quarter_of_a_millisecond():
    lateness = Lateness()
    assert lateness.quantile_us(0.99) == 0
    for late_us in [100] * 98 + [3_100, 400_000]:
        lateness.add(late_us)

    assert lateness.quantile_us(0.5) == 250
    assert lateness.quantile_us(0.99) == 3_250
    assert lateness.quantile_us(1) == lateness.max_us == 400_000
    assert (lateness.n, lateness.last_us) == (100, 400_000)


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(("run", "run", "run", "break", "mend", "assign", "ask", "wall", "stall")),
        st.integers(1, 40),
    ),
    min_size=5,
    max_size=25,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example([("run", 1)] * 5 + [("wall", 1), ("run", 3), ("stall", 10)])
@given(ACTIONS)
def test_whatever_happens_each_probe_has_one_result_under_a_key_of_its_own(actions):
    bench = Bench(witnesses=("gateway",), room=1 << 24)
    broken = set()
    bench.world.targets["gateway"] = lambda now: (1_000, bad() if now // (90 * SECOND) % 2 else GOOD)

    def behaviour(series: int):
        return lambda _now: (series * 300_000, bad(FailureClass.TIMEOUT) if series in broken else GOOD)

    for series in range(6):
        bench.world.targets[check(series).probe.target] = behaviour(series)
    bench.watch_over(*(check(n, interval_s=10) for n in range(6)))
    for action, number in actions:
        if action == "run":
            bench.run(number)
        elif action == "break":
            broken.add(number % 6)
        elif action == "mend":
            broken.discard(number % 6)
        elif action == "assign":
            kept = [n for n in range(6) if n != number % 7]
            bench.watch_over(*(check(n, interval_s=(2, 5, 10)[number % 3], revision=number) for n in kept))
        elif action == "ask":
            bench.bus.ask([number % 6])
        elif action == "wall":
            bench.world.wall_moved_us += (number - 20) * 700_000
        else:
            bench.world.stand_still(number * SECOND)
    stopped = bench.worker.stop()
    bench.run(15)
    results = bench.results()
    asked = [target for _, target in bench.world.asked if target != "gateway"]

    assert stopped.done()
    assert len(results) == len(asked) == bench.worker.vitals().answered
    assert len({result.key for result in results}) == len(results)
    assert bench.worker.vitals().internal == bench.worker.vitals().lost == 0
    for series in range(6):
        mine = [result for result in results if result.series == series]
        order = [(result.slot, result.number) for result in mine]
        assert order == sorted(order)
        for result, following in itertools.pairwise(mine):  # but for a clock that is being brought home
            assert following.asked_us > result.asked_us + result.duration_us * 0.99 - 1_000

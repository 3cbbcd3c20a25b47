"""What is said about a target, against what it truly was: probed in a world with a time of its own."""

from __future__ import annotations

import logging
import random
import statistics
from collections.abc import Iterator
from itertools import pairwise

import pytest
from tests.engine.run.simulated import EPOCH_US, SECOND
from tests.sla.scripted import Script, Watch, at_random, judged, ledger, probed

from trueup.domain.interval import Spans
from trueup.domain.result import State
from trueup.domain.timeline import Timeline, read

INTERVALS = (1, 2, 5, 10, 20, 60, 300)
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Leave out what the worker says of a world without witnesses."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


def assert_within_band(script: Script, timeline: Timeline) -> None:
    """Assert that what is certainly down was, and that what was down is possibly so: at every instant."""
    reading = read(timeline, script.window)
    figures = judged([timeline], script.window)

    assert (reading.high - script.down, script.down - reading.low) == (Spans(), Spans())
    assert figures.downtime_least_us <= script.down_us <= figures.downtime_most_us
    assert figures.downtime_least_us <= figures.downtime_us <= figures.downtime_most_us


@pytest.mark.parametrize("interval_s", INTERVALS)
@pytest.mark.parametrize(
    ("confirm", "recover", "latency", "seen_when_asked"),
    [(2, 1, 0.0, True), (2, 1, 0.9, True), (1, 1, 0.3, False), (3, 2, 0.1, False), (2, 3, 0.9, False)],
)
def test_truth_lies_in_the_band_where_every_state_lasts_an_interval(
    interval_s: int, confirm: int, recover: int, latency: float, seen_when_asked: bool
) -> None:
    watch = Watch(interval_s, confirm, recover, latency, seen_when_asked)
    for seed in range(2 if interval_s > 20 else 4):
        chance = random.Random(f"{interval_s} {confirm} {recover} {seed}")
        script = at_random(chance, interval_s, 8, least=watch.seen, degraded=True)

        assert_within_band(script, ledger(probed(script, watch, seed), watch))


@pytest.mark.parametrize("interval_s", [1, 2, 5, pytest.param(10, marks=pytest.mark.long)])
def test_midpoints_err_to_neither_side(interval_s: int) -> None:
    watch = Watch(interval_s, confirm=2)
    errors, observed = [], []
    for seed in range(200):
        script = at_random(random.Random(f"{interval_s} {seed}"), interval_s, 3, least=watch.confirmed)
        timeline = ledger(probed(script, watch, seed), watch)
        middle = judged([timeline], script.window, edge="midpoint")
        errors.append(float(middle.downtime_us - script.down_us) / SECOND)
        observed.append(float(judged([timeline], script.window).downtime_us - script.down_us) / SECOND)
        assert_within_band(script, timeline)

    assert abs(statistics.mean(errors)) <= 1.96 * statistics.stdev(errors) / len(errors) ** 0.5
    if interval_s == 10:  # probes come faster while it is down: what is observed is too short
        assert statistics.mean(observed) < -1.96 * statistics.stdev(observed) / len(observed) ** 0.5


def test_same_truth_is_the_same_at_every_cadence_within_its_band() -> None:
    script = at_random(random.Random(5), 300, 4, least=1.2, mean=2)
    kuma = []
    for interval_s in (1, *INTERVALS[3:]):
        watch = Watch(interval_s, latency=0.05)
        results = probed(script, watch)
        figures = judged([ledger(results, watch)], script.window, edge="midpoint")
        kuma.append(sum(one.state is State.DOWN for one in results) / len(results))

        assert figures.downtime_least_us <= script.down_us <= figures.downtime_most_us
        assert abs(figures.downtime_us - script.down_us) <= 4 * interval_s * SECOND
        assert figures.up_us + figures.down_us == figures.counted_us
        assert figures.counted_us + figures.unknown_us == script.end_us

    # Counting samples gives the same truth a weight that depends on how often a failure is asked after.
    truth = script.down_us / script.end_us
    assert max(kuma) > 2 * truth


def test_time_in_which_nobody_asked_is_in_doubt_from_the_last_probe_on() -> None:
    watch = Watch(60)
    for seed in range(12):
        chance = random.Random(seed)
        script = at_random(chance, 60, 8, least=watch.seen, mean=8)
        results = probed(script, watch, seed)
        blind_us = sorted(EPOCH_US + chance.randrange(script.end_us) for _ in range(6))
        blind = list(pairwise(blind_us))[::2]
        seen = [
            one for one in results if not any(from_us <= one.asked_us < to_us for from_us, to_us in blind)
        ]
        timeline = ledger(seen, watch)
        reading = read(timeline, script.window)
        missed = script.down - reading.low
        # What began and ended while nobody asked lasted less than the time between two probes.
        hidden = Spans(span for span in script.down if any(f <= span[0] and span[1] <= t for f, t in blind))

        assert reading.high - script.down == Spans()
        assert missed - hidden == Spans()


def test_ten_short_outages_a_day_that_were_never_alerted_are_no_more_than_they_were() -> None:
    """Uptime Kuma counts a retry as a sample of down: 97.945 % at interval 60, retries each 20 s."""
    changes = [(0, State.UP)]
    for number in range(10):
        start_us = (number * 144 + 40) * MINUTE + number * 6_700_000
        changes += [(start_us, State.DOWN), (start_us + 55 * SECOND, State.UP)]
    script = Script(changes, 24 * HOUR)
    watch = Watch(60, latency=0.01)
    found = 100 * (1 - judged([ledger(probed(script, watch), watch)], script.window, edge="midpoint").down_us
                   / script.end_us)  # fmt: skip

    assert script.down_us == 550 * SECOND
    assert abs(found - 99.363) < 0.1

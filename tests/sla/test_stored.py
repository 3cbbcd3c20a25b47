"""What is stored of a target that keeps to a script: late, twice, and across restarts, the same figures."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from tests.engine.centre.platform import Made, make_check
from tests.engine.run.simulated import EPOCH_US, SECOND
from tests.sla.scripted import Script, Watch, at_random, judged, ledger, probed

from trueup.domain.result import Result
from trueup.domain.sla.result import Sums
from trueup.domain.timeline import Timeline
from trueup.engine.centre.ingest import Centre
from trueup.store.read import timeline as stored

pytestmark = pytest.mark.usefixtures("database")

WATCH = Watch(20, confirm=2, recover=2, latency=0.2)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


def of_series(made: Made, results: Sequence[Result]) -> list[Result]:
    return [replace(one, series=made.series, before=None) for one in results]


def as_stored(made: Made) -> Timeline:
    """Return what the ledger holds of the check's verdict."""
    ids = [made.verdict]
    return Timeline(
        stored.records(ids, EPOCH_US)[made.verdict],
        stored.blips(ids, EPOCH_US)[made.verdict],
        EPOCH_US,
        covered_until_us=stored.standings([made.series])[made.series].covered_until_us,
    )


def figures(script: Script, timeline: Timeline) -> Sums:
    return judged([timeline], script.window, edge="midpoint")


def test_results_late_repeated_and_across_restarts_are_the_same_figures_with_the_truth_in_their_band() -> (
    None
):
    chance = random.Random(11)
    script = at_random(chance, WATCH.interval_s, 6, least=WATCH.seen, degraded=True)
    results = probed(script, WATCH, 11)
    made = make_check(interval_s=WATCH.interval_s, confirm=WATCH.confirm, recover=WATCH.recover)
    batches = [of_series(made, results[at : at + 9]) for at in range(0, len(results), 9)]
    late = batches[1::4]
    sent = [batch for batch in batches if batch not in late] + late
    centre = Centre()
    for number, batch in enumerate(sent):
        if number % 5 == 4:
            centre = Centre()  # another process
        now_us = batch[-1].answered_us + SECOND
        centre.take(f"m{number}", batch, now_us)
        centre.take(f"m{number}", batch, now_us)  # the bus gave it twice
        centre.take(f"again{number}", batch[::2], now_us)  # and another sender some of it

    found = figures(script, as_stored(made))

    assert found == figures(script, ledger(results, WATCH))
    assert found.downtime_least_us <= script.down_us <= found.downtime_most_us

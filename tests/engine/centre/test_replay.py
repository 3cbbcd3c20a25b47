"""Whatever the order in which results come, the ledger is what follows from all of them."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from tests.databases import Database
from tests.engine.centre.platform import T0, Made, S, make_check, result, revise
from tests.engine.centre.replay import EVER_US, assert_replayed, assert_sound, stored_results

from trueup.domain.result import Result, State
from trueup.engine.centre.ingest import Centre
from trueup.store.buckets import unpack
from trueup.store.models import SeriesState
from trueup.store.write import ledger
from trueup.store.write.compact import compact

UP, DOWN, DEGRADED, UNKNOWN = State.UP, State.DOWN, State.DEGRADED, State.UNKNOWN


def weather(rng: random.Random, series: int, interval_s: float, count: int) -> list[Result]:
    """Return results as a target with bad days gives them: runs, blips, gaps, extras, withdrawn ones."""
    at_s = rng.uniform(0, 5)
    state = UP
    found: list[Result] = []
    while len(found) < count:
        if rng.random() < 0.2:
            state = rng.choice([UP, UP, UP, DOWN, DOWN, DEGRADED])
        shown = UNKNOWN if rng.random() < 0.05 else state
        duration_us = rng.choice([0, 12_345, 2 * S])
        found.append(result(series, round(at_s, 3), shown, duration_us=duration_us, number=len(found) % 50))
        pace = rng.choices(
            [interval_s, interval_s / 10, interval_s * 1.45, interval_s * 1.55, interval_s * 4],
            [6, 3, 1, 1, 1],
        )[0]
        at_s += max(duration_us / S + 0.001, pace + rng.uniform(-0.05, 0.05))
    return found


def shuffled(rng: random.Random, results: Sequence[Result]) -> list[list[Result]]:
    """Return batches: most in order, some held back for a while, some offered twice."""
    batches: list[list[Result]] = []
    held: list[list[Result]] = []
    waiting = list(results)
    while waiting or held:
        size = rng.randint(1, 8)
        batch, waiting = waiting[:size], waiting[size:]
        if not batch or rng.random() < 0.3:
            if batch:
                held.append(batch)
            if held and (rng.random() < 0.3 or not waiting):
                batch = held.pop(rng.randrange(len(held)))
                rng.shuffle(batch)
                batches.append(batch)
            continue
        batches.append(batch)
        if rng.random() < 0.15:
            batches.append(rng.choice(batches))
    return batches


def play(seed: int) -> Made:
    """Let one check live through a random life, results coming as they like."""
    rng = random.Random(seed)
    interval_s = rng.choice([10, 60])
    made = make_check(
        f"check-{seed}", interval_s=interval_s, confirm=rng.randint(1, 3), recover=rng.randint(1, 3)
    )
    results = weather(rng, made.series, interval_s, rng.randint(5, 60))
    centre = Centre()
    now_us = revised_us = T0
    number = 1
    for index, batch in enumerate(shuffled(rng, results)):
        now_us = max(now_us, *(one.answered_us for one in batch)) + S
        centre.take(f"{seed}-{index}", batch, now_us)
        chance = rng.random()
        if chance < 0.15:
            now_us += rng.randint(0, 300) * S
            centre.tick(now_us)
        elif chance < 0.25:
            centre = Centre()
        elif chance < 0.32:
            compact()
        elif chance < 0.37:
            number += 1
            revised_us = max(now_us - rng.randint(0, 60) * S, revised_us + 1)
            pace_s = interval_s * rng.choice([0.5, 1, 2])
            revise(made.check, number, revised_us, interval_s=pace_s, confirm=rng.randint(1, 4))
            centre.reload(now_us)
        elif chance < 0.42:
            ledger.pause([made.check.id], now_us)
            centre.reload(now_us + 2 * S)
            now_us += rng.randint(0, 100) * S
            if rng.random() < 0.8:
                ledger.resume([made.check.id], now_us)
                centre.reload(now_us + 2 * S)
    centre.reload(now_us)
    centre.tick(EVER_US)
    assert {one.key for one in stored_results(made.series)} == {one.key for one in results}
    return made


def check_life(seed: int) -> None:
    made = play(seed)
    assert_replayed(made)
    state = SeriesState.objects.get(series=made.series)
    assert state.results >= len(stored_results(made.series))
    assert sum(unpack(bytes(state.buckets)).counts) <= state.results


@pytest.mark.parametrize("part", range(5))
def test_random_lives_are_replayed(part: int, database: Database) -> None:
    for seed in range(part * 4, part * 4 + 4):
        check_life(seed)
    assert_sound()


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.timeout(1_800)
def test_many_random_lives_are_replayed(database: Database) -> None:
    for seed in range(1_000, 1_600):
        check_life(seed)
    assert_sound()

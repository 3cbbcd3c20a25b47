"""kill -9 anywhere: what was acknowledged is stored, once, and the ledger is what follows from it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from tests.databases import Database
from tests.engine.centre.platform import T0, Made, S, make_check, result
from tests.engine.centre.replay import EVER_US, assert_replayed, assert_sound, stored_results
from tests.engine.centre.victim import Death, run

from trueup.domain.result import Result, State
from trueup.engine.centre.ingest import Centre
from trueup.store.models import Batch, Block, Evidence, Journal, SeriesState
from trueup.store.read.samples import sample_rows
from trueup.store.write.block import summary
from trueup.store.write.compact import compact

UP, DOWN, DEGRADED = State.UP, State.DOWN, State.DEGRADED
Batches = list[tuple[str, list[Result]]]


def life(series: int) -> Batches:
    """Return batches that make every statement of the writing transaction run."""
    outage = [result(series, 120 + 5 * k, DOWN, number=k) for k in range(50)]
    waves = [result(series, 500 + 5 * k, UP if k % 3 else DEGRADED, number=k) for k in range(12)]
    parts: list[list[Result]] = [
        [result(series, 0)],
        [result(series, 60)],
        *([one] for one in outage[:3]),
        outage[3:45],
        *([one] for one in outage[45:]),
        [result(series, 375)],
        waves[:4],
        waves[6:],
        [result(series, 1_200)],  # after a gap
        [waves[4], waves[5]],  # late
        [result(series, 1_260, DOWN)],
        [result(series, 1_261)],
        [result(series, 1_259, DOWN, number=1)],  # late, and an outage with the blip after it
    ]
    return [(f"m{index}", part) for index, part in enumerate(parts)]


def ingest(batches: Sequence[tuple[str, list[Result]]]) -> Callable[..., None]:
    """Return work that takes batches in, acknowledging each when it is stored."""

    def work(failpoint: Callable[[str], None], acknowledge: Callable[[str], None]) -> None:
        centre = Centre(failpoint=failpoint)
        for msg_id, results in batches:
            centre.take(msg_id, results, max(one.answered_us for one in results) + S)
            acknowledge(msg_id)

    return work


def passed_failpoints(work: Callable[..., None]) -> Counter[str]:
    """Return which failpoints some work passes, and how often."""
    passed: Counter[str] = Counter()
    work(lambda name: passed.update([name]), lambda _: None)
    return passed


def check_survived(made: Made, batches: Batches, acknowledged: list[str]) -> None:
    """Assert that nothing acknowledged is lost, then go on as the one who was killed would."""
    assert_sound()
    assert_replayed(made, ended=False)
    offered = dict(batches)
    known = set(Batch.objects.values_list("msg_id", flat=True))
    assert set(acknowledged) <= known
    stored = {one.key for one in stored_results(made.series)}
    assert stored == {one.key for msg_id in known for one in offered[msg_id]}
    centre = Centre()
    for msg_id, results in batches[len(acknowledged) :]:  # the one in flight is offered again
        taken = centre.take(msg_id, results, max(one.answered_us for one in results) + S)
        assert taken.repeated == (msg_id in known)
    check_whole(made, batches)


def check_whole(made: Made, batches: Batches) -> None:
    """Assert that every batch is stored exactly once."""
    assert_replayed(made, ended=False)
    every = [one for _, results in batches for one in results]
    assert {one.key for one in stored_results(made.series)} == {one.key for one in every}
    assert SeriesState.objects.get(series=made.series).results == len(every)
    kept = Evidence.objects.filter(series=made.series, run_us=T0 + 120 * S)
    numbers = sorted(kept.filter(role__in=("failing", "recent")).values_list("number", flat=True))
    assert numbers[:20] == list(range(20))
    assert numbers[-20:] == list(range(30, 50))


def kill_at_every_failpoint(database: Database, *, every: bool) -> None:
    trial = make_check("trial")
    deaths = [
        Death(name, nth)
        for name, times in passed_failpoints(ingest(life(trial.series))).items()
        for nth in ({1, times // 2 + 1, times} if every else {times})
    ]
    assert len({death.name for death in deaths}) == 26
    for index, death in enumerate(deaths):
        made = make_check(f"check-{index}")
        Batch.objects.all().delete()
        batches = life(made.series)
        acknowledged, killed = run(ingest(batches), death)
        assert killed
        check_survived(made, batches, acknowledged)


def test_a_kill_at_any_statement_of_the_transaction_loses_nothing(sqlite_database: Database) -> None:
    kill_at_every_failpoint(sqlite_database, every=False)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_kill_at_any_passing_of_any_statement_loses_nothing(database: Database) -> None:
    kill_at_every_failpoint(database, every=True)


@pytest.mark.parametrize("name", ["before commit", "after commit", "after entries"])
def test_a_kill_around_the_commit_loses_nothing(name: str, postgres_database: Database) -> None:
    made = make_check()
    batches = life(made.series)
    acknowledged, killed = run(ingest(batches), Death(name, 4))

    assert killed
    check_survived(made, batches, acknowledged)


def kill_at_random(times: int, seed: int) -> None:
    rng = random.Random(seed)
    for index in range(times):
        made = make_check(f"check-{index}")
        Batch.objects.all().delete()
        batches = life(made.series)
        acknowledged, _ = run(ingest(batches), kill_after=rng.randrange(1, len(batches)))
        check_survived(made, batches, acknowledged)


def test_a_kill_at_random_loses_nothing(sqlite_database: Database) -> None:
    kill_at_random(20, seed=1)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_many_kills_at_random_lose_nothing(database: Database) -> None:
    kill_at_random(100, seed=2)


def compaction(failpoint: Callable[[str], None], acknowledge: Callable[[str], None]) -> None:
    compact(failpoint=failpoint, slice_bytes=2_000)


def check_compaction_survives(death: Death, index: int) -> None:
    made = [make_check(f"check-{index}-{number}") for number in range(20)]
    centre = Centre()
    for number in range(10):
        batch = [result(one.series, 60 * number + 7, DOWN if number == 5 else UP) for one in made]
        centre.take(f"{index}-{number}", batch, T0 + number * 60 * S)
    before = sample_rows([one.series for one in made], 0, EVER_US)

    _, killed = run(compaction, death)

    assert killed
    assert_sound()
    assert sample_rows(list(before), 0, EVER_US) == before
    compact()
    assert not Journal.objects.exists()
    assert sample_rows(list(before), 0, EVER_US) == before
    for series, rows in before.items():
        blocks = Block.objects.filter(series=series)
        assert sum(block.n for block in blocks) == len(rows)
        assert [block.up for block in blocks] == [summary(rows)[1]]


def kill_compaction(deaths: Sequence[Death]) -> None:
    for index, death in enumerate(deaths):
        check_compaction_survives(death, index)


COMPACTING = (
    "before a slice",
    "before committing a slice",
    "after a slice",
    "before forgetting the journal",
    "before committing the journal",
    "after forgetting the journal",
)


def test_a_kill_anywhere_in_a_compaction_neither_loses_nor_doubles(sqlite_database: Database) -> None:
    kill_compaction([Death(name, 2 if name.endswith("slice") else 1) for name in COMPACTING])


def test_a_kill_in_a_compaction_neither_loses_nor_doubles(postgres_database: Database) -> None:
    kill_compaction([Death("after a slice", 2), Death("before committing the journal")])


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_kill_in_any_slice_of_a_compaction_neither_loses_nor_doubles(database: Database) -> None:
    kill_compaction([Death(name, nth) for name in COMPACTING[:3] for nth in range(1, 6)])

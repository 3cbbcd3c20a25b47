"""What is read of history: latencies, evidence, the ledger as it was known, and all of it quickly."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.databases import Database
from tests.engine.centre.platform import MINUTE, T0, S, make_check, result

from trueup.domain.result import Detail, State
from trueup.engine.centre.ingest import Centre
from trueup.engine.run.batch import pack_batch, unpack_batch
from trueup.store.read import timeline
from trueup.store.read.entries import entries
from trueup.store.read.evidence import evidence
from trueup.store.read.latency import latencies
from trueup.store.write.compact import compact
from trueup.store.write.retention import retain

UP, DOWN, DEGRADED = State.UP, State.DOWN, State.DEGRADED
DAY = 24 * 60 * MINUTE
RATIOS = (Fraction(1, 2), Fraction(95, 100), Fraction(1))


def test_latencies_of_a_day_are_exact_wherever_the_results_lie(database: Database) -> None:
    made = make_check(interval_s=600)
    rng = random.Random(5)
    results = [
        result(made.series, 600 * k, rng.choice([UP, UP, DEGRADED, DOWN]), duration_us=rng.randint(10, 10**6))
        for k in range(300)
    ]
    centre = Centre()
    centre.take("m1", results[:150], T0)
    compact()
    centre.take("m2", results[150:], T0)
    start_us, end_us = T0 + DAY // 3, T0 + DAY // 3 + DAY

    found = latencies([made.series], start_us, end_us, RATIOS)[made.series]

    good = sorted(
        one.duration_us for one in results if one.state is not DOWN and start_us <= one.asked_us < end_us
    )
    wanted = tuple(good[math.ceil(len(good) * ratio) - 1] for ratio in RATIOS)
    assert (found.answers, found.percentiles_us, found.exact) == (len(good), wanted, True)


def test_latencies_of_many_days_are_right_within_the_width_of_a_bucket(sqlite_database: Database) -> None:
    made = make_check(interval_s=3600)
    rng = random.Random(6)
    results = [
        result(made.series, 3600 * k, duration_us=int(rng.lognormvariate(10, 1))) for k in range(24 * 100)
    ]
    Centre().take("m1", results, T0)
    compact()
    retain(T0 + 100 * DAY)  # the first days are summaries now

    found = latencies([made.series], T0 // DAY * DAY, T0 + 101 * DAY, RATIOS)[made.series]

    good = sorted(one.duration_us for one in results)
    assert found.answers == len(good)
    assert not found.exact
    for ratio, latency_us in zip(RATIOS, found.percentiles_us, strict=True):
        assert latency_us == pytest.approx(good[math.ceil(len(good) * ratio) - 1], rel=0.0115)


def test_a_check_without_an_answer_has_no_latency(sqlite_database: Database) -> None:
    made = make_check()

    assert latencies([made.series], T0, T0 + DAY, RATIOS)[made.series] == (0, (None, None, None), True)


def test_evidence_of_a_long_outage_is_its_edges_and_one_a_minute_between(database: Database) -> None:
    made = make_check(interval_s=10)
    good = result(made.series, 0)
    centre = Centre()
    centre.take("m0", [good], T0)
    failing = [
        result(made.series, 10 + 5 * k, DOWN, number=k, before=good if k == 0 else None) for k in range(300)
    ]
    for index, one in enumerate(failing):
        centre.take(f"m{index + 1}", [one], one.answered_us)
    centre.take("m301", [result(made.series, 10 + 5 * 300)], T0 + 2_000 * S)

    kept = evidence(made.check.id, T0, T0 + DAY)

    assert [piece.role for piece in kept[:2]] == ["before", "failing"]
    assert kept[-1].role == "after"
    numbers = [piece.number for piece in kept if piece.role == "failing"]
    assert numbers[:20] == list(range(20))
    assert numbers[-20:] == list(range(280, 300))
    between = numbers[20:-20]
    assert all(later - earlier == 12 for earlier, later in pairwise(between))
    assert 20 <= len(between) <= 22
    assert kept[1].text == {"id": "timeout", "params": {"at": 10}}


def test_pictures_are_kept_of_the_first_three_that_are_not_up(database: Database) -> None:
    made = make_check(interval_s=10)
    centre = Centre()
    for k in range(5):
        one = result(made.series, 10 * k, DOWN)
        seen = Detail("127.0.0.1", picture=b"\xff\xd8 as seen")
        centre.take(f"m{k}", unpack_batch(pack_batch([replace(one, detail=seen)])), one.answered_us)

    kept = evidence(made.check.id, T0, T0 + DAY)

    assert [piece.picture for piece in kept] == [b"\xff\xd8 as seen"] * 3 + [b""] * 2
    assert {piece.address for piece in kept} == {"127.0.0.1"}


def test_ledger_can_be_read_as_it_was_known(database: Database) -> None:
    made = make_check()
    centre = Centre()
    centre.take("m1", [result(made.series, 0, duration_us=0)], T0 + 1 * S)
    centre.tick(T0 + 600 * S)
    centre.take("m2", [result(made.series, 60 * k, duration_us=0) for k in range(1, 11)], T0 + 700 * S)

    def known(at_s: float) -> list[tuple[State, float, float | None]]:
        found = timeline.records_as_known([made.series], T0, T0 + int(at_s * S))[made.series]
        return [(one.state, (one.start_us - T0) / S, one.end_us and (one.end_us - T0) / S) for one in found]

    assert known(1) == [(UP, 0, None)]
    assert known(650) == [(UP, 0, 60), (State.UNKNOWN, 60, None)]
    assert known(700) == [(UP, 0, None)]
    assert known(0.5) == [(State.UNKNOWN, 0, None)]


def test_a_flapping_check_with_100000_entries_is_read_as_fast_as_a_quiet_one(database: Database) -> None:
    made, quiet = make_check("flapping"), make_check("quiet")
    count = 100_000
    numbers = {
        "sqlite": "WITH RECURSIVE n(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM n WHERE k < %s) ",
        "postgresql": "WITH n(k) AS (SELECT generate_series(0, %s)) ",
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO trueup_ledgerentry "
            "(series_id, state, start_us, end_us, cause, recorded_us, closed_us) "
            + numbers[database.vendor]
            + "SELECT %s, 'down', %s + CAST(k AS bigint) * 1000000, %s + CAST(k + 1 AS bigint) * 1000000, "
            "'', 0, 0 FROM n",
            [count - 1, made.series, T0 - count * S, T0 - count * S],
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    with CaptureQueriesContext(connection) as captured:
        found = timeline.records([made.series, quiet.series], T0 - 10 * S - 1)
        listed = entries("flapping", "local", T0 - 10 * S - 1, T0)

    assert len(found[made.series]) == 12
    assert len(found[quiet.series]) == 1
    assert len(listed) == 11
    for query in captured.captured_queries:
        if "LedgerEntry".lower() in query["sql"]:
            assert_walks_no_ledger(query["sql"])


def assert_walks_no_ledger(sql: str) -> None:
    """Assert that a query comes to its entries by an index, and not past all of a series."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            steps = [str(row[3]) for row in cursor.fetchall()]
            walks = [step for step in steps if step.startswith(("SCAN", "SEARCH")) and is_long(step)]
            assert not walks, steps
        else:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
            assert rows_read(cursor.fetchone()[0][0]["Plan"]) < 200


def is_long(step: str) -> bool:
    """Tell whether a step goes past all entries of a series: not by their start, and not by their ids."""
    return "trueup_entry" in step and "start_us" not in step


def rows_read(plan: dict) -> int:
    own = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
    return own + sum(rows_read(part) for part in plan.get("Plans", ()))

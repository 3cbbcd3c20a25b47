"""kill -9 while a statement is built: the chain has neither a hole nor a statement twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.databases import Database
from tests.engine.centre.victim import Death, run
from tests.reports.making import contract
from tests.world import DAY, World, at

from trueup.domain.result import State
from trueup.reports import find, signer
from trueup.reports.build import Built, build_due
from trueup.reports.canonical import encode
from trueup.reports.chain import verify_all
from trueup.store.models import SigningKey, Statement

BEGAN = at("2025-11-01 00:00:00")
SETTLED = at("2026-02-02 00:00:00")  # December and January have ended and settled


def building(keys: Path) -> Callable[..., None]:
    """Return work that builds what is due, and passes failpoints around every row that is written."""

    def work(failpoint: Callable[[str], None], acknowledge: Callable[[str], None]) -> None:
        def around(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            writes = sql.startswith("INSERT")
            if writes:
                failpoint("before a row")
            found = execute(sql, *rest)
            if writes:
                failpoint("after a row")
            return found

        with connection.execute_wrapper(around):
            build_due(SETTLED, keys)
        failpoint("at the end")
        acknowledge("built")

    return work


@pytest.mark.parametrize(
    ("death", "built"),
    [
        (Death("before a row", 1), 0),  # of the key
        (Death("after a row", 1), 0),
        (Death("before a row", 2), 0),  # of the first statement
        (Death("after a row", 2), 0),
        (Death("before a row", 3), 1),  # of the second
        (Death("after a row", 3), 1),
        (Death("at the end"), 2),
    ],
    ids=str,
)
def test_who_comes_after_one_that_was_killed_builds_the_rest_once(
    death: Death, built: int, database: Database, tmp_path: Path
) -> None:
    world = World(SETTLED)
    check = world.watched("frontend", "Frontend", [(State.UP, BEGAN, None)])
    contract(world, [check.component], made_us=at("2025-12-01 00:00:00"))
    keys = tmp_path / "keys"

    acknowledged, killed = run(building(keys), death)

    assert (acknowledged, killed) == ([], True)
    assert Statement.objects.count() == built
    assert build_due(SETTLED, keys) == Built(2 - built, 0)
    assert build_due(SETTLED + DAY, keys) == Built()
    rows = list(Statement.objects.order_by("seq").values_list("seq", "revision", "period"))
    assert rows == [(1, 1, "2025-12"), (2, 1, "2026-01")]
    assert SigningKey.objects.count() == 1
    files = [(file["statement"]["seq"], encode(file)) for file in find.chain("standard", SETTLED)]
    (chain,), _ = verify_all(files, {each.key_id: each for each in signer.published()})
    assert chain.holds

"""A reader that has followed the ledger for days shows what one shows that starts now."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from tests.databases import Database
from tests.engine.centre.platform import T0, S, make_check, result
from tests.world import DAY

from trueup.domain.result import Result, State
from trueup.engine.centre.ingest import Centre
from trueup.figures.page import DAYS, Page, PageReader
from trueup.store.models import ConfigRevision, Site
from trueup.store.read import position

_INTERVAL_S = 1_200
_STATES = (State.UP,) * 12 + (State.DEGRADED, State.DOWN, State.DOWN, State.UNKNOWN)


def _seen(page: Page) -> list[dict[str, Any]]:
    return [
        {
            "state": each.state,
            "since": each.since_us,
            "answer": each.answer,
            "closed": each.closed("test", lambda days: list(days[-DAYS:])),
            "today": each.today,
            "windows": [each.over(days * DAY) for days in (1, 7, 30, 90)],
            "outages": each.outages,
        }
        for each in page.components
    ]


def _asked(dice: random.Random, series: int) -> Iterator[Result]:
    """Yield results of some days: runs of states, silences."""
    at_s, state, left = 0, State.UP, 0
    while at_s < 6 * 86_400:
        if left == 0:
            state, left = dice.choice(_STATES), dice.randint(1, 5)
        left -= 1
        at_s += _INTERVAL_S * (dice.randint(2, 60) if dice.random() < 0.02 else 1)
        yield result(series, at_s, state)


@pytest.mark.parametrize(
    ("seed", "zone"), [(0, "UTC"), (1, "Asia/Kathmandu"), (2, "America/New_York"), (3, "UTC")]
)
def test_follower_sees_what_a_new_reader_sees(sqlite_database: Database, seed: int, zone: str) -> None:
    dice = random.Random(seed)
    Site.objects.create(id=1, timezone=zone)
    made = make_check(interval_s=_INTERVAL_S, confirm=2, recover=dice.choice((1, 2)))
    ConfigRevision.objects.create(applied_at=made.check.created_at, source="", digest="")
    centre, follower = Centre(), PageReader()
    held: list[Result] = []
    batch: list[Result] = []

    for number, each in enumerate(_asked(dice, made.series)):
        now_us = each.asked_us + 2 * S
        (held if dice.random() < 0.05 else batch).append(each)
        if dice.random() < 0.2:
            batch += held  # late: they change what was written
            held = []
        if batch and dice.random() < 0.3:
            centre.take(f"batch-{number}", batch, now_us)
            batch = []
        centre.tick(now_us)
        if number % 9 == 0:
            later_us = now_us + dice.choice((0, 5, 900)) * S
            at = position.newest()
            assert _seen(follower.read(later_us, at)) == _seen(PageReader().read(later_us, at))


def test_day_that_was_read_before_its_last_result_is_read_again(sqlite_database: Database) -> None:
    made = make_check(interval_s=60)
    midnight_us = T0 - T0 % DAY + DAY
    centre, follower = Centre(), PageReader()
    last_s = (midnight_us - T0) // S - 70
    centre.take(
        "early", [result(made.series, at_s) for at_s in range(last_s - 600, last_s + 1, 60)], midnight_us
    )
    follower.read(midnight_us + S, position.newest())  # covered until 10 s before midnight

    centre.take(
        "late", [result(made.series, last_s + 60), result(made.series, last_s + 120)], midnight_us + 51 * S
    )
    page = follower.read(midnight_us + 55 * S, position.newest())

    yesterday = page.components[0].closed("test", lambda days: days[-1])
    assert yesterday.window_us == DAY
    assert yesterday.unknown_us == (last_s - 600) * S


def test_day_that_was_read_while_results_were_held_up_is_read_again(sqlite_database: Database) -> None:
    made = make_check(interval_s=60)
    midnight_us = T0 - T0 % DAY + DAY
    centre, follower = Centre(), PageReader()
    last_s = (midnight_us - T0) // S - 300
    centre.take("early", [result(made.series, last_s - 60), result(made.series, last_s)], midnight_us)
    follower.read(midnight_us + S, position.newest())  # the coverage has run out, nothing says so yet

    held_up = [result(made.series, at_s) for at_s in range(last_s + 60, last_s + 400, 60)]
    centre.take("held up", held_up, midnight_us + 60 * S)
    at = position.newest()

    assert _seen(follower.read(midnight_us + 65 * S, at)) == _seen(
        PageReader().read(midnight_us + 65 * S, at)
    )


def test_rows_of_another_database_are_read_from_the_start(sqlite_database: Database) -> None:
    made = make_check()
    Centre().take("one", [result(made.series, 0), result(made.series, 60, State.DOWN)], T0 + 61 * S)
    reader = PageReader()
    at = position.newest()
    reader.read(T0 + 65 * S, at._replace(entry=at.entry + 100))

    page = reader.read(T0 + 66 * S, at)

    assert _seen(page) == _seen(PageReader().read(T0 + 66 * S, at))

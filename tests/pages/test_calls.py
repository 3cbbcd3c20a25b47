"""What the page shows of jobs that call, and of pauses."""

from __future__ import annotations

import html
import re

from tests.databases import Database
from tests.seen import seen
from tests.world import DAY, HOUR, MINUTE, World, at

from trueup.domain.result import State
from trueup.pages.status import render
from trueup.store.models import Check, CheckRevision

NOW = at("2026-11-23 14:32:05")


def page() -> str:
    body = render(seen(NOW)).body.decode()
    return html.unescape(re.sub(r"<[^>]+>", " ", body)).replace("\u00a0", " ")


def test_a_job_that_calls_shows_its_last_call_and_when_the_next_is_due(database: Database) -> None:
    world = World(NOW)
    world.engine(wall_us=NOW)
    check = world.watched("backup", "Backup")
    CheckRevision.objects.filter(owner=check).update(kind="heartbeat")
    state = check.series.get(region__slug="local").seriesstate
    state.good_us, state.good_latency_us = NOW - HOUR, 12 * MINUTE
    state.covered_until_us = NOW + 2 * HOUR
    state.silent_at_us = NOW + 2 * HOUR + MINUTE
    state.save()

    shown = " ".join(page().split())

    assert "Last good call 13:32:05 took 12 min next due 16:32:05" in shown
    assert "Last good answer" not in shown


def test_a_job_that_never_called_shows_that(sqlite_database: Database) -> None:
    world = World(NOW)
    check = world.check(world.component("backup"), since_us=NOW - DAY)
    CheckRevision.objects.filter(owner=check).update(kind="heartbeat")
    world.happened(check, [(State.UNKNOWN, NOW - DAY, None)])

    assert "Last good call none yet" in " ".join(page().split())


def test_a_pause_is_shown_with_its_end_and_reason(database: Database) -> None:
    world = World(NOW)
    check = world.watched(
        "shop", "Shop", [(State.UP, NOW - DAY, NOW - HOUR), (State.PAUSED, NOW - HOUR, None)]
    )
    Check.objects.filter(id=check.id).update(
        paused_us=NOW - HOUR, paused_until_us=NOW + HOUR, paused_reason="new <disk>"
    )

    shown = " ".join(page().split())

    assert "Paused since 13:32 until 15:32: new <disk>" in shown

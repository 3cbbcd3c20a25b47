"""``GET /api/system/uptime/components/``."""

from __future__ import annotations

import json
import math
import time
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.api.documented import documented, shape
from tests.databases import Database
from tests.engine.centre.platform import T0, S, make_check, result
from tests.figures.sla.agreed import planned
from tests.paged import paged
from tests.seen import seen
from tests.world import DAY, HOUR, World, at

from trueup.api.components import render
from trueup.domain.result import State
from trueup.engine.centre.ingest import Centre
from trueup.figures.cache import shared
from trueup.store.read.latency import together

NOW = at("2026-11-30 23:30:05")
PATH = "/api/system/uptime/components/"
WINDOWS = ["24h", "7d", "30d", "90d"]


def document(now_us: int = NOW, slug: str = "") -> dict[str, Any]:
    """Return the document of an instant."""
    found: dict[str, Any] = json.loads(render(seen(now_us, slug)).body)
    return found


def test_empty_site_has_an_empty_object_of_components(sqlite_database: Database) -> None:
    found = document()

    assert (found["components"], found["overall_status"]) == ({}, "unknown")


def test_document_is_of_the_shape_that_is_documented(sqlite_database: Database) -> None:
    World(NOW).watched("frontend")

    assert shape(document(), "components") == documented("GET /api/system/uptime/components/", "components")


def test_each_window_has_its_figure_with_band_and_coverage(sqlite_database: Database) -> None:
    began = NOW - 3 * DAY
    spans = [
        (State.UP, NOW - 40 * DAY, began),
        (State.DOWN, began, began + HOUR),
        (State.UNKNOWN, began + HOUR, began + 2 * HOUR),
        (State.UP, began + 2 * HOUR, None),
    ]
    World(NOW).watched("backend", spans=spans)

    backend = document()["components"]["backend"]

    assert [list(backend[name]) for name in ("uptime", "uptime_low", "uptime_high", "coverage")] == [
        WINDOWS
    ] * 4
    week, month = backend["uptime"]["7d"], backend["uptime"]["30d"]
    assert backend["uptime"]["24h"] == 100.0
    assert week == math.floor(Fraction(166, 167) * 100_000) / 1000
    assert month == math.floor(Fraction(718, 719) * 100_000) / 1000
    assert backend["uptime_low"]["7d"] < week < backend["uptime_high"]["7d"]
    assert backend["coverage"]["24h"] == 100.0
    assert backend["coverage"]["7d"] == math.floor(Fraction(167, 168) * 100_000) / 1000


def test_history_is_of_ninety_days_and_null_before_the_first_probe(sqlite_database: Database) -> None:
    began = at("2026-11-28 22:00:00")
    spans = [
        (State.UP, NOW - 9 * DAY, began),
        (State.DOWN, began, began + 3 * HOUR),
        (State.UP, began + 3 * HOUR, None),
    ]
    World(NOW).watched("backend", spans=spans)

    days = document()["components"]["backend"]["history"]

    assert (len(days), days[0]["date"], days[-1]["date"]) == (90, "2026-09-02", "2026-11-30")
    assert (days[0]["uptime"], days[0]["coverage"]) == (None, None)
    assert [(each["date"], each["down_s"]) for each in days if each["down_s"]] == [
        ("2026-11-28", 7200.0), ("2026-11-29", 3600.0),
    ]  # fmt: skip
    assert days[-2]["uptime"] == math.floor(Fraction(23, 24) * 100_000) / 1000


def test_nothing_known_is_null_and_never_zero(sqlite_database: Database) -> None:
    world = World(NOW)
    world.check(world.component("backend"), since_us=NOW - HOUR)

    backend = document()["components"]["backend"]

    assert backend["status"] == "unknown"
    for name in ("uptime", "uptime_low", "uptime_high"):
        assert list(backend[name].values()) == [None] * 4
    assert backend["response_times"] == {
        "24h": {"answers": 0, "p50_ms": None, "p95_ms": None, "p99_ms": None}
    }


@pytest.mark.parametrize("state", [State.DOWN, State.DEGRADED, State.UNKNOWN, State.PAUSED])
def test_each_state_is_said_with_since_when(sqlite_database: Database, state: State) -> None:
    world = World(NOW)
    world.watched("fine")
    world.watched("other", spans=[(State.UP, NOW - 9 * DAY, NOW - HOUR), (state, NOW - HOUR, None)])

    other = document()["components"]["other"]

    assert (other["status"], other["since"]) == (state, "2026-11-30T22:30:05Z")


def test_maintenance_now_is_its_state_and_later_changes_nothing(sqlite_database: Database) -> None:
    world = World(NOW)
    spans = [(State.UP, NOW - 9 * DAY, NOW - HOUR), (State.DOWN, NOW - HOUR, None)]
    world.watched("web", spans=spans)
    world.watched("later")
    planned(NOW - HOUR, NOW + HOUR, "web", announced_us=NOW - DAY)
    planned(NOW + HOUR, NOW + 2 * HOUR, "later", announced_us=NOW - DAY)

    found = document()["components"]

    assert (found["web"]["status"], found["later"]["status"]) == ("maintenance", "up")
    assert found["web"]["uptime"]["24h"] == 100.0
    assert found["web"]["history"][-1]["maintenance_s"] == 3600.0


def test_page_has_its_own_components_with_their_groups(sqlite_database: Database) -> None:
    world = World(NOW)
    for slug in ("shop", "search", "payroll"):
        world.watched(slug)
    paged(world, "outer", "search", groups={"Trade": ["shop"]})

    found = document(slug="outer")["components"]

    assert [(slug, each["group"]) for slug, each in found.items()] == [("shop", "Trade"), ("search", None)]


def test_name_is_text_and_nothing_else(sqlite_database: Database) -> None:
    World(NOW).watched("evil", '</script><script>alert("x")</script>\u202e\u00df')

    assert document()["components"]["evil"]["name"] == '</script><script>alert("x")</script>\u202e\u00df'


def test_answers_of_all_series_of_a_component_are_taken_together(sqlite_database: Database) -> None:
    one, two = make_check("one"), make_check("two")
    made = [result(one.series, k * 60, duration_us=1000 * (k + 1)) for k in range(60)]
    made += [result(two.series, k * 60, duration_us=1000 * (k + 61)) for k in range(40)]
    made.append(replace(made[-1], state=State.DOWN, asked_us=made[-1].asked_us + 60 * S))
    Centre().take("m1", made, T0)

    found = together(
        {"both": [one.series, two.series], "one": [one.series], "none": []},
        T0, T0 + DAY, [Fraction(50, 100), Fraction(95, 100)],
    )  # fmt: skip

    assert (found["both"].answers, found["both"].percentiles_us) == (100, (50_000, 95_000))
    assert (found["one"].answers, found["one"].percentiles_us) == (60, (30_000, 57_000))
    assert (found["none"].answers, found["none"].percentiles_us) == (0, (None, None))


def test_view_is_found_by_its_name_and_answers_as_documents_do(
    client: Client, sqlite_database: Database
) -> None:
    World(time.time_ns() // 1000).watched("frontend")

    first = client.get(reverse("components_status"))
    again = client.get(PATH, headers={"If-None-Match": first.headers["ETag"]})
    head = client.head(PATH)

    assert reverse("components_status") == PATH
    assert (first.status_code, first.headers["Access-Control-Allow-Origin"]) == (200, "*")
    assert (again.status_code, again.content) == (304, b"")
    assert (head.status_code, head.content) == (200, b"")
    assert client.options(PATH).status_code == 204
    assert client.post(PATH).headers["Content-Type"] == "application/problem+json"


def test_words_that_it_does_not_know_are_not_kept(client: Client, sqlite_database: Database) -> None:
    World(time.time_ns() // 1000).watched("frontend")

    answers = [client.get(f"{PATH}?contract={number}") for number in range(5)]

    assert {each.status_code for each in answers} == {200}
    assert len({each.headers["ETag"] for each in answers}) == 1
    assert len(shared()._made) == 1

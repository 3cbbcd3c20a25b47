"""``GET /api/system/uptime/``."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.databases import Database, use
from tests.seen import seen
from tests.world import DAY, HOUR, MINUTE, World, at

from trueup.api.system_uptime import render
from trueup.domain.result import State

NOW = at("2026-11-30 23:30:05")
PATH = "/api/system/uptime/"


def document(now_us: int = NOW) -> dict[str, Any]:
    """Return the document of an instant."""
    found: dict[str, Any] = json.loads(render(seen(now_us)).body)
    return found


def test_document_has_the_names_and_types_that_clients_know(sqlite_database: Database) -> None:
    world = World(NOW)
    for slug in ("frontend", "backend", "websocket"):
        world.watched(slug)

    found = document()

    assert list(found) == ["status", "overall_status", "timestamp", "components", "monthly_sla"]
    assert (found["status"], found["overall_status"]) == ("ok", "operational")
    assert found["timestamp"] == "2026-11-30T23:30:05Z"
    assert list(found["components"]) == ["frontend", "backend", "websocket"]
    frontend = found["components"]["frontend"]
    assert frontend["status"] == "up"
    assert frontend["response_time_ms"] == 143.2
    assert (frontend["uptime_24h"], type(frontend["uptime_24h"])) == (100.0, float)


def test_month_of_an_empty_site_is_null_with_its_reason(sqlite_database: Database) -> None:
    World(NOW, timezone="Europe/Moscow")

    month = document()["monthly_sla"]

    assert month["current_month"] == "2026-12"  # where the site is, it is December already
    assert month["status"] == "no_data"
    assert month["downtime_minutes"] == {"used": None, "allowed": None, "remaining": None}
    for name in ("uptime_percent", "uptime_tier", "sla_target", "service_credit"):
        assert month[name] is None
    assert "Nothing is watched yet" in month["reason"]


def test_month_without_a_contract_is_that_of_the_built_in_profile(sqlite_database: Database) -> None:
    began = at("2026-11-05 10:00:00")
    up = State.UP
    spans = [
        (up, NOW - 40 * DAY, began),
        (State.DOWN, began, began + 11 * MINUTE + 30_000_000),
        (up, began + 11 * MINUTE + 30_000_000, None),
    ]
    world = World(NOW)
    world.watched("backend", spans=spans)
    world.watched("new", spans=[(up, NOW - DAY, None)])

    month = document()["monthly_sla"]

    assert list(month)[:7] == [
        "current_month", "uptime_percent", "uptime_tier", "status", "sla_target", "downtime_minutes",
        "service_credit",
    ]  # fmt: skip
    assert (month["current_month"], month["uptime_tier"], month["status"]) == ("2026-11", "Excellent", "met")
    assert (month["uptime_percent"], month["sla_target"]) == (99.973, 99.9)
    assert month["downtime_minutes"] == {"used": 11.5, "allowed": 43.2, "remaining": 31.7}
    assert (month["service_credit"], month["service_credit_final"]) == (0, None)
    assert (month["allowed_exact_minutes"], month["allowed_basis"]) == (43.2, "min_nominal30")
    assert month["uptime_low"] <= month["uptime_percent"] <= month["uptime_high"]
    assert month["coverage_percent"] == 100.0
    assert month["reason"] is None


def test_uptime_is_cut_and_never_rounded_up(sqlite_database: Database) -> None:
    began = NOW - 6 * HOUR
    spans = [(State.UP, NOW - 9 * DAY, began), (State.DOWN, began, began + 1), (State.UP, began + 1, None)]
    World(NOW).watched("backend", spans=spans)

    backend = document()["components"]["backend"]

    assert backend["uptime_24h"] == 99.999
    assert backend["uptime_24h_low"] <= backend["uptime_24h"] <= backend["uptime_24h_high"]


def test_nothing_known_is_null_and_never_zero(sqlite_database: Database) -> None:
    world = World(NOW)
    world.check(world.component("backend"), since_us=NOW - MINUTE)

    backend = document()["components"]["backend"]

    assert backend["status"] == "unknown"
    for name in ("response_time_ms", "uptime_24h", "uptime_24h_low", "since", "last_good_at"):
        assert backend[name] is None


@pytest.mark.parametrize(
    ("states", "overall"),
    [
        ([State.UP, State.UP], "operational"),
        ([State.UP, State.DEGRADED], "degraded"),
        ([State.UP, State.DOWN], "partial_outage"),
        ([State.DOWN, State.DOWN], "major_outage"),
        ([State.UP, State.UNKNOWN], "unknown"),
        ([State.UP, State.PAUSED], "operational"),
        ([], "unknown"),
    ],
)
def test_overall_status_is_the_worst_that_is_known(
    sqlite_database: Database, states: list[State], overall: str
) -> None:
    world = World(NOW)
    for index, state in enumerate(states):
        world.watched(
            f"component-{index}", spans=[(State.UP, NOW - DAY, NOW - HOUR), (state, NOW - HOUR, None)]
        )

    found = document()

    assert found["overall_status"] == overall
    assert [each["status"] for each in found["components"].values()] == states


def test_empty_site_has_an_empty_object_of_components(sqlite_database: Database) -> None:
    assert document()["components"] == {}


def test_name_is_text_and_nothing_else(sqlite_database: Database) -> None:
    World(NOW).watched("evil", '</script><script>alert("x")</script>\u202e')

    assert document()["components"]["evil"]["name"] == '</script><script>alert("x")</script>\u202e'


def test_view_is_found_by_its_name(client: Client, sqlite_database: Database) -> None:
    World(time.time_ns() // 1000).watched("frontend")

    answer = client.get(reverse("uptime_status"))

    assert reverse("uptime_status") == PATH
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", answer.json()["timestamp"])


def test_reader_who_has_it_gets_304(client: Client, sqlite_database: Database) -> None:
    first = client.get(PATH)

    again = client.get(PATH, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]


def test_head_answers_as_get_without_a_body(client: Client, sqlite_database: Database) -> None:
    whole = client.get(PATH)

    head = client.head(PATH)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(whole.content))


def test_scripts_of_other_sites_may_read_it(client: Client, sqlite_database: Database) -> None:
    answer = client.get(PATH, headers={"Origin": "https://example.org"})
    asked = client.options(PATH, headers={"Origin": "https://example.org"})

    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"].startswith("public, max-age=")
    assert (asked.status_code, asked.headers["Access-Control-Allow-Methods"]) == (204, "GET, HEAD, OPTIONS")


def test_other_methods_are_refused_with_what_is_possible(client: Client, sqlite_database: Database) -> None:
    answer = client.post(PATH)

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {"title", "detail", "remedy"} <= set(answer.json())


def test_database_that_does_not_answer_is_a_problem_that_names_no_place(
    client: Client, sqlite_database: Database
) -> None:
    use("/nonexistent/secret-place/trueup.db")

    answer = client.get(PATH)

    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Retry-After"] == "5"
    assert b"secret-place" not in answer.content

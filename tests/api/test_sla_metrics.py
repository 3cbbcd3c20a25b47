"""``GET /api/system/uptime/sla/``."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.databases import Database
from tests.figures.sla.agreed import contract, planned
from tests.world import DAY, HOUR, World

from trueup.domain.result import State

PATH = "/api/system/uptime/sla/"


@pytest.fixture
def world(sqlite_database: Database) -> World:
    """Give a backend that has been up for 100 days."""
    found = World(time.time_ns() // 1000)
    found.watched("backend")
    return found


def test_month_quarter_and_year_stand_beside_what_is_promised(client: Client, world: World) -> None:
    contract(world, "backend", since_us=world.now_us - 95 * DAY)

    answer = client.get(reverse("sla_metrics"))
    found: dict[str, Any] = answer.json()

    assert reverse("sla_metrics") == PATH
    assert list(found) == [
        "status", "timestamp", "contract", "thresholds", "monthly", "quarterly", "annual", "statements",
    ]  # fmt: skip
    assert found["contract"]["slug"] == "standard"
    assert found["thresholds"]["sla_target"] == 99.9
    assert [each["label"] for each in found["thresholds"]["tiers"]] == [
        "Excellent", "Good", "Acceptable", "Poor",
    ]  # fmt: skip
    assert [found[name]["uptime_percent"] for name in ("monthly", "quarterly", "annual")] == [100.0] * 3
    assert [each["closed"] for each in found["monthly"]["history"]] == [True] * 3 or [True] * 4
    assert found["monthly"]["settles"] is True
    assert found["quarterly"]["settles"] is False
    assert "credit_amount" not in found["monthly"]  # what somebody pays is nobody's business
    assert found["statements"] == []


def test_contract_is_chosen_by_its_slug(client: Client, world: World) -> None:
    contract(world, "backend", slug="one", of={"objective": "99"})
    contract(world, "backend", slug="two", of={"objective": "99.99"})

    one, two, none = (
        client.get(path).json() for path in (f"{PATH}?contract=one", f"{PATH}?contract=two", PATH)
    )

    assert [each["thresholds"]["sla_target"] for each in (one, two, none)] == [99, 99.99, 99.9]
    assert none["contract"]["slug"] is None
    month = client.get("/api/system/uptime/?contract=two").json()["monthly_sla"]
    assert (month["contract"], month["sla_target"]) == ("two", 99.99)


def test_contract_that_is_not_there_is_a_problem_that_names_those_that_are(
    client: Client, world: World
) -> None:
    contract(world, "backend", slug="one")
    contract(world, "backend", slug="inside", published=False)

    for slug in ("onne", "inside", "", "x" * 5_000):
        answer = client.get(PATH, {"contract": slug})
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
        assert "There are: one." in answer.json()["detail"]
        assert len(answer.content) < 1_000


def test_reader_who_has_it_gets_304_and_head_has_no_body(client: Client, world: World) -> None:
    first = client.get(PATH)
    again = client.get(PATH, headers={"If-None-Match": first.headers["ETag"]})
    head = client.head(PATH)

    assert (again.status_code, again.content) == (304, b"")
    assert (head.status_code, head.content) == (200, b"")
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert client.post(PATH).status_code == 405
    assert client.options(PATH).status_code == 204


def test_empty_site_says_why_there_is_no_figure(client: Client, sqlite_database: Database) -> None:
    found = client.get(PATH).json()

    assert found["monthly"]["status"] == "no_data"
    assert "Nothing is watched yet" in found["monthly"]["reason"]
    assert found["monthly"]["history"] == []


def test_component_in_maintenance_says_so_and_its_time_is_left_out(client: Client, world: World) -> None:
    now_us = world.now_us
    spans = [(State.UP, now_us - 9 * DAY, now_us - HOUR), (State.DOWN, now_us - HOUR, None)]
    world.watched("web", spans=spans)
    planned(now_us - HOUR, now_us + HOUR, "web", announced_us=now_us - DAY, name="New <b>disks</b>")

    found = client.get("/api/system/uptime/").json()
    page = client.get("/").content.decode()

    assert (found["components"]["web"]["status"], found["overall_status"]) == ("maintenance", "maintenance")
    assert found["components"]["web"]["uptime_24h"] == 100.0
    assert found["monthly_sla"]["downtime_minutes"]["used"] == 0.0
    assert "Maintenance" in page
    assert "New &lt;b&gt;disks&lt;/b&gt;" in page
    assert "1 in maintenance" in page

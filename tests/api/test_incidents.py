"""``GET /api/system/uptime/incidents/``."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import reverse
from tests.api.documented import documented, shape
from tests.databases import Database, use
from tests.paged import paged
from tests.world import DAY, HOUR, MINUTE, World

from trueup.access import incident, token
from trueup.access.actor import Actor
from trueup.access.incident import Saying
from trueup.api.incidents import incidents_history_view
from trueup.domain.result import State
from trueup.figures.cache import shared
from trueup.store.write import user

PATH = "/api/system/uptime/incidents/"


@pytest.fixture
def world(sqlite_database: Database) -> Iterator[World]:
    """Give two components, one of which was down for an hour until an hour ago."""
    shared.cache_clear()
    yield watched()
    shared.cache_clear()


@pytest.fixture
def anywhere(database: Database) -> Iterator[World]:
    """Give the same in each kind of database."""
    shared.cache_clear()
    yield watched()
    shared.cache_clear()


def watched() -> World:
    """Write what the fixtures give."""
    found = World(time.time_ns() // 1_000_000 * 1000)
    now_us = found.now_us
    spans = [
        (State.UP, now_us - 9 * DAY, now_us - 2 * HOUR),
        (State.DOWN, now_us - 2 * HOUR, now_us - HOUR),
        (State.UP, now_us - HOUR, None),
    ]
    found.watched("shop", spans=spans)
    found.watched("search")
    return found


def begun(
    at_us: int, *components: str, name: str = "Trouble", until_us: int | None = None, **said: Any
) -> str:
    """Tell of an incident, and of its end, and return its public id."""
    words = Saying(body="We look into it.", impacts=dict.fromkeys(components, "down"), **said)
    made = incident.begin(name, words, Actor("anna", "here", at_us))
    if until_us is not None:
        over = Saying(status="resolved", body="It is over.", root_cause="A full disk")
        incident.update(made, over, Actor("ben", "here", until_us))
    return made


def staff(world: World) -> Client:
    """Return a client that shows a token that reads everything."""
    made = token.add("reader", ["read"], None, None, Actor("anna", "here", world.now_us - DAY))
    return Client(headers={"Authorization": f"Bearer {made.raw}"})


def names(client: Client, query: str = "") -> list[str]:
    """Return the names of the incidents that a query finds."""
    answer = client.get(f"{PATH}{query}")
    assert answer.status_code == 200, answer.content
    return [each["name"] for each in answer.json()["incidents"]]


def test_empty_site_has_no_incidents(world: World) -> None:
    answer = staff(world).get(reverse("incidents_history"))

    assert reverse("incidents_history") == PATH
    assert (answer.status_code, answer.json()["incidents"], answer.json()["next"]) == (200, [], None)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_document_is_of_the_shape_that_is_documented(world: World) -> None:
    now_us = world.now_us
    begun(now_us - 110 * MINUTE, "shop", severity="P1", until_us=now_us - 50 * MINUTE, publish=True)

    found = staff(world).get(PATH).json()

    assert shape(found) == documented("GET /api/system/uptime/incidents/")


def test_incident_has_its_root_cause_its_durations_and_who_said_what(world: World) -> None:
    now_us = world.now_us
    made = begun(now_us - 110 * MINUTE, "shop", severity="P1", until_us=now_us - 50 * MINUTE)

    (found,) = staff(world).get(PATH).json()["incidents"]

    assert (found["id"], found["severity"], found["severity_name"]) == (made, "P1", "Critical")
    assert (found["response_target"], found["draft"], found["published_at"]) == ("15 minutes", True, None)
    assert (found["status"], found["root_cause"]) == ("resolved", "A full disk")
    assert [each["by"] for each in found["updates"]] == ["ben", "anna"]
    (outage,) = found["outages"]
    assert (outage["component"], outage["duration_s"], outage["corrected"]) == ("shop", 3600.0, False)
    assert found["duration_s"] == 70 * 60.0  # from the first failing probe until somebody said it was over


def test_incident_that_goes_on_lasts_until_now(world: World) -> None:
    begun(world.now_us - 10 * MINUTE, "search")

    (found,) = staff(world).get(PATH).json()["incidents"]

    assert found["resolved_at"] is None
    assert found["duration_s"] >= 600
    assert found["root_cause"] is None


@pytest.mark.parametrize("severity", ["P1", "P2", "P3", "P4"])
def test_each_severity_is_found_by_its_code_and_its_name(world: World, severity: str) -> None:
    for each in ("P1", "P2", "P3", "P4"):
        begun(world.now_us - HOUR, "search", name=f"Trouble {each}", severity=each)
    client = staff(world)

    by_code = client.get(f"{PATH}?severity={severity}").json()["incidents"]

    assert [each["name"] for each in by_code] == [f"Trouble {severity}"]
    assert names(client, f"?severity={by_code[0]['severity_name'].lower()}") == [f"Trouble {severity}"]


def test_filters_narrow_together_and_repeated_ones_widen(anywhere: World) -> None:
    now_us = anywhere.now_us
    begun(now_us - 5 * DAY, "search", name="Old", severity="P1", until_us=now_us - 4 * DAY)
    begun(now_us - 3 * DAY, "shop", name="Middle", severity="P2", until_us=now_us - 2 * DAY)
    begun(now_us - MINUTE, "shop", "search", name="New", severity="P1")
    client = staff(anywhere)

    def day(days: int) -> str:
        at = time.gmtime((now_us - days * DAY) // 1_000_000 + 3600)
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", at)

    assert names(client) == ["New", "Middle", "Old"]
    assert names(client, "?severity=P1&severity=P2") == ["New", "Middle", "Old"]
    assert names(client, "?severity=P1&component=search&status=resolved") == ["Old"]
    assert names(client, "?component=shop") == ["New", "Middle"]
    assert names(client, "?status=investigating") == ["New"]
    assert names(client, f"?since={day(3)}") == ["New", "Middle"]
    assert names(client, f"?until={day(4)}") == ["Old"]
    assert names(client, f"?since={day(5)}&until={day(4)}") == ["Old"]
    assert names(client, "?until=2020-01-01") == []
    assert names(client, "?since=2020-01-01T00:00:00%2b02:00") == ["New", "Middle", "Old"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?severity=P5", "severity"),
        ("?severity=", "severity"),
        ("?status=over", "status"),
        ("?component=nothing", "component"),
        ("?component=%00", "component"),
        ("?since=yesterday", "since"),
        ("?since=2026-11-01T00:00:00", "since"),
        ("?until=9999-99-99", "until"),
        ("?until=0001-01-01T00:00:00%2b14:00&since=2026-11-01", "until"),
        ("?since=2026-11-02&until=2026-11-01", "until"),
        ("?limit=0", "limit"),
        ("?limit=101", "limit"),
        ("?limit=\u0661", "limit"),
        ("?cursor=x", "cursor"),
        ("?cursor=\u00fc", "cursor"),
        ("?cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTkuMQ", "cursor"),
        ("?cursor=MS45OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "cursor"),
        ("?sevrity=P1", "sevrity"),
    ],
)
def test_filter_that_cannot_be_understood_is_a_problem_that_names_it(
    world: World, query: str, field: str
) -> None:
    answer = staff(world).get(f"{PATH}{query}")

    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["field"] == field
    assert answer.json()["detail"]
    assert answer.json()["remedy"]


def test_sixty_incidents_come_in_pages_each_once(anywhere: World) -> None:
    for number in range(60):
        begun(anywhere.now_us - HOUR - number // 3 * MINUTE, "search", name=f"Trouble {number}")
    client = staff(anywhere)

    first = client.get(PATH).json()
    rest = client.get(PATH, {"cursor": first["next"]}).json()
    by_seven, query = [], "?limit=7"
    while query:
        answer = client.get(f"{PATH}{query}").json()
        by_seven += [each["id"] for each in answer["incidents"]]
        query = f"?limit=7&cursor={answer['next']}" if answer["next"] else ""

    assert (len(first["incidents"]), len(rest["incidents"]), rest["next"]) == (50, 10, None)
    assert by_seven == [each["id"] for each in first["incidents"] + rest["incidents"]]
    assert len(set(by_seven)) == 60


def test_page_tells_only_of_its_own_components(world: World) -> None:
    paged(world, "outer", "search")
    begun(world.now_us - HOUR, "shop", name="Shop")
    begun(world.now_us - HOUR, "shop", "search", name="Both")
    client = staff(world)

    (found,) = client.get(f"/p/outer{PATH}").json()["incidents"]

    assert (found["name"], [each["slug"] for each in found["components"]]) == ("Both", ["search"])
    assert found["outages"] == []
    assert client.get(f"/p/outer{PATH}?component=shop").status_code == 400
    assert client.get(f"/p/nowhere{PATH}").status_code == 404


def test_hostile_words_are_text_and_nothing_else(world: World) -> None:
    name = '</script><script>alert("x")</script>\u202e\u00df'
    begun(world.now_us - HOUR, "search", name=name)

    assert names(staff(world)) == [name]


@pytest.mark.parametrize(
    ("scopes", "page", "expires_us", "status"),
    [
        (["read"], None, None, 200),
        (["admin"], None, None, 200),
        (["push"], None, None, 403),
        (["read"], "outer", None, 403),
        (["read"], None, 1, 401),
    ],
)
def test_token_reads_them_where_it_may_read_everything(
    world: World, scopes: list[str], page: str | None, expires_us: int | None, status: int
) -> None:
    paged(world, "outer", "search")
    begun(world.now_us - HOUR, "search", name="Inside")
    by = Actor("anna", "here", world.now_us - DAY)
    ends_us = None if expires_us is None else world.now_us - expires_us
    made = token.add("some", scopes, page, ends_us, by)

    answer = Client().get(PATH, headers={"Authorization": f"Bearer {made.raw}"})

    assert answer.status_code == status
    assert (b"Inside" in answer.content) is (status == 200)


@pytest.mark.parametrize("shown", ["", "Bearer wrong", "Basic \xff", "Bearer trueup_00000000_" + 32 * "0"])
def test_stranger_is_told_what_to_show_and_nothing_else(world: World, shown: str) -> None:
    begun(world.now_us - HOUR, "search", name="Inside", publish=True)

    for path in (PATH, f"/p/nowhere{PATH}", f"{PATH}?severity=P9"):
        answer = Client().get(path, headers={"Authorization": shown})
        assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert b"Inside" not in answer.content


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("operator", 200), ("admin", 200), ("", 401)])
def test_session_reads_them_by_its_role(world: World, role: str, status: int) -> None:
    account = user.draft("anna", "")
    account.save()
    if role:
        user.give_role(account, role, world.now_us)
    asked = RequestFactory().get(PATH)
    asked.COOKIES[settings.SESSION_COOKIE_NAME] = "x"
    asked.user = account

    assert incidents_history_view(asked).status_code == status


def test_head_has_no_body_and_other_methods_are_refused(world: World) -> None:
    client = staff(world)

    head = client.head(PATH)

    assert (head.status_code, head.content) == (200, b"")
    assert client.post(PATH).status_code == 405


def test_database_that_does_not_answer_is_a_problem_that_names_no_place(
    client: Client, sqlite_database: Database
) -> None:
    use("/nonexistent/secret-place/trueup.db")
    raw = "trueup_00000000_" + 32 * "0"

    answer = client.get(PATH, headers={"Authorization": f"Bearer {raw}"})

    assert answer.status_code == 503
    assert b"secret-place" not in answer.content

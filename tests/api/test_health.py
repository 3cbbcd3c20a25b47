"""``/healthz`` and ``/readyz``."""

from __future__ import annotations

import time

import pytest
from django.db import connection
from django.test import Client
from tests.databases import Database, use
from tests.world import MINUTE, World


def now_us() -> int:
    """Return the instant at which the test runs."""
    return time.time_ns() // 1000


def test_process_that_answers_is_alive_whatever_the_database_does(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_ready_when_database_migrations_and_engine_are(client: Client, database: Database) -> None:
    World(now_us()).engine()

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"
    assert [(each["name"], each["ok"]) for each in answer.json()["findings"]] == [
        ("database", True),
        ("migrations", True),
        ("engine", True),
    ]


@pytest.mark.parametrize(
    ("tick_us", "found"), [(None, "never"), (-5 * MINUTE, "old"), (5 * MINUTE, "ahead of")]
)
def test_not_ready_while_nobody_measures(
    client: Client, sqlite_database: Database, tick_us: int | None, found: str
) -> None:
    if tick_us is not None:
        World(now_us()).engine(now_us() + tick_us)

    answer = client.get("/readyz")

    finding = answer.json()["findings"][-1]
    assert answer.status_code == 503
    assert (finding["name"], finding["ok"]) == ("engine", False)
    assert found in finding["found"]
    assert "trueup up" in finding["remedy"]


def test_not_ready_without_migrations(client: Client, sqlite_database: Database) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'trueup' AND name LIKE '0001%'")

    answer = client.get("/readyz")

    finding = answer.json()["findings"][-1]
    assert answer.status_code == 503
    assert (finding["name"], finding["ok"]) == ("migrations", False)
    assert "0001_initial" in finding["found"]


def test_not_ready_on_a_database_of_a_newer_version(client: Client, sqlite_database: Database) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('trueup', '9999_later', '2026-01-01')"
        )

    finding = client.get("/readyz").json()["findings"][-1]

    assert (finding["name"], finding["ok"]) == ("migrations", False)
    assert "newer" in finding["found"]


def test_not_ready_without_a_database_and_without_its_place(
    client: Client, sqlite_database: Database
) -> None:
    use("/nonexistent/secret-place/trueup.db")

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert [each["name"] for each in answer.json()["findings"]] == ["database"]
    assert b"secret-place" not in answer.content


def test_other_methods_are_refused(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
    assert client.post("/readyz").status_code == 405

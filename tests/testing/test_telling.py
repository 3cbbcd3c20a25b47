"""A history told in words is in the database as if it had been measured."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.databases import Database

from trueup.store.models import Blip, Check, Event, Evidence, LedgerEntry
from trueup.store.read.entries import entries
from trueup.testing import History, check, component, engine_runs, history, result

MINUTE_US = 60_000_000
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def lengths(told: History) -> list[tuple[str, float | None]]:
    """Return what the ledger holds of a check: states with their lengths in seconds."""
    found = entries(told.check.slug, "verdict", 0, 2**62)
    return [
        (each.state, None if each.end_us is None else (each.end_us - each.start_us) / 1e6) for each in found
    ]


def test_edges_lie_where_they_are_told(database: Database) -> None:
    told = history("up 2 h, down 5 min, degraded 90 s, up", until=AT)

    assert lengths(told) == [("up", 7200), ("down", 300), ("degraded", 90), ("up", None)]
    assert told.start == AT - timedelta(hours=2, minutes=6, seconds=30 + 600 - 0)
    assert told.end == AT


def test_states_shorter_than_the_interval_are_confirmed_all_the_same(sqlite_database: Database) -> None:
    told = history("up 10 min, down 5 s, up 30 s, down 2 s, up", until=AT)

    assert lengths(told) == [("up", 600), ("down", 5), ("up", 30), ("down", 2), ("up", None)]
    assert Blip.objects.count() == 0


def test_time_that_nobody_measured_is_unknown(database: Database) -> None:
    told = history("up 1 h, unknown 30 min, up 10 min, unknown 1 h", until=AT)

    states = lengths(told)
    assert [state for state, _ in states] == ["up", "unknown", "up", "unknown"]
    assert states[0][1] == pytest.approx(3600, abs=1)
    assert states[1][1] == pytest.approx(1800, abs=1)


def test_time_in_which_people_stopped_it_is_paused(database: Database) -> None:
    told = history("up 1 h, paused 30 min, up 10 min, paused 5 min", until=AT)

    assert lengths(told) == [("up", 3600), ("paused", 1800), ("up", 600), ("paused", None)]
    assert told.check.paused_us is not None


def test_outage_has_its_evidence_and_its_events(sqlite_database: Database) -> None:
    history("up 1 h, down 5 min, up", until=AT)

    roles = set(Evidence.objects.values_list("role", flat=True))
    assert {"before", "failing", "after"} <= roles
    assert Event.objects.count() >= 2


def test_histories_of_several_checks_stand_beside_each_other(sqlite_database: Database) -> None:
    history("up 1 h", component="shop", check="shop-page", until=AT)
    history("up 30 min, down", component="shop", check="shop-api", until=AT)

    assert [each.slug for each in Check.objects.filter(component__slug="shop")] == ["shop-page", "shop-api"]


def test_history_goes_on_where_the_last_one_ended(sqlite_database: Database) -> None:
    history("up 1 h", until=AT)
    told = history("down 10 min, up 10 min", until=AT + timedelta(minutes=20, seconds=1))

    assert [state for state, _ in lengths(told)] == ["up", "down", "up"]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("", "'' is none of up, degraded"),
        ("up 2 h, dwon 5 min", "'dwon 5 min' is none of up, degraded, down"),
        ("up, down 5 min", "a state without a length that is not the last one"),
        ("up 2", "'2' has no unit"),
        ("up 10 ms", "shorter than a second"),
        ("up soon", "'soon' is not a duration"),
    ],
)
def test_words_that_are_no_history_are_refused(sqlite_database: Database, told: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        history(told)

    assert Check.objects.count() == 0


def test_history_before_what_is_known_is_refused(sqlite_database: Database) -> None:
    history("up 1 h", until=AT)

    with pytest.raises(ValueError, match="is watched, or has results, since"):
        history("up 1 h", until=AT)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    parts=st.lists(
        st.tuples(st.sampled_from(["up", "down", "degraded"]), st.integers(1, 900)), min_size=1, max_size=6
    ),
    number=st.integers(0, 2**62),
)
def test_any_history_is_in_the_ledger_as_it_was_told(
    sqlite_database: Database, parts: list[tuple[str, int]], number: int
) -> None:
    merged: list[tuple[str, int]] = []
    for state, seconds in parts:
        if merged and merged[-1][0] == state:
            merged[-1] = (state, merged[-1][1] + seconds)
        else:
            merged.append((state, seconds))
    slug = f"c{number}"
    Check.objects.filter(slug=slug).update(slug=f"old-{LedgerEntry.objects.count()}-{slug}"[:90])

    told = history(", ".join(f"{state} {seconds} s" for state, seconds in parts), component=slug, until=AT)

    *closed, last = lengths(told)
    assert closed == [(state, float(seconds)) for state, seconds in merged[:-1]]
    assert last == (merged[-1][0], None)


def test_factories_make_what_is_missing_and_return_what_is_there(sqlite_database: Database) -> None:
    made = check("shop-page", component="shop", target="http://127.0.0.1:1/", interval_us=5_000_000)

    assert check("shop-page", component="shop") == made
    assert component("shop") == made.component
    assert made.component.name == "Shop"
    assert made.revisions.get().interval_us == 5_000_000


def test_results_have_what_their_status_needs() -> None:
    assert result("backend").response_time_ms == 12.5
    assert result("backend", "down").cause == "refused"
    assert result("backend", "unknown").error_message is not None
    assert result("backend", response_time_ms=3).response_time_ms == 3.0


def test_figures_show_a_history_at_once(sqlite_database: Database) -> None:
    from django.test import Client

    client = Client()
    client.get("/api/system/uptime/")
    history("up 2 h, down 5 min", component="frontend")
    engine_runs()

    answer = client.get("/api/system/uptime/").json()
    assert answer["components"]["frontend"]["status"] == "down"
    assert client.get("/readyz").status_code == 200

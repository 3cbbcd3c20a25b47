"""``trueup status`` and ``trueup ledger`` read what is stored, whether the engine runs or not."""

from __future__ import annotations

import json
import re
import time

import pytest
from tests.databases import Database
from tests.world import HOUR, MINUTE, World

from trueup.cli import options, run
from trueup.domain.result import State
from trueup.store.models import LedgerEntry, SeriesState

_PAINT = re.compile(r"\x1b\[[0-9;]*m")


def world() -> World:
    """Return a world with one check that was down for an hour, two hours ago."""
    now_us = time.time_ns() // 1000
    made = World(now_us)
    spans = [
        (State.UP, now_us - 4 * HOUR, now_us - 2 * HOUR),
        (State.DOWN, now_us - 2 * HOUR, now_us - HOUR),
        (State.UP, now_us - HOUR, None),
    ]
    made.watched("backend", "Backend", spans)
    return made


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(arguments) == 0
    return capsys.readouterr().out


def test_ledger_names_the_outage_and_its_edges(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    world()

    found = json.loads(printed(capsys, "ledger", "--check", "backend", "--json"))

    assert [each["kind"] for each in found] == ["up", "outage", "up"]
    assert found[1]["seconds"] == 3600
    assert found[1]["end"] == found[2]["start"]
    assert found[2]["end"] is None
    assert set(found[1]["edges"]) == {"before", "first", "last", "after"}


def test_ledger_is_json_where_the_output_is_no_terminal(
    sqlite_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    world()

    assert len(json.loads(printed(capsys, "ledger", "--check", "backend"))) == 3


def test_ledger_can_be_cut_to_a_window(sqlite_database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    world()

    since = json.loads(printed(capsys, "ledger", "--check", "backend", "--since", "90m"))
    until = json.loads(printed(capsys, "ledger", "--check", "backend", "--until", "150m"))
    nothing = json.loads(printed(capsys, "ledger", "--check", "backend", "--until", "2020-01-01"))

    assert [each["kind"] for each in since] == ["outage", "up"]
    assert [each["kind"] for each in until] == ["up"]
    assert nothing == []


def test_ledger_on_a_terminal_is_a_table(
    sqlite_database: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world()
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)  # the test's own output is captured

    lines = _PAINT.sub("", printed(capsys, "ledger", "--check", "backend")).splitlines()

    assert [line.split()[0] for line in lines] == ["state", "up", "outage", "up"]
    assert "1 h" in lines[2]


def test_words_from_outside_are_shown_as_they_are(
    sqlite_database: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now_us = time.time_ns() // 1000
    made = World(now_us)
    check = made.check(made.component("api", "Our [api] and [/b]"), since_us=now_us - HOUR)
    why = {"id": "expect.not_matched", "params": {"expectation": "body matches /[a-z]/", "got": '"[/b]"'}}
    series = check.series.get(region__slug="verdict")
    made.happened(check, [(State.UP, now_us - HOUR, now_us - MINUTE)])
    LedgerEntry.objects.create(
        series=series, state="down", start_us=now_us - MINUTE, recorded_us=now_us, text=why
    )
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "300")

    table = _PAINT.sub("", printed(capsys, "status"))
    ledger = _PAINT.sub("", printed(capsys, "ledger", "--check", "api"))

    assert "Our [api] and [/b]" in table
    assert "body matches /[a-z]/" in ledger
    assert '"[/b]"' in ledger


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--check", "bakend"], "There is no check 'bakend'. Did you mean backend?"),
        (["--check", "backend", "--region", "mars"], "It has: local, verdict."),
        (["--check", "backend", "--since", "yesterday"], "'yesterday' is no instant"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(
    sqlite_database: Database, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    world()

    assert run(["ledger", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_status_shows_components_and_their_checks(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    world()

    document = json.loads(printed(capsys, "status", "--json"))
    table = printed(capsys, "status")

    component = document["components"][0]
    assert (component["slug"], component["state"]) == ("backend", "up")
    assert component["availability_24h_percent"].startswith("75.0")  # time goes on while it is read
    assert component["checks"][0]["state"] == "up"
    assert re.search(r"75\.0\d\d %", table)
    assert "The engine does not run (last seen: never). Start it: trueup up" in table


def test_check_of_which_nothing_came_for_long_is_unknown(
    sqlite_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    now_us = time.time_ns() // 1000
    made = World(now_us)
    check = made.check(made.component("backend"), since_us=now_us - 4 * HOUR)
    made.happened(check, [(State.UP, now_us - 4 * HOUR, None)], covered_us=now_us - 30 * MINUTE)

    document = json.loads(printed(capsys, "status", "--json"))

    assert document["components"][0]["state"] == "unknown"
    assert document["components"][0]["checks"][0]["state"] == "unknown"


def test_silent_check_is_unknown_since_its_coverage_ended(
    sqlite_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    covered_us = world().now_us - 3 * MINUTE
    SeriesState.objects.update(covered_until_us=covered_us, silent_at_us=covered_us + MINUTE)

    (component,) = json.loads(printed(capsys, "status", "--json"))["components"]
    (check,) = component["checks"]

    assert (component["state"], check["state"]) == ("unknown", "unknown")
    assert component["since"] == check["since"] == options.iso(covered_us)

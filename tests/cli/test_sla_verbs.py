"""``trueup sla show``, ``what-if`` and ``backtest``, as people type them."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
from tests.databases import Database
from tests.figures.sla.agreed import contract
from tests.world import DAY, HOUR, MINUTE, World

from trueup.cli import run
from trueup.cli.sla.show import _ahead
from trueup.domain.result import State
from trueup.domain.sla.trace import FIGURES

CSV = "component,start,end,state\nbackend,2025-12-03T10:00:00Z,2025-12-03T10:11:30Z,down\n"


@pytest.fixture
def promised(sqlite_database: Database) -> None:
    """Promise a backend over the last 30 days, of which it was down for 30 minutes."""
    now_us = time.time_ns() // 1000
    began_us = now_us - 2 * HOUR
    world = World(now_us)
    spans = [
        (State.UP, now_us - 60 * DAY, began_us),
        (State.DOWN, began_us, began_us + 30 * MINUTE),
        (State.UP, began_us + 30 * MINUTE, None),
    ]
    world.watched("backend", "Backend", spans)
    contract(world, "backend", of={"window": {"type": "rolling", "seconds": 30 * 86_400}})


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what a verb printed; it must be well."""
    code = run(arguments)
    told = capsys.readouterr()
    assert (code, told.err) == (0, ""), told.err
    return told.out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what a verb complained of; it must be people's to mend."""
    code = run(arguments)
    told = capsys.readouterr()
    assert (code, told.out) == (2, "")
    return told.err


def test_show_says_verdict_uptime_budget_credit_and_coverage(
    promised: None, capsys: pytest.CaptureFixture[str]
) -> None:
    told = printed(capsys, "sla", "show")

    assert told.startswith("Standard, rolling: kept")
    for words in ("99.93 %", "30.0 of 43.2 min used, 13.2 min left", "0.00 EUR (Excellent)", "100.0 %"):
        assert words in told


def test_show_says_once_that_the_budget_is_used_up() -> None:
    ahead: dict[str, Any] = {"breach_at": "already", "breach_at_if_down": "already", "tiers": []}

    told = list(_ahead({**ahead, "risk": {"breach_percent": None}}, None))

    assert told == ["  ahead     the budget is used up already"]


def test_show_opens_every_figure_into_its_entries(promised: None, capsys: pytest.CaptureFixture[str]) -> None:
    found: dict[str, Any] = json.loads(printed(capsys, "sla", "show", "standard", "--json", "--entries"))
    told = printed(capsys, "sla", "show", "standard", "--entries")

    assert set(found["figures"]) == set(FIGURES)
    assert found["figures"]["down_seconds"]["seconds"] == found["result"]["down_seconds"] == "1800"
    assert "down seconds: 1800" in told
    assert "backend: down; last before asked" in told


def test_what_if_without_a_question_is_the_same_on_both_sides(
    promised: None, capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads(printed(capsys, "sla", "what-if", "--json"))

    assert found["live"] == found["what_if"]
    assert " *" not in printed(capsys, "sla", "what-if")


def test_what_if_marks_what_would_differ(promised: None, capsys: pytest.CaptureFixture[str]) -> None:
    questions = ("--objective", "99.95", "--tiers", "99.95:0,99:30,0:100")
    told = printed(capsys, "sla", "what-if", "standard", *questions)
    freed = json.loads(printed(capsys, "sla", "what-if", "--exclude", "1d/0s", "--json"))

    assert any(line.split()[:3] == ["credit", "%", "0"] and line.endswith("*") for line in told.splitlines())
    assert freed["live"]["downtime_minutes"]["used"] == 30.0
    assert freed["what_if"]["downtime_minutes"]["used"] == 0.0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "standart"), "Did you mean standard"),
        (("show", "--period", "soon"), "is no period"),
        (("what-if", "--objective", "101"), "objective"),
        (("what-if", "--tiers", "99,0:100"), "is no tier"),
        (("what-if", "--tiers", "99:10,99.9:0,0:100"), "Swap them"),
        (("what-if", "--exclude", "today"), "Write FROM/TO"),
        (("what-if", "--exclude", "1h/2h"), "Swap them"),
        (("what-if", "--reclassify", "backend@1h=gone"), "is no state"),
        (("what-if", "--reclassify", "backend@1d=up"), "has no outage"),
        (("what-if", "--maintenance", "web=2h/1h"), "no component"),
    ],
)
def test_bad_question_is_refused_with_the_remedy(
    promised: None, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    assert words in refused(capsys, "sla", *arguments)


def test_backtest_judges_a_file_under_the_built_in_profile(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "history.csv"
    file.write_text(CSV)

    told = printed(capsys, "sla", "backtest", str(file))
    found = json.loads(printed(capsys, "sla", "backtest", str(file), "--json"))

    assert "2025-12  met" in told
    assert found["windows"][0]["downtime_minutes"] == {"used": 11.5, "allowed": 43.2, "remaining": 31.7}


def test_backtest_takes_a_contract_of_the_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "history.csv").write_text(CSV)
    (tmp_path / "trueup.yaml").write_text(
        "components: [{name: Backend, checks: [{http: 'http://127.0.0.1:9'}]}]\n"
        "contracts: [{name: Gold, components: [backend], objective: 99.99, window: {calendar: quarter}}]\n"
    )

    found = json.loads(printed(capsys, "sla", "backtest", "history.csv", "--contract", "gold", "--json"))

    assert [(each["period"], each["status"]) for each in found["windows"]] == [("2025-Q4", "met")]
    assert "has no contract" in refused(capsys, "sla", "backtest", "history.csv", "--contract", "silver")


def test_backtest_that_ends_before_the_history_begins_is_refused_as_such(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "history.csv").write_text(CSV)

    told = refused(capsys, "sla", "backtest", "history.csv", "--until", "2020-01-01T00:00Z")

    assert "Write a later --until" in told


def test_backtest_names_every_bad_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = CSV + "backend,2025-12-04T10:00:00Z,2025-12-04T09:00:00Z,down\nbackend,2025-12-05,,down\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(bad.encode())))

    told = refused(capsys, "sla", "backtest", "-")

    assert "line 3: it ends at 2025-12-04T09:00:00Z, before it starts" in told
    assert "line 4: '2025-12-05' is no instant" in told

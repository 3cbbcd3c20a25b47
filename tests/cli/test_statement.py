"""``trueup sla statement``, ``verify``, ``claim`` and ``trueup keys`` as people type them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.databases import Database
from tests.reports.making import KEYS, contract, made
from tests.world import DAY, HOUR, World

from trueup.cli import run
from trueup.domain.result import State
from trueup.reports import key
from trueup.reports.canonical import encode


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    """Give a folder with a statement and the public keys."""
    (tmp_path / "st").mkdir()
    (tmp_path / "st" / "one.json").write_bytes(encode(made()))
    (tmp_path / "trueup-keys.json").write_text(json.dumps(key.document(KEYS.values())), "utf-8")
    return tmp_path


@pytest.fixture
def world(sqlite_database: Database) -> World:
    """Give a component, and a contract by the day that has held for three days."""
    now_us = 1_767_340_800_000_000  # what is stored is long past for the clock of the verb
    made_world = World(now_us)
    down = (now_us - DAY - HOUR, now_us - DAY)
    check = made_world.watched(
        "frontend",
        "",
        [(State.UP, now_us - 9 * DAY, down[0]), (State.DOWN, *down), (State.UP, down[1], None)],
    )
    terms = {
        "aggregation": {"type": "any"}, "window": {"type": "calendar", "period": "day", "timezone": "UTC"}
    }  # fmt: skip
    contract(made_world, [check.component], made_us=now_us - 3 * DAY, terms=terms)
    return made_world


def test_a_statement_that_holds_ends_with_0(signed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["sla", "verify", "st/one.json", "--keys", "trueup-keys.json"])

    assert code == 0
    assert "signed by key" in capsys.readouterr().out


def test_a_folder_is_verified_as_a_chain(signed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["sla", "verify", "st", "--keys", "trueup-keys.json", "--json"])

    (chain,) = json.loads(capsys.readouterr().out)["chains"]
    assert (code, chain["holds"], chain["statements"][0]["holds"]) == (0, True, True)


def test_a_statement_that_was_touched_ends_with_1_and_is_named(
    signed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (signed / "st" / "one.json").read_text("utf-8")
    (signed / "st" / "one.json").write_text(
        text.replace('"down_seconds":"5400"', '"down_seconds":"54"'), "utf-8"
    )

    code = run(["sla", "verify", "st/one.json", "--keys", "trueup-keys.json"])

    assert code == 1
    assert "statement.result.down_seconds: it says 54, its inputs give 5400." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["st/none.json", "--keys", "trueup-keys.json"], "none.json"),
        (["st/one.json", "--keys", "none.json"], "none.json"),
        (["st/one.json", "--keys", "st/one.json"], "no document of keys"),
        (["st/one.json"], "/.well-known/trueup-keys.json"),
        (["empty", "--keys", "trueup-keys.json"], "holds no statement"),
    ],
)
def test_what_cannot_be_read_ends_with_2(
    signed: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], why: str
) -> None:
    (signed / "empty").mkdir()

    assert run(["sla", "verify", *arguments]) == 2
    assert why in capsys.readouterr().err


def test_a_statement_is_written_listed_and_verified(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    statement = ["sla", "statement", "standard", "--data", "data"]
    (tmp_path / "data").mkdir()

    assert run([*statement, "--period", "2025-12-31", "--format", "json", "-o", "one.json"]) == 0
    assert run([*statement, "--period", "2025-12-31"]) == 0
    assert "Service level statement: Standard, 2025-12-31" in capsys.readouterr().out
    assert run([*statement, "--list"]) == 0
    assert "2025-12-31" in capsys.readouterr().out
    assert run([*statement, "--list", "--format", "csv", "-o", "all.csv"]) == 0
    assert (tmp_path / "all.csv").read_text("utf-8").count("standard") == 1
    assert run([*statement, "--chain", "chain"]) == 0
    assert run(["sla", "verify", "chain", "one.json", "--data", "data"]) == 0


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["standrad"], "Did you mean standard?"),
        (["standard", "--period", "2025-13-01"], "2025-13-01"),
        (["standard", "--period", "2019-01-01"], "lies before the contract"),
        (["standard", "--period", "2026-01-01", "--revision", "7"], "has no revision 7"),
        (["standard", "--format", "docx"], "--format docx"),
        (["standard", "--format", "csv", "-o", "away/x.csv"], "The folder away does not exist. Make it"),
        (["standard", "--list", "--format", "pdf"], "as text, csv or json"),
    ],
)
def test_what_is_not_there_is_said_with_2(
    world: World, capsys: pytest.CaptureFixture[str], arguments: list[str], why: str
) -> None:
    assert run(["sla", "statement", *arguments, "--data", "data"]) == 2
    assert why in capsys.readouterr().err


def test_a_claim_of_our_own_promise_is_refused(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()

    code = run(["sla", "claim", "standard", "--period", "2026-01-01", "-o", "claim.zip", "--data", "data"])

    assert code == 2
    assert "is a promise of ours" in capsys.readouterr().err
    assert not (tmp_path / "claim.zip").exists()


def test_keys_are_rotated_shown_and_served(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from django.test import Client

    (tmp_path / "data").mkdir()
    assert run(["keys", "show", "--data", "data"]) == 0
    assert "no key yet" in capsys.readouterr().out
    for _ in range(2):
        assert run(["keys", "rotate", "--data", "data", "--json"]) == 0
    made_last = json.loads(capsys.readouterr().out.split("}\n{")[-1].join(("{", "")))["key_id"]
    assert run(["keys", "show", "--data", "data", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)

    served = Client().get("/.well-known/trueup-keys.json")

    assert served.json() == shown == json.loads((tmp_path / "data/keys/trueup-keys.json").read_text("utf-8"))
    assert [each["key_id"] for each in shown["keys"] if each["retired_at"] is None] == [made_last]
    assert served.headers["Access-Control-Allow-Origin"] == "*"
    assert Client().post("/.well-known/trueup-keys.json").status_code == 405

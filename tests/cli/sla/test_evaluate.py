"""``trueup sla evaluate``: cases in, results out, and one sentence for what cannot be used."""

from __future__ import annotations

import io
import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from trueup.cli import run

WORKED = Path(__file__).parents[2] / "domain" / "sla" / "cases.json"
DOCUMENT: dict[str, Any] = json.loads(WORKED.read_text("utf-8"))


def evaluated(capsys: pytest.CaptureFixture[str], file: Path | str) -> dict[str, Any]:
    assert run(["sla", "evaluate", str(file), "--json"]) == 0, capsys.readouterr().err
    return dict(json.loads(capsys.readouterr().out))


def test_a_file_with_or_without_what_is_expected_comes_to_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = {
        name: [{key: row[key] for key in row if key != "expected"} for row in DOCUMENT[name]]
        for name in ("cases", "tier_cases", "window_cases", "probe_cases")
    }
    (tmp_path / "bare.json").write_text(json.dumps(bare))

    found = evaluated(capsys, WORKED)

    assert evaluated(capsys, tmp_path / "bare.json") == found
    assert found["results"] == [{"id": each["id"], "result": each["expected"]} for each in DOCUMENT["cases"]]


def test_rows_of_tables_come_back_in_order_with_their_computed_keys(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = evaluated(capsys, WORKED)

    assert found["tier_cases"] == DOCUMENT["tier_cases"]
    assert found["window_cases"] == DOCUMENT["window_cases"]
    for row, worked in zip(found["probe_cases"], DOCUMENT["probe_cases"], strict=True):
        given = {key: value for key, value in worked.items() if key != "expected"}
        assert row == {**given, **worked["expected"]}


def test_one_case_may_stand_alone_and_come_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    case = {key: value for key, value in DOCUMENT["cases"][0].items() if key != "id"}
    written = b"\xef\xbb\xbf" + json.dumps(case).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(written)))

    assert evaluated(capsys, "-") == {"results": [{"id": None, "result": case["expected"]}]}


def test_a_number_is_what_is_written_also_where_floats_are_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "case.json").write_text(
        '{"contract": {"objective": 99.90000000000000000001}, "period": "2025-12",'
        ' "components": [{"id": "shop", "default_state": "up", "intervals": []}]}'
    )

    found = evaluated(capsys, tmp_path / "case.json")

    allowed = Fraction(found["results"][0]["result"]["allowed_seconds"])
    assert allowed == 2_678_400 * (1 - Fraction("99.90000000000000000001") / 100)


def test_people_read_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sla", "evaluate", str(WORKED)]) == 0
    lines = capsys.readouterr().out.splitlines()
    [row] = [line for line in lines if line.startswith("A09 ")]

    assert lines[0].split()[:3] == ["id", "window", "uptime"]
    assert row.split()[4:] == ["99.892857", "ok", "breached", "2592", "2419.2", "10"]
    assert {"tier cases", "window cases", "probe cases"} <= set(lines)


def test_people_read_every_figure_of_a_single_case(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [mean] = [case for case in DOCUMENT["cases"] if case["id"] == "G02"]
    (tmp_path / "case.json").write_text(json.dumps(mean))

    assert run(["sla", "evaluate", str(tmp_path / "case.json")]) == 0
    lines = capsys.readouterr().out.splitlines()

    assert lines[0] == "G02"
    assert "coverage percent          -" in lines
    assert "breached                  yes" in lines
    [web] = [line for line in lines if line.startswith("web: ")]
    assert web == (
        "web: counted_seconds 2592000, down_seconds 3600, uptime_exact 0.998611, uptime_percent 99.861111"
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "case.json: line 1, column 1: this is no JSON"),
        (b"{}", "case.json: the key 'contract' is missing. Add it."),
        (b"[1]", "case.json: [1] is no object."),
        (b"\xff\xfe", "case.json is no text in UTF-8 (byte 0). Save it as UTF-8."),
        (b'{"cases": [{"contract": {"objective": "101"}, "components": []}]}',
         "case.json: cases[0].contract.objective: '101' is no objective."),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_one_sentence_and_exit_code_2(
    content: bytes, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "case.json").write_bytes(content)

    assert run(["sla", "evaluate", "case.json", "--json"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"trueup: {sentence}")
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("name", ["nowhere.json", "."])
def test_a_file_that_cannot_be_read_is_named(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sla", "evaluate", name]) == 2
    assert capsys.readouterr().err.startswith(f"trueup: {name} cannot be used: ")

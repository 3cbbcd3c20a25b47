"""``trueup export``: everything comes out as it was stored."""

from __future__ import annotations

import base64
import csv
import io
import json
from pathlib import Path

import pytest
from tests.config.applying import Installation
from tests.databases import Database
from tests.world import DAY, HOUR, LATENCY, MINUTE, World, at

from trueup.cli import run
from trueup.domain.record import pack
from trueup.domain.result import FailureClass, Phases, Result, State
from trueup.store.models import Batch, Block, Check, Evidence, Journal, LedgerEntry
from trueup.store.write.compact import compact

NOON = at("2026-11-20 12:00:00")


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["export", *arguments]) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def probed(check: Check, numbers: range, step_us: int = MINUTE) -> list[Result]:
    """Return results of a check, each a step after the other."""
    series = check.series.get(region__slug="local").id
    return [
        Result(
            series=series,
            slot=(NOON + number * step_us) // 1_000_000,
            number=0,
            epoch=0,
            asked_us=NOON + number * step_us + 17_000,
            duration_us=LATENCY + number,
            state=State.DOWN if number % 5 == 4 else State.UP,
            cause=FailureClass.REFUSED if number % 5 == 4 else None,
            status=200,
            phases=Phases(None, 150, None, 3_000),
        )
        for number in numbers
    ]


def journal(check: Check, results: list[Result]) -> None:
    region = check.series.get(region__slug="local").region
    Journal.objects.create(region=region, recorded_us=NOON, payload=pack(results))


@pytest.fixture
def check(database: Database) -> Check:
    """Give a check with three days of results, of which the last ones are still in the journal."""
    made = World(NOON).watched("backend", "Backend")
    journal(made, probed(made, range(40), HOUR))
    compact()
    journal(made, probed(made, range(38, 60), HOUR))
    return made


def test_samples_are_exact_and_each_is_there_once(check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    found = table(printed(capsys, "samples", "--check", "backend"))

    assert Block.objects.count() == 3
    assert len(found) == 60
    assert found[4] == {
        "check": "backend",
        "region": "local",
        "asked": "2026-11-20T16:00:00.017000Z",
        "asked_us": str(NOON + 4 * HOUR + 17_000),
        "answered": "2026-11-20T16:00:00.160204Z",
        "answered_us": str(NOON + 4 * HOUR + 17_000 + LATENCY + 4),
        "duration_us": str(LATENCY + 4),
        "state": "down",
        "cause": "refused",
        "status": "200",
        "dns_us": "",
        "connect_us": "150",
        "tls_us": "",
        "wait_us": "3000",
        "slot": str((NOON + 4 * HOUR) // 1_000_000),
        "number": "0",
        "epoch": "0",
    }
    assert [int(each["asked_us"]) for each in found] == sorted(int(each["asked_us"]) for each in found)


def test_samples_are_cut_to_a_window_and_written_as_lines_of_json(
    check: Check, capsys: pytest.CaptureFixture[str]
) -> None:
    window = ("--since", "2026-11-21T00:00:00Z", "--until", "2026-11-22")

    lines = printed(capsys, "samples", "--check", "backend", *window, "--format", "jsonl").splitlines()

    found = [json.loads(line) for line in lines]
    assert len(found) == 24
    assert {each["asked"][:10] for each in found} == {"2026-11-21"}
    assert found[0]["dns_us"] is None


def test_file_appears_once_it_is_whole(
    check: Check, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["export", "samples", "--check", "backend", "--output", "samples.csv"])

    assert code == 0
    assert capsys.readouterr().err == "wrote 60 results to samples.csv\n"
    assert len(table((tmp_path / "samples.csv").read_text())) == 60
    assert run(["export", "samples", "--check", "backend", "-o", "there/is/none.csv"]) == 2
    assert "does not exist. Make it" in capsys.readouterr().err


def test_results_that_are_gone_are_said(check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    Block.objects.filter(day=NOON // DAY).update(samples=None)

    assert run(["export", "samples", "--check", "backend"]) == 0

    assert "backend: single results before 2026-11-21 are gone" in capsys.readouterr().err


def test_ledger_of_every_check_comes_out(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    world = World(NOON)
    outage = [(State.UP, NOON - 3 * HOUR, NOON - HOUR), (State.DOWN, NOON - HOUR, None)]
    world.watched("api", "API", outage)
    world.watched("shop", "Shop")

    found = table(printed(capsys, "ledger"))

    assert [(each["check"], each["kind"]) for each in found] == [
        ("api", "up"),
        ("api", "outage"),
        ("shop", "up"),
    ]
    assert found[1]["start"] == "2026-11-20T11:00:00.000000Z"
    assert (found[0]["end"], found[1]["end"], found[1]["end_us"]) == (found[1]["start"], "", "")
    assert int(found[0]["after_asked_us"]) == NOON - HOUR


def test_ledger_comes_out_as_it_was_known(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    world = World(NOON)
    check = world.watched(
        "api", "API", [(State.UP, NOON - 3 * HOUR, NOON - HOUR), (State.DOWN, NOON - HOUR, None)]
    )
    for series in check.series.all():  # it turned out that it had been down earlier
        LedgerEntry.objects.filter(series=series, state="up").update(superseded_us=NOON)
        for state, start, end in (("up", 3 * HOUR, 2 * HOUR), ("down", 2 * HOUR, HOUR)):
            LedgerEntry.objects.create(
                series=series, state=state, start_us=NOON - start, end_us=NOON - end, recorded_us=NOON,
                closed_us=NOON,
            )  # fmt: skip

    now = table(printed(capsys, "ledger"))
    before = table(printed(capsys, "ledger", "--as-of", "2026-11-20T11:59:00Z"))
    early = table(printed(capsys, "ledger", "--as-of", "2026-11-20T10:30:00Z"))

    assert [each["kind"] for each in now] == ["up", "outage", "outage"]
    assert [each["kind"] for each in before] == ["up", "outage"]
    assert [(each["kind"], each["end"], each["known_until"]) for each in early] == [
        ("up", "", "2026-11-20T10:30:00.000000Z")
    ]


def test_evidence_comes_out_as_lines_and_as_files(
    check: Check, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    series = check.series.get(region__slug="local")
    for role, number, body in (("before", 0, b""), ("failing", 0, b"\xff<html>"), ("recent", 1, b"x")):
        Evidence.objects.create(
            series=series, run_us=NOON, role=role, number=number, asked_us=NOON + number, duration_us=5,
            state="down", cause="protocol", body_head=body, phases={"dns_us": None},
            picture=b"jpeg" if role == "failing" else None,
        )  # fmt: skip

    lines = [json.loads(line) for line in printed(capsys, "evidence").splitlines()]
    code = run(["export", "evidence", "--folder", "seen"])
    again = run(["export", "evidence", "--folder", "seen"])

    assert [(each["role"], base64.b64decode(each["body_base64"])) for each in lines] == [
        ("before", b""),
        ("failing", b"\xff<html>"),
        ("failing", b"x"),
    ]
    assert base64.b64decode(lines[1]["picture_base64"]) == b"jpeg"
    assert (code, again) == (0, 2)
    names = sorted(path.name for path in (tmp_path / "seen/backend/2026-11-20T120000.000000Z").iterdir())
    assert names == [
        "2026-11-20T120000.000000Z-before-0.json",
        "2026-11-20T120000.000000Z-failing-0.body",
        "2026-11-20T120000.000000Z-failing-0.jpg",
        "2026-11-20T120000.000000Z-failing-0.json",
        "2026-11-20T120000.000001Z-failing-1.body",
        "2026-11-20T120000.000001Z-failing-1.json",
    ]
    assert "--folder seen is not empty" in capsys.readouterr().err


def test_configuration_comes_out_without_its_secrets(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Installation(tmp_path)
    monkeypatch.setenv("TRUEUP_SECRET_KEY_FILE", str(here.key_file))
    here.apply("components:\n  - name: A\n    checks: [{http: http://localhost, token: plantedmarker}]\n")

    code = run(["export", "config", "--output", "again.yaml"])

    said = capsys.readouterr()
    text = (tmp_path / "again.yaml").read_text()
    assert code == 0
    assert "token: ${TRUEUP_SECRET_A_TOKEN}" in text
    assert said.err.startswith(
        "check a, token: a secret that was written out; set TRUEUP_SECRET_A_TOKEN to its"
    )
    assert "plantedmarker" not in text + said.out + said.err
    assert json.loads(printed(capsys, "config", "--json"))["components"][0]["name"] == "A"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["samples", "--check", "bakend"], "There is no check 'bakend'. Did you mean backend?"),
        (["samples", "--check", "backend", "--format", "xml"], "--format xml: write one of csv, jsonl."),
        (
            ["samples", "--check", "backend", "--since", "1d", "--until", "2d"],
            "there is no time between them",
        ),
        (["ledger", "--check", "backend", "--region", "mars"], "It has: local, verdict."),
        (["ledger", "--as-of", "then"], "'then' is no instant"),
    ],
)
def test_what_cannot_be_exported_is_refused(
    sqlite_database: Database, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    World(NOON).watched("backend", "Backend")

    assert run(["export", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_ninety_days_stream_in_the_memory_of_one(sqlite_database: Database, tmp_path: Path) -> None:
    import tracemalloc

    made = World(NOON).watched("backend", "Backend")
    for day in range(30):
        journal(made, probed(made, range(day * 1_440, (day + 1) * 1_440)))
        compact()
    assert not Batch.objects.exists()
    tracemalloc.start()
    try:
        code = run(["export", "samples", "--check", "backend", "--output", str(tmp_path / "all.csv")])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert code == 0
    assert len((tmp_path / "all.csv").read_text().splitlines()) == 30 * 1_440 + 1
    assert peak < 8_000_000  # a day of rows is about one

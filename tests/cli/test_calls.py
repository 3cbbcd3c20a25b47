"""``trueup beat``, ``pause``, ``resume`` and ``ask SLUG`` on what is stored, without an engine."""

from __future__ import annotations

import json
import signal
import sys
import time
from typing import Any

import pytest
from tests.databases import Database
from tests.world import HOUR, World

from trueup.cli import run
from trueup.store.models import Beat, Check, CheckRevision, Interruption

SECOND = 1_000_000


def heartbeat(slug: str = "backup") -> Check:
    """Create a component with one heartbeat that is due each hour."""
    now_us = time.time_ns() // 1000
    world = World(now_us)
    check = world.check(world.component(slug), since_us=now_us - HOUR)
    CheckRevision.objects.filter(owner=check).update(
        kind="heartbeat", target="nightly backup", options={"period": "1h"}
    )
    return check


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run([*arguments, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize(
    ("arguments", "kind", "exit_code"),
    [
        ([], "success", None),
        (["--start", "--run", "7"], "start", None),
        (["--fail", "--message", "disk full"], "fail", None),
        (["--exit-code", "0"], "success", 0),
        (["--exit-code", "3"], "fail", 3),
    ],
)
def test_a_call_is_stored(
    database: Database,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    kind: str,
    exit_code: int | None,
) -> None:
    check = heartbeat()

    told = printed(capsys, "beat", "backup", *arguments)

    beat = Beat.objects.get(id=told["stored"])
    assert (beat.owner_id, beat.kind, beat.exit_status, beat.taken_us) == (check.id, kind, exit_code, None)
    assert abs(beat.at_us - time.time_ns() // 1000) < HOUR
    assert told["engine_told"] is False


def test_a_call_without_an_engine_says_who_takes_it_in(
    sqlite_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    heartbeat()

    assert run(["beat", "backup"]) == 0
    assert "no engine runs here; the next one takes it in" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["bakup"], "Did you mean backup?"),
        (["backup", "--start", "--fail"], "has no end yet"),
        (["backup", "--fail", "--exit-code", "0"], "contradict"),
        (["backup", "--exit-code", "256"], "is no exit code"),
        (["backup", "--run", "x" * 37], "36 characters"),
        (["backup", "--fail", "--", "true"], "the calls are made for it"),
    ],
)
def test_a_call_that_makes_no_sense_is_refused(
    sqlite_database: Database, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    heartbeat()

    assert run(["beat", *arguments]) == 2
    assert told in capsys.readouterr().err
    assert not Beat.objects.exists()


def test_a_check_that_is_asked_waits_for_no_call(
    sqlite_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    World(time.time_ns() // 1000).watched("web")

    assert run(["beat", "web"]) == 2
    assert "trueup ask web" in capsys.readouterr().err


def python(code: str) -> list[str]:
    return ["--", sys.executable, "-c", code]


def test_a_command_is_run_between_two_calls(
    sqlite_database: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    heartbeat()

    assert run(["beat", "backup", *python("print('at work', flush=True)")]) == 0

    start, end = Beat.objects.order_by("id")
    assert (start.kind, end.kind, end.exit_status) == ("start", "success", 0)
    assert start.run_id == end.run_id != ""
    assert "at work" in capfd.readouterr().out


def test_the_exit_code_of_a_command_is_passed_on_and_called(sqlite_database: Database) -> None:
    heartbeat()

    assert run(["beat", "backup", *python("import sys; sys.exit(7)")]) == 7
    assert run(["beat", "backup", *python("import os; os.kill(os.getpid(), 9)")]) == 128 + signal.SIGKILL

    ends = Beat.objects.filter(kind="fail").order_by("id")
    assert [end.exit_status for end in ends] == [7, 137]
    assert bytes(ends[1].body) == b"ended by SIGKILL"


def test_arguments_of_a_command_stay_its_own(
    sqlite_database: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    heartbeat()

    code = "import sys; print(sys.argv[1:])"
    assert run(["beat", "backup", *python(code), "--debug", "--json", "a b; $HOME"]) == 0

    assert "['--debug', '--json', 'a b; $HOME']" in capfd.readouterr().out


def test_a_command_that_is_not_there_is_a_failure_with_its_reason(
    sqlite_database: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    heartbeat()

    assert run(["beat", "backup", "--", "/nowhere/backup"]) == 127
    assert bytes(Beat.objects.get(kind="fail").body).startswith(b"/nowhere/backup cannot be run")
    assert "cannot be run" in capfd.readouterr().err


def test_a_command_runs_also_where_its_call_cannot_be_stored(
    sqlite_database: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    heartbeat()

    assert run(["beat", "nothing", *python("print('at work', flush=True)")]) == 0

    said = capfd.readouterr()
    assert "at work" in said.out
    assert "the call of nothing (start) is not stored" in said.err


def test_a_signal_is_passed_on_to_the_command(sqlite_database: Database) -> None:
    heartbeat()

    code = "import os, signal, time; os.kill(os.getppid(), signal.SIGTERM); time.sleep(60)"
    assert run(["beat", "backup", *python(code)]) == 128 + signal.SIGTERM
    assert Beat.objects.filter(kind="fail").count() == 1


def test_a_pause_is_stored_with_its_end_and_reason(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    check = heartbeat()
    now_us = time.time_ns() // 1000

    told = printed(capsys, "pause", "backup", "--for", "2h", "--reason", "new disk")

    check.refresh_from_db()
    assert check.paused_us is not None
    assert check.paused_us >= now_us
    assert check.paused_until_us == check.paused_us + 2 * HOUR
    assert check.paused_reason == "new disk"
    assert Interruption.objects.get(owner=check).state == "paused"
    assert told["paused"][0]["already"] is False

    status = printed(capsys, "status")
    shown = status["components"][0]["checks"][0]
    assert (shown["paused_reason"], shown["paused_until"] is not None) == ("new disk", True)


def test_a_pause_of_what_is_paused_says_so_and_may_change_its_end(
    sqlite_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    check = heartbeat()
    run(["pause", "backup", "--reason", "new disk"])
    check.refresh_from_db()
    since_us = check.paused_us
    capsys.readouterr()

    assert run(["pause", "backup"]) == 0
    assert "was paused already, since" in capsys.readouterr().out
    assert run(["pause", "backup", "--until", "2099-01-01"]) == 0

    check.refresh_from_db()
    assert (check.paused_us, check.paused_reason) == (since_us, "new disk")
    assert check.paused_until_us == 4_070_908_800 * SECOND
    assert Interruption.objects.count() == 1


def test_resume_undoes_a_pause(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    check = heartbeat()
    run(["pause", "backup", "--for", "1d", "--reason", "new disk"])
    capsys.readouterr()

    told = printed(capsys, "resume", "backup")
    again = printed(capsys, "resume", "backup")

    check.refresh_from_db()
    assert (check.paused_us, check.paused_until_us, check.paused_reason) == (None, None, "")
    assert [each["was_paused"] for each in (*told["resumed"], *again["resumed"])] == [True, False]
    assert list(Interruption.objects.order_by("id").values_list("state", flat=True)) == ["paused", "unknown"]


def test_a_component_is_paused_with_all_its_checks(sqlite_database: Database) -> None:
    world = World(time.time_ns() // 1000)
    shop = world.component("shop")
    for slug in ("shop-http", "shop-tcp"):
        world.check(shop, slug)
    world.check(world.component("other"))

    assert run(["pause", "shop", "shop-tcp"]) == 0

    assert Check.objects.filter(paused_us__isnull=False).count() == 2
    assert Interruption.objects.count() == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nothing"], "There is no check or component 'nothing'"),
        (["backup", "nothing"], "There is no check or component 'nothing'"),
        (["backup", "--for", "2"], "has no unit"),
        (["backup", "--for", "0s"], "is none"),
        (["backup", "--until", "2020-01-01"], "that is over already"),
        (["backup", "--for", "2h", "--until", "2099-01-01"], "leave one of them out"),
    ],
)
def test_a_pause_that_makes_no_sense_is_refused(
    sqlite_database: Database, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    check = heartbeat()

    assert run(["pause", *arguments]) == 2

    check.refresh_from_db()
    assert check.paused_us is None
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["web"], "No engine runs on"),
        (["wep"], "Did you mean web?"),
        (["web", "--expect", "status == 200"], "is asked as it is configured"),
    ],
)
def test_a_check_is_asked_by_the_engine_alone(
    sqlite_database: Database, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    World(time.time_ns() // 1000).watched("web")

    assert run(["ask", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_what_is_paused_or_calls_is_not_asked(
    sqlite_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    World(time.time_ns() // 1000).watched("web")
    heartbeat()
    run(["pause", "web"])

    assert run(["ask", "web"]) == 2
    assert "trueup resume web" in capsys.readouterr().err
    assert run(["ask", "backup"]) == 2
    assert "trueup beat backup" in capsys.readouterr().err

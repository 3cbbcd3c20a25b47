"""``trueup top``: what it draws, and that it answers keys on a terminal."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console
from tests.databases import Database
from tests.world import HOUR, MINUTE, SECOND, World

from trueup.cli import run
from trueup.cli.screen import View, draw, sparkline
from trueup.domain.result import State
from trueup.figures.engine import EngineHealth
from trueup.store.models import Event
from trueup.store.read.glance import Glance, Told
from trueup.store.read.vital import Load

NOW = 1_800_000_000 * SECOND


def glance(slug: str = "web", state: str = "up", **values: object) -> Glance:
    known = {
        "series": 1, "slug": slug, "component": "Shop", "kind": "http", "interval_us": MINUTE,
        "state": state, "since_us": NOW - HOUR, "covered_until_us": NOW + MINUTE, "silent_at_us": None,
        "last_answered_us": NOW - 10 * SECOND, "last_cause": "", "good_latency_us": 23_400,
        "paused_until_us": None, "paused_reason": "",
    }  # fmt: skip
    return Glance(**{**known, **values})  # type: ignore[arg-type]


def view(checks: Sequence[Glance], **values: object) -> View:
    events = [Told(number, NOW - MINUTE, "check.down", "web", "refused") for number in range(9)]
    load = Load(300, 0, 0, {"in_flight": 2})
    found = View(NOW, checks, events, EngineHealth(alive=True, seen_us=NOW), load)
    found.waits = frozenset({"heartbeat"})
    for name, value in values.items():
        setattr(found, name, value)
    return found


def lines(shown: View, width: int = 80, height: int | None = 24) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=height or 200)
    console.print(draw(shown, width, height))
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (60, 10), (40, 6)])
@pytest.mark.parametrize("count", [0, 3, 200])
def test_picture_fits_the_terminal(width: int, height: int, count: int) -> None:
    found = lines(view([glance(f"a-rather-long-name-of-a-check-{n}") for n in range(count)]), width, height)

    assert len(found) <= height
    assert max(map(len, found)) <= width


def test_each_check_has_its_state_since_latency_last_and_next() -> None:
    row = next(line for line in lines(view([glance()])) if line.startswith("web"))

    assert row.split() == ["web", "up", "1", "h", "23.4", "ms", "10", "s", "50", "s"]


def test_what_is_late_paused_or_silent_is_told() -> None:
    checks = [
        glance("backup", kind="heartbeat", covered_until_us=NOW + 2 * HOUR),
        glance("import", "down", kind="heartbeat", last_cause="late"),
        glance("shop", "paused", paused_until_us=NOW + 2 * HOUR),
        glance("old", silent_at_us=NOW - 1, covered_until_us=NOW - MINUTE),
    ]

    rows = {line.split()[0]: line for line in lines(view(checks)) if line.strip()}

    assert rows["backup"].endswith("2 h")
    assert rows["import"].endswith("late")
    assert rows["shop"].endswith("-> 2 h")
    assert rows["old"].split()[1] == "unknown"


def test_checks_that_do_not_fit_are_counted_and_can_be_scrolled_to() -> None:
    checks = [glance(f"check-{number:03}") for number in range(50)]

    begin, end = lines(view(checks)), lines(view(checks, from_row=1_000))

    assert any("36 below" in line for line in begin)
    assert any("36 above" in line for line in end)
    assert any(line.startswith("check-049") for line in end)


@pytest.mark.parametrize(("sort", "first"), [("order", "b"), ("name", "a"), ("state", "c"), ("latency", "a")])
def test_order_is_the_one_that_is_wished(sort: str, first: str) -> None:
    checks = [glance("b"), glance("a", good_latency_us=99_000), glance("c", "down", good_latency_us=None)]

    assert lines(view(checks, sort=sort))[2].split()[0] == first


def test_engine_that_does_not_run_is_told() -> None:
    assert "does not run" in lines(view([], engine=EngineHealth(alive=False, seen_us=None)))[0]


def test_latencies_are_drawn_between_the_shortest_and_the_longest() -> None:
    assert sparkline([10, 20, 80]) == "▁▂█"
    assert sparkline([1000, 1001, 1002]) == "▁▁▁"
    assert len(sparkline(range(100))) == 12
    assert sparkline([]) == ""


def test_without_a_terminal_it_prints_once(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    now_us = time.time_ns() // 1000
    world = World(now_us)
    world.engine(wall_us=now_us)
    world.watched("web", spans=[(State.UP, now_us - HOUR, None)])
    Event.objects.create(
        key="1", kind="check.up", at_us=now_us, recorded_us=now_us, subject="", payload={"check": "web"}
    )

    assert run(["top"]) == 0

    shown = capsys.readouterr().out
    assert "1 up" in shown
    assert "web up" in shown
    assert " quit" not in shown


def test_interval_that_makes_no_sense_is_refused(
    sqlite_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["top", "--interval", "1ms"]) == 2
    assert "from 100ms to 1h" in capsys.readouterr().err


def test_on_a_terminal_it_answers_keys_and_leaves_it_as_it_was(
    sqlite_database: Database, tmp_path: Path
) -> None:
    World(time.time_ns() // 1000).watched("web")
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    before = termios.tcgetattr(theirs)
    environ = {**os.environ, "DATABASE_URL": sqlite_database.address, "TERM": "xterm-256color"}
    process = subprocess.Popen(
        [sys.executable, "-m", "trueup", "top", "--interval", "100ms"],
        stdin=theirs, stdout=theirs, stderr=theirs, cwd=tmp_path, env=environ,
    )  # fmt: skip
    try:
        _read_until(ours, "sort: order")
        os.write(ours, b"s")
        _read_until(ours, "sort: state")
        os.write(ours, b"p")
        _read_until(ours, "standing still")
        os.write(ours, b"q")
        assert process.wait(20) == 0
        assert termios.tcgetattr(theirs) == before
    finally:
        process.kill()
        process.wait()
        os.close(theirs)
        os.close(ours)


def _read_until(fd: int, wanted: str) -> None:
    seen, end_s = "", time.monotonic() + 30
    while wanted not in seen:
        left_s = end_s - time.monotonic()
        assert left_s > 0, seen
        if select.select([fd], [], [], left_s)[0]:
            seen += os.read(fd, 65_536).decode(errors="replace")

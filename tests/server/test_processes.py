"""Children are kept running, said when they die, and stopped with us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

HEAD = """
import os, signal, sys, time
from trueup.server import log
from trueup.server.processes import Child, ChildError, Supervisor, unblock_signals
log.setup("logfmt", "debug", "test")
CHILD = "from trueup.server.processes import unblock_signals; unblock_signals(); "
def child(name, code, **more):
    return Child(name, [sys.executable, "-c", CHILD + code], **more)
"""


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Supervised]:
    each = Supervised(tmp_path)
    yield each
    each.end()


class Supervised:
    """A supervising process, whose log can be waited for."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, code: str) -> subprocess.Popen[bytes]:
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", HEAD + textwrap.dedent(code)], stderr=out, stdout=out
            )
        return self.process

    def wait_for(self, text: str, count: int = 1) -> str:
        for _ in range(400):
            seen = self.log.read_text()
            if seen.count(text) >= count:
                return seen
            time.sleep(0.025)
        raise AssertionError(f"{text!r} did not come: {self.log.read_text()}")

    def pids(self, name: str) -> list[int]:
        lines = [line for line in self.log.read_text().splitlines() if f"event=started child={name}" in line]
        return [int(line.rpartition("pid=")[2]) for line in lines]

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
        if self.process is not None:
            self.process.wait(5)


def gone(pid: int) -> bool:
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        status = Path(f"/proc/{pid}/stat")
        if status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.025)
    return False


KEEP = """
IDLE = "import time; time.sleep(60)"
supervisor = Supervisor([child("a", IDLE), child("b", IDLE)])
unblock_signals()
supervisor.block_signals()
supervisor.run()
supervisor.stop()
print("stopped cleanly", flush=True)
"""


def test_dead_child_is_said_and_started_again_at_once(supervised: Supervised) -> None:
    supervised.start(KEEP)
    supervised.wait_for("child=b pid=")
    os.kill(supervised.pids("a")[0], signal.SIGKILL)

    seen = supervised.wait_for("child=a pid=", 2)

    assert "event=died child=a code=-9" in seen
    assert "restart_in_s=0.0" in seen


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_stops_every_child(supervised: Supervised, number: signal.Signals) -> None:
    process = supervised.start(KEEP)
    supervised.wait_for("child=b pid=")

    process.send_signal(number)

    assert process.wait(5) == 0
    assert "stopped cleanly" in supervised.log.read_text()
    assert all(gone(pid) for name in "ab" for pid in supervised.pids(name))


def test_child_that_does_not_stop_is_killed_by_a_second_signal(supervised: Supervised) -> None:
    process = supervised.start(
        """
        stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        stubborn += "print('deaf', flush=True);"
        supervisor = Supervisor([child("a", stubborn + "time.sleep(60)")])
        unblock_signals()
        supervisor.block_signals()
        supervisor.run()
        print("stopping", flush=True)
        supervisor.stop()
        """
    )
    supervised.wait_for("deaf")
    process.send_signal(signal.SIGINT)
    supervised.wait_for("stopping")
    process.send_signal(signal.SIGINT)

    assert process.wait(5) == 0
    assert "event=killed child=a" in supervised.log.read_text()


def test_child_that_dies_again_and_again_is_started_ever_more_slowly(supervised: Supervised) -> None:
    supervised.start(
        """
        supervisor = Supervisor([child("a", "raise SystemExit(3)")])
        unblock_signals()
        supervisor.block_signals()
        supervisor.run(until_s=time.monotonic() + 1.6)
        """
    )

    seen = supervised.wait_for("restart_in_s=2.0")

    delays = [line.rpartition("=")[2] for line in seen.splitlines() if "event=died" in line]
    assert delays == ["0.0", "1.0", "2.0"]


def test_child_that_cannot_start_ends_the_start(supervised: Supervised) -> None:
    process = supervised.start(
        """
        supervisor = Supervisor([child("a", "raise SystemExit(2)")])
        unblock_signals()
        supervisor.block_signals()
        try:
            supervisor.run()
        except ChildError as error:
            print("refused by", error, flush=True)
        """
    )

    assert process.wait(10) == 0
    assert "refused by a" in supervised.log.read_text()


def test_child_that_had_got_going_is_started_again_whatever_its_exit_code(supervised: Supervised) -> None:
    supervised.start(
        """
        hours = lambda: time.monotonic() * 3_600  # a second of this test is an hour of the child
        refused = child("a", "import time; time.sleep(0.05); raise SystemExit(2)")
        supervisor = Supervisor([refused], clock=hours)
        unblock_signals()
        supervisor.block_signals()
        supervisor.run()
        """
    )

    seen = supervised.wait_for("event=died child=a code=2", 2)

    assert "restart_in_s=0.0" in seen


def test_child_that_runs_once_is_not_started_again(supervised: Supervised) -> None:
    process = supervised.start(
        """
        supervisor = Supervisor([child("a", "pass", once=True)])
        unblock_signals()
        supervisor.block_signals()
        supervisor.run(until_s=time.monotonic() + 1.0)
        """
    )

    assert process.wait(10) == 0
    assert len(supervised.pids("a")) == 1


def test_child_ends_when_its_parent_is_killed(supervised: Supervised) -> None:
    process = supervised.start(
        """
        code = "from trueup.server.processes import die_with_parent; die_with_parent(%d);" % os.getpid()
        code += "import time; print('bound', flush=True); time.sleep(60)"
        supervisor = Supervisor([child("a", code)])
        unblock_signals()
        supervisor.block_signals()
        supervisor.run()
        """
    )
    supervised.wait_for("bound")

    process.kill()

    assert gone(supervised.pids("a")[0])

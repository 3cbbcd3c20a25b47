"""One engine a data directory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from trueup.store import lock
from trueup.store.lock import InUseError

START_US = 1_700_000_000_000_000


def test_second_taker_is_told_pid_and_start_of_the_first(tmp_path: Path) -> None:
    held = lock.take(tmp_path, START_US)

    with pytest.raises(InUseError, match=rf"pid {os.getpid()}, started 2023-11-14 22:13:20 UTC"):
        lock.take(tmp_path, START_US)
    held.release()


def test_released_lock_can_be_taken_again(tmp_path: Path) -> None:
    lock.take(tmp_path, START_US).release()

    lock.take(tmp_path, START_US).release()


def test_lock_of_a_killed_process_is_free_at_once(tmp_path: Path) -> None:
    code = (
        "import pathlib, sys, time; from trueup.store import lock\n"
        "held = lock.take(pathlib.Path(sys.argv[1]), 0); print('held', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
    with child:
        assert child.stdout is not None
        child.stdout.readline()
        with pytest.raises(InUseError, match=f"pid {child.pid}"):
            lock.take(tmp_path, START_US)
        child.kill()

    lock.take(tmp_path, START_US).release()


def test_child_that_was_handed_the_lock_keeps_it_when_the_parent_lets_go(tmp_path: Path) -> None:
    held = lock.take(tmp_path, START_US)
    child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=(held.fd,))
    held.release()

    with pytest.raises(InUseError):
        lock.take(tmp_path, START_US)

    child.communicate(b"")
    lock.take(tmp_path, START_US).release()


def test_lock_whose_note_is_unreadable_is_still_a_lock(tmp_path: Path) -> None:
    held = lock.take(tmp_path, START_US)
    (tmp_path / "lock").write_bytes(b"{")

    with pytest.raises(InUseError, match="its pid is not known yet"):
        lock.take(tmp_path, START_US)
    held.release()

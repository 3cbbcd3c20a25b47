"""A process of our own that is killed in the middle of its work."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection

Work = Callable[[Callable[[str], None], Callable[[str], None]], None]  # given: failpoint, acknowledge


@dataclass(frozen=True)
class Death:
    """At which passing of which failpoint the process kills itself."""

    name: str
    nth: int = 1


def run(work: Work, death: Death | None = None, *, kill_after: int | None = None) -> tuple[list[str], bool]:
    """Do some work in a process of its own; return what it acknowledged, and whether it was killed.

    It dies by SIGKILL at a failpoint, or from here as soon as it has acknowledged so many times.
    """
    connection.close()  # a handle must not be used on both sides of a fork
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _child(work, death, writing)
    os.close(writing)
    acknowledged: list[str] = []
    for line in _lines(reading):
        acknowledged.append(line)
        if len(acknowledged) == kill_after:
            os.kill(child, signal.SIGKILL)
    os.close(reading)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the process failed by itself"
    return acknowledged, os.WIFSIGNALED(status)


def _child(work: Work, death: Death | None, writing: int) -> None:
    passed = 0

    def failpoint(name: str) -> None:
        nonlocal passed
        if death is not None and name == death.name:
            passed += 1
            if passed == death.nth:
                os.kill(os.getpid(), signal.SIGKILL)

    def acknowledge(line: str) -> None:
        os.write(writing, f"{line}\n".encode())

    code = 1
    try:
        work(failpoint, acknowledge)
        code = 0
    finally:
        os._exit(code)


def _lines(reading: int) -> Iterator[str]:
    rest = b""
    while piece := os.read(reading, 65_536):
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line.decode() for line in whole)

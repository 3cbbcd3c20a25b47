"""Run a command and call its heartbeat: at the start, and at the end with its exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Sequence
from typing import Any

from trueup import conf
from trueup.cli.calling import store_call

_NOT_FOUND, _NOT_EXECUTABLE = 127, 126  # as shells have it
_SIGNALLED = 128
_PASSED_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)


def run_and_call(settings: conf.Settings, slug: str, command: Sequence[str], message: str) -> int:
    """Run a command and return its exit code (128 + n where signal n ended it).

    What the calls meet is said on stderr and keeps nothing from running: no backup is lost because of
    its monitoring.
    """
    run = str(uuid.uuid4())
    _call(settings, slug, "start", run=run)
    _let_go()
    code, said = _run(command)
    kind = "fail" if code else "success"
    _call(settings, slug, kind, run=run, exit_code=min(code, 255), message=message or said)
    return code


def _run(command: Sequence[str]) -> tuple[int, str]:
    """Return the exit code, and why it could not be run or what ended it, if so."""
    with _Signals() as signals:
        try:
            process = subprocess.Popen(list(command))  # noqa: S603 - it is what the caller wants to run
        except OSError as error:
            said = f"{command[0]} cannot be run: {os.strerror(error.errno or 0)}"
            print(f"trueup: {said}", file=sys.stderr)
            return (_NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_EXECUTABLE), said
        signals.pass_on_to(process)
        code = process.wait()
    return (code, "") if code >= 0 else (_SIGNALLED - code, f"ended by {signal.Signals(-code).name}")


class _Signals:
    """Sends the command the signals that are meant for it: its end is to be called, too."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []  # what came before there was a command
        self._before: dict[int, Any] = {}

    def __enter__(self) -> _Signals:
        self._before = {number: signal.signal(number, self._pass_on) for number in _PASSED_ON}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def pass_on_to(self, process: subprocess.Popen[bytes]) -> None:
        """Send a command what came, and what comes from now on."""
        self._process = process
        for number in self._early:
            process.send_signal(number)

    def _pass_on(self, number: int, _: object) -> None:
        if self._process is None:
            self._early.append(number)
        else:
            self._process.send_signal(number)


def _call(
    settings: conf.Settings,
    slug: str,
    kind: str,
    *,
    run: str,
    exit_code: int | None = None,
    message: str = "",
) -> None:
    from trueup.server.faults import explain

    try:
        store_call(settings, slug, kind, run=run, exit_code=exit_code, message=message)
    except Exception as error:  # noqa: BLE001 - whatever it is, the command comes first
        why = explain(error) or f"{type(error).__name__}: {error}"
        print(f"trueup: the call of {slug} ({kind}) is not stored: {why}", file=sys.stderr)


def _let_go() -> None:
    """Close the database while the command runs, which may take hours."""
    from django.conf import settings

    if settings.configured:
        from django.db import connections

        connections.close_all()

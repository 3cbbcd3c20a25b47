"""``trueup up``: one process that keeps the engine and the web server running and does the slow jobs."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence

from trueup import __version__
from trueup.conf import Settings
from trueup.jobs import Runner, of_default_database
from trueup.server import boot, start
from trueup.server.lock import DataLock
from trueup.server.processes import Child, ChildError, Supervisor
from trueup.server.web import claim_port, is_open, url

_READY_S = 15.0  # a web server that has not opened its port by then is worth a word
_LOOK_S = 0.05


def run(settings: Settings, *, migrate: bool, web: bool = True, beside: Sequence[Child] = ()) -> int:
    """Run until SIGINT or SIGTERM and return the exit code; ``beside`` are children of the caller's.

    Raises:
        StartError: People must mend something first; nothing was started.
    """
    boot.process("up" if web else "engine", settings)
    if web:
        claim_port(settings.listen)
    say(f"trueup {__version__}, data in {settings.data}")
    held = start.prepare(settings, allow_migrations=migrate, say=say)
    children = [*beside, _engine(held), *([_web()] if web else [])]
    supervisor = Supervisor(children)
    supervisor.block_signals()
    runner = of_default_database()
    try:
        return _watch(settings, supervisor, runner, web=web)
    except ChildError:
        return 2  # the child has said why
    finally:
        runner.stop()
        supervisor.stop()
        held.release()


def say(line: str) -> None:
    """Tell people what happens, on stdout."""
    print(line, flush=True)  # noqa: T201 (these lines are for the person who typed the command)


def _watch(settings: Settings, supervisor: Supervisor, runner: Runner, *, web: bool) -> int:
    supervisor.start()
    runner.start()
    if web:
        deadline_s = time.monotonic() + _READY_S
        while not is_open(settings.listen) and time.monotonic() < deadline_s:
            if supervisor.run(until_s=time.monotonic() + _LOOK_S):
                return 0
        say(f"page  {url(settings.listen)}")
        say(f"API   {url(settings.listen)}api/system/uptime/")
    say("watching; Ctrl-C stops everything")
    supervisor.run()
    say("stopping: results in flight are stored first")
    return 0


def _engine(held: DataLock) -> Child:
    fd = str(held.fd)
    argv = [sys.executable, "-m", "trueup.server.engine", "--parent", str(os.getpid()), "--lock-fd", fd]
    return Child("engine", argv, pass_fds=(held.fd,))


def _web() -> Child:
    return Child("web", [sys.executable, "-m", "trueup", "web", "--parent", str(os.getpid())])

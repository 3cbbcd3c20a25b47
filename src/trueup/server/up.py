"""``trueup up``: one process that keeps the engine and the web server running and does the slow jobs."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence

from trueup import __version__
from trueup.conf import Settings
from trueup.jobs import of_default_database
from trueup.server import boot, start
from trueup.server.faults import StartError
from trueup.server.processes import Child, ChildError, Supervisor
from trueup.server.voice import PRINT, Say
from trueup.server.web import claim_port, is_open, url

_READY_S = 15.0  # a web server that has not opened its port by then is worth a word
_LOOK_S = 0.05


def run(
    settings: Settings,
    *,
    migrate: bool,
    web: bool = True,
    say: Say = PRINT,
    beside: Sequence[Child] = (),
    first: Callable[[], None] = lambda: None,
) -> int:
    """Run until SIGINT or SIGTERM and return the exit code.

    Args:
        settings: Of this process; its children read the same environment.
        migrate: Whether the form of the database may be changed.
        web: Whether the page is served, too.
        say: Is told what people should know.
        beside: More children, started before the others.
        first: Called once the data directory is ours.

    Raises:
        StartError: People must mend something first; nothing was started.
    """
    if settings.testing:
        raise StartError("ENVIRONMENT=test: nothing is asked and nothing is kept. Unset it, and start again.")
    boot.process("up", settings)
    say(f"trueup {__version__}, data in {settings.data}", version=__version__, data=str(settings.data))
    with start.held(settings) as fd:
        if web:
            claim_port(settings.listen)
        first()
        start.prepare(settings, allow_migrations=migrate, say=say)
        return _supervise(settings, [*beside, _engine(fd), *([_web()] if web else [])], say, web=web)


def _supervise(settings: Settings, children: Sequence[Child], say: Say, *, web: bool) -> int:
    supervisor = Supervisor(children)
    supervisor.block_signals()
    runner = of_default_database()
    try:
        supervisor.start()
        runner.start()
        _forget_the_database()
        if not web or _announced(settings, supervisor, say):
            say("watching; Ctrl-C stops everything")
            supervisor.run()
        say("stopping: results in flight are stored first")
    except ChildError:
        return 2  # the child has said why
    finally:
        runner.stop()
        supervisor.stop()
    return 0


def _announced(settings: Settings, supervisor: Supervisor, say: Say) -> bool:
    """Say where the page is, once it is there; return False when told to stop before."""
    deadline_s = time.monotonic() + _READY_S
    while not is_open(settings.listen) and time.monotonic() < deadline_s:
        if supervisor.run(until_s=time.monotonic() + _LOOK_S):
            return False
    page = url(settings.listen)
    api = f"{page}api/system/uptime/"
    say(f"page  {page}\nAPI   {api}", page=page, api=api)
    return True


def _forget_the_database() -> None:
    """Close this thread's connection: it only waits from now on, and the jobs' thread has its own."""
    from django.db import connections

    connections.close_all()


def _engine(fd: int) -> Child:
    argv = [sys.executable, "-m", "trueup.server.engine", "--parent", str(os.getpid()), "--lock-fd", str(fd)]
    return Child("engine", argv, pass_fds=(fd,))


def _web() -> Child:
    return Child("web", [sys.executable, "-m", "trueup", "web", "--parent", str(os.getpid())])

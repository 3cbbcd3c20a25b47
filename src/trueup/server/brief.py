"""Work that needs much memory for a short time, in a process that ends with it."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from typing import ParamSpec, TypeVar, cast

from trueup.server.processes import die_with_parent

P = ParamSpec("P")
T = TypeVar("T")


def briefly(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what a function returns, or raise what it raises, having run it in a child process.

    What it returns and raises is pickled. No thread runs and no database is connected meanwhile: the
    child is a copy of this process. It ends with us, and where we are interrupted.

    Raises:
        RuntimeError: The child was killed.
    """
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe(duplex=False)
    # An interrupt between the fork and the wait would be lost in a hook of it, or would leave the child.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    child = fork.Process(target=_run, args=(theirs, os.getpid(), mask, partial(work, *args, **kwargs)))
    try:
        try:
            child.start()
            theirs.close()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)  # what was held back is raised here
        error, cause, result = ours.recv()
    except EOFError:
        child.join()
        raise RuntimeError(f"a child process was killed at its work (exit code {child.exitcode}).") from None
    except BaseException:
        if child.pid is not None:  # it could be started
            child.terminate()
        raise
    finally:
        if child.pid is not None:
            child.join()
        ours.close()
    if error is not None:
        raise error from cause  # which pickling would lose
    return cast("T", result)


def _run(answers: Connection, parent: int, mask: set[int], work: Callable[[], object]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to both, and ours is ended by us
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    die_with_parent(parent)
    error: Exception | None = None
    result: object = None
    try:
        result = work()
    except Exception as fault:  # noqa: BLE001 - it is raised where it was asked for
        error = fault
    answers.send((error, error.__cause__ if error else None, result))

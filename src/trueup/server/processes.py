"""Keep child processes running until told to stop; none of them outlives this one.

The main thread starts the children and waits in ``sigtimedwait``: it sleeps until a child ends, a
signal comes or a restart is due. (A child's death signal is bound to the thread that started it.)
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_WAITED = {*STOP_SIGNALS, signal.SIGCHLD}
_PR_SET_PDEATHSIG = 1
_GRACE_S = 8.0  # a child that has not stopped by then is killed
_START_S = 10.0  # a child that lived this long had got going: what ended it was no fault of the start
_CALM_S = 60.0  # a child that lived this long starts again without delay
_BACK_OFF_S = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)

log = logging.getLogger("trueup.server")


@dataclass(slots=True)
class Child:
    """One process to be kept running: ``argv``, started again when it dies unless ``once``."""

    name: str
    argv: Sequence[str]
    once: bool = False
    quiet: bool = False  # what it prints is not for people
    pass_fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started_s: float = field(default=0.0, init=False)
    due_s: float | None = field(default=0.0, init=False)  # when to start it; None: never
    deaths: int = field(default=0, init=False)

    @property
    def running(self) -> bool:
        """Return whether its process lives."""
        return self.process is not None and self.process.returncode is None


def die_with_parent(parent: int) -> None:
    """Have this process end with SIGTERM when its parent dies, or at once if it has already died."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit("the process that started this one is gone")


def unblock_signals() -> None:
    """Undo what a process inherits: a supervisor waits for its signals with them blocked.

    A shell starts what runs in the background with SIGINT ignored; ours is stopped by it nevertheless.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


class Supervisor:
    """Starts children in order, restarts them with back-off, stops them all."""

    def __init__(self, children: Sequence[Child], clock: Callable[[], float] = time.monotonic) -> None:
        """Take the children in the order of their start; ``clock`` gives monotonic seconds."""
        self._children = children
        self._clock = clock
        self._stopping = False

    def block_signals(self) -> None:
        """Hold signals back until ``run`` waits for them; call it before any thread is started."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _WAITED)

    def start(self) -> None:
        """Start every child that is due."""
        for child in self._children:
            if not child.running and child.due_s is not None and child.due_s <= self._clock():
                self._start(child)

    def run(self, *, until_s: float | None = None) -> bool:
        """Keep the children running; return True when asked to stop, False at ``until_s``.

        Raises:
            ChildError: A child said at its first start, by its exit code 2, that people must mend something.
        """
        while not self._stopping:
            self.start()
            wait_s = self._wait_s(until_s)
            if wait_s is not None and wait_s <= 0 and until_s is not None and self._clock() >= until_s:
                return False
            self._handle(_next_signal(wait_s))
        return True

    def stop(self) -> None:
        """Ask every child to stop, the last started first, and kill what is left after 8 s.

        Another SIGINT or SIGTERM during that time kills at once.
        """
        self._stopping = True
        for child in reversed(self._children):
            if child.running and child.process is not None:
                child.process.terminate()
        deadline_s = self._clock() + _GRACE_S
        while any(child.running for child in self._children):
            got = _next_signal(max(0.0, min(1.0, deadline_s - self._clock())))
            self._reap()
            if got in STOP_SIGNALS or self._clock() >= deadline_s:
                self._kill()

    def _start(self, child: Child) -> None:
        # Its own process group: Ctrl-C in a terminal comes to us alone, and we stop them in order.
        child.process = subprocess.Popen(  # noqa: S603 (our own command lines)
            child.argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if child.quiet else None,
            pass_fds=child.pass_fds,
            process_group=0,
        )
        child.started_s = self._clock()
        child.due_s = None
        log.debug("started", extra={"child": child.name, "pid": child.process.pid})

    def _wait_s(self, until_s: float | None) -> float | None:
        due = [child.due_s for child in self._children if child.due_s is not None]
        if until_s is not None:
            due.append(until_s)
        return max(0.0, min(due) - self._clock()) if due else None

    def _handle(self, got: int | None) -> None:
        if got in STOP_SIGNALS:
            self._stopping = True
        elif got == signal.SIGCHLD:
            self._reap()

    def _reap(self) -> None:
        for child in self._children:
            if child.running and child.process is not None and child.process.poll() is not None:
                self._died(child, child.process.returncode)

    def _died(self, child: Child, code: int) -> None:
        if self._stopping:
            return
        lived_s = self._clock() - child.started_s
        if code == 2 and child.deaths == 0 and lived_s < _START_S:
            raise ChildError(child.name)
        child.deaths = 1 if lived_s >= _CALM_S else child.deaths + 1
        if child.once:
            log.warning("ended", extra={"child": child.name, "code": code})
            return
        delay_s = _BACK_OFF_S[min(child.deaths, len(_BACK_OFF_S)) - 1]
        child.due_s = self._clock() + delay_s
        log.error(
            "died",
            extra={"child": child.name, "code": code, "lived_s": round(lived_s, 1), "restart_in_s": delay_s},
        )

    def _kill(self) -> None:
        for child in self._children:
            if child.running and child.process is not None:
                log.error("killed", extra={"child": child.name, "why": "it did not stop in time"})
                child.process.kill()
                child.process.wait()


class ChildError(Exception):
    """A child ended at its first start because people must mend something; it has said what."""


def _next_signal(timeout_s: float | None) -> int | None:
    if timeout_s is None:
        return signal.sigwait(_WAITED)
    got = signal.sigtimedwait(_WAITED, timeout_s)
    return None if got is None else got.si_signo

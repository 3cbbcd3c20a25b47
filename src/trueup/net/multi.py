"""The loop: libcurl's sockets, timers and calls from other threads on one epoll, in one thread."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import logging
import os
import select
import time
from collections import deque
from collections.abc import Callable

import pycurl

_log = logging.getLogger(__name__)

_NEVER = float("inf")
_EVENTS = {
    pycurl.POLL_IN: select.EPOLLIN,
    pycurl.POLL_OUT: select.EPOLLOUT,
    pycurl.POLL_INOUT: select.EPOLLIN | select.EPOLLOUT,
}
READ = select.EPOLLIN
_ANEW = select.EPOLLIN | select.EPOLLOUT | select.EPOLLET

Done = Callable[[int, str], None]


class Timer:
    """A call that waits for its instant."""

    __slots__ = ("fn", "when_s")

    def __init__(self, when_s: float, fn: Callable[[], object]) -> None:
        self.when_s = when_s
        self.fn: Callable[[], object] | None = fn

    def cancel(self) -> None:
        """Forget the call; do nothing when it was made."""
        self.fn = None


class Loop:
    """One thread's loop over libcurl transfers, timers and file descriptors.

    Everything but ``call_soon_threadsafe`` and ``stop`` belongs to the thread that runs it. It sleeps
    until there is work: an idle loop makes no wake-up.
    """

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._epoll.register(self._wake, select.EPOLLIN)
        self._known: set[int] = set()
        self._watched: dict[int, Callable[[], object]] = {}
        self._held: dict[int, Callable[[int], object]] = {}
        self._calls: deque[Callable[[], object]] = deque()
        self._awake = False  # someone has woken the loop, and it has not looked at the calls since
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._done: dict[pycurl.Curl, Done] = {}
        self._curl_due = _NEVER
        self._stopped = False
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._socket_wanted)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._timer_wanted)
        self._multi.setopt(pycurl.M_PIPELINING, 0)

    def call_at(self, when_s: float, fn: Callable[[], object]) -> Timer:
        """Call a function at an instant of ``time.monotonic``, in seconds."""
        timer = Timer(when_s, fn)
        heapq.heappush(self._timers, (when_s, next(self._order), timer))
        return timer

    def call_soon_threadsafe(self, fn: Callable[[], object]) -> None:
        """Call a function in the loop's thread as soon as it can, from any thread."""
        self._calls.append(fn)
        if not self._awake:  # asked after the call was left: a loop that has looked before is woken again
            self._awake = True
            with contextlib.suppress(OSError):  # a loop that was closed has no one to wake
                os.eventfd_write(self._wake, 1)

    def start(self, handle: pycurl.Curl, done: Done) -> None:
        """Begin a prepared transfer; ``done(code, message)`` is called when libcurl reports its end.

        A handle whose connection is kept (``CONNECT_ONLY``) stays in the loop after ``done(0, "")``;
        every handle is given back with ``remove``.
        """
        self._done[handle] = done
        self._multi.add_handle(handle)

    def remove(self, handle: pycurl.Curl) -> None:
        """End a transfer, finished or not, and close its connection."""
        if self._done.pop(handle, None) is not None:  # else it never began
            self._multi.remove_handle(handle)

    def watch(self, fd: int, fn: Callable[[], object]) -> None:
        """Call a function whenever a file descriptor can be read, until ``unwatch``."""
        self._watched[fd] = fn
        self._register(fd, READ)

    def unwatch(self, fd: int) -> None:
        """Stop watching a file descriptor."""
        if self._watched.pop(fd, None) is not None:
            self._forget(fd)

    def hold(self, fd: int, fn: Callable[[int], object]) -> None:
        """Call a function with epoll's bits each time a descriptor becomes readable or writable anew.

        It is called once for what has come: who does not read all of it waits in vain.
        """
        self._held[fd] = fn
        self._epoll.register(fd, _ANEW)

    def release(self, fd: int) -> None:
        """Let go of a descriptor that is closed at once: the kernel forgets it by itself."""
        del self._held[fd]

    def run(self) -> None:
        """Run until ``stop`` is called, from whichever thread."""
        while not self._stopped:
            self._turn(self._epoll.poll(self._patience()))

    def stop(self) -> None:
        """Make ``run`` return after the calls that wait, from any thread."""
        self.call_soon_threadsafe(self._stop)

    def close(self) -> None:
        """Close every connection and descriptor; the loop has been stopped before."""
        for handle in list(self._done):
            self.remove(handle)
        self._multi.close()
        wake, self._wake = self._wake, -1  # no one may wake whoever gets its number next
        os.close(wake)
        self._epoll.close()

    def _stop(self) -> None:
        self._stopped = True

    def _patience(self) -> float:
        if self._calls:
            return 0.0
        due = self._curl_due
        timers = self._timers
        while timers and timers[0][2].fn is None:  # most are cancelled before their time
            heapq.heappop(timers)
        if timers and timers[0][0] < due:
            due = timers[0][0]
        if due == _NEVER:
            return -1.0
        return max(0.0, due - time.monotonic())

    def _turn(self, events: list[tuple[int, int]]) -> None:
        action = self._multi.socket_action
        held = self._held
        for fd, event in events:
            if fd in held:
                try:
                    held[fd](event)
                except Exception:  # noqa: BLE001 - one fault must not end the loop of all
                    _log.exception("what a connection brought could not be handled")
            elif fd in self._watched:
                self._call(self._watched[fd])
            elif fd == self._wake:
                os.eventfd_read(fd)
            else:
                # libcurl's bits for readable, writable and error are epoll's 1, 4 and 8 in other places
                action(fd, (event & 1) | (event & 4) >> 1 | (event & 24 and 4))
        self._awake = False  # before the calls are looked at: what comes now wakes anew
        for _ in range(len(self._calls)):
            self._call(self._calls.popleft())
        now = time.monotonic()
        self._run_timers(now)
        if self._curl_due <= now:
            self._curl_due = _NEVER
            action(pycurl.SOCKET_TIMEOUT, 0)
        if self._done:
            self._report()

    def _run_timers(self, now: float) -> None:
        timers = self._timers
        while timers and timers[0][0] <= now:
            fn = heapq.heappop(timers)[2].fn
            if fn is not None:
                self._call(fn)

    def _report(self) -> None:
        while True:
            queued, good, bad = self._multi.info_read()
            for handle in good:
                self._finish(handle, 0, "")
            for handle, code, message in bad:
                self._finish(handle, code, message)
            if not queued:
                return

    def _finish(self, handle: pycurl.Curl, code: int, message: str) -> None:
        done = self._done.get(handle)
        if done is None:
            return
        try:
            done(code, message)
        except Exception:  # noqa: BLE001 - one fault must not end the loop of all
            _log.exception("a transfer's end could not be handled")

    def _call(self, fn: Callable[[], object]) -> None:
        try:
            fn()
        except Exception:  # noqa: BLE001 - the same
            _log.exception("a call in the network loop failed")

    def _socket_wanted(self, what: int, fd: int, _multi: object, _data: object) -> None:
        if what == pycurl.POLL_REMOVE:
            self._forget(fd)
        elif fd in self._known:  # as _register does; a call for each would cost every check three
            self._epoll.modify(fd, _EVENTS[what])
        else:
            self._known.add(fd)
            self._epoll.register(fd, _EVENTS[what])

    def _register(self, fd: int, events: int) -> None:
        if fd in self._known:
            self._epoll.modify(fd, events)
        else:
            self._known.add(fd)
            self._epoll.register(fd, events)

    def _forget(self, fd: int) -> None:
        if fd in self._known:
            self._known.remove(fd)
            try:  # noqa: SIM105 - contextlib.suppress costs a microsecond of every check
                self._epoll.unregister(fd)
            except OSError:
                pass  # closed before: the kernel has forgotten it

    def _timer_wanted(self, wait_ms: int) -> None:
        # libcurl must not be called from here: the turn that runs sees what is due at once
        self._curl_due = time.monotonic() + wait_ms / 1000 if wait_ms > 0 else _NEVER if wait_ms else 0.0

"""The steps between plain C and a whole check: ``python -m bench.ladder {bare,asker} PORT COUNT CONCURRENT``.

``bare`` is pycurl on an epoll loop and nothing else: no judged address, no header kept, no deadline of
ours. ``asker`` is what asks in the engine, without its plan, its judgement and its storage.
"""

from __future__ import annotations

import json
import resource
import select
import sys

import pycurl

from trueup.net.multi import Loop
from trueup.probes.ask import Answer, Asker
from trueup.probes.base import build

_EVENTS = {pycurl.POLL_IN: 1, pycurl.POLL_OUT: 4, pycurl.POLL_INOUT: 5}


class Bare:
    """As little as pycurl can be driven by."""

    def __init__(self, port: int, count: int) -> None:
        self._url = f"http://127.0.0.1:{port}/"
        self._left = count
        self._epoll = select.epoll()
        self._known: set[int] = set()
        self._due_ms = -1
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._socket_wanted)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._timer_wanted)

    def run(self, concurrent: int) -> None:
        """Ask until all have been answered."""
        for _ in range(concurrent):
            self._start(pycurl.Curl())
        running = concurrent
        while running:
            if self._due_ms == 0:
                self._due_ms = -1  # it is told anew where more is due
                self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
            for fd, event in self._epoll.poll(0 if self._due_ms == 0 else 0.1):
                self._multi.socket_action(fd, (event & 1) | (event & 4) >> 1)
            _, good, bad = self._multi.info_read()
            if bad:
                raise SystemExit(f"bench: {bad[0][2]}")
            running -= len(good)
            for handle in good:
                self._multi.remove_handle(handle)
                running += self._start(handle)

    def _start(self, handle: pycurl.Curl) -> bool:
        if not self._left:
            return False
        self._left -= 1
        handle.setopt(pycurl.URL, self._url)
        handle.setopt(pycurl.FORBID_REUSE, 1)
        handle.setopt(pycurl.WRITEFUNCTION, [].append)
        self._multi.add_handle(handle)
        return True

    def _socket_wanted(self, what: int, fd: int, _multi: object, _data: object) -> None:
        if what == pycurl.POLL_REMOVE:
            self._known.discard(fd)
            self._epoll.unregister(fd)
        elif fd in self._known:
            self._epoll.modify(fd, _EVENTS[what])
        else:
            self._known.add(fd)
            self._epoll.register(fd, _EVENTS[what])

    def _timer_wanted(self, wait_ms: int) -> None:
        self._due_ms = wait_ms


def bare(port: int, count: int, concurrent: int) -> None:
    """Ask with pycurl alone."""
    Bare(port, count).run(concurrent)


def asker(port: int, count: int, concurrent: int) -> None:
    """Ask as the engine does, each answer starting the next question."""
    loop = Loop()
    asks = Asker(loop)
    probe = build("http", f"http://127.0.0.1:{port}/", {})
    started = ended = 0

    def begin() -> None:
        nonlocal started
        started += 1
        asks.start(probe, 10.0, done)

    def done(answer: Answer) -> None:
        nonlocal ended
        ended += 1
        if answer.facts.failure is not None:
            raise SystemExit(f"bench: {answer.facts.failure}")
        if ended == count:
            loop.stop()
        elif started < count:
            begin()

    for _ in range(concurrent):
        loop.call_soon_threadsafe(begin)
    loop.run()
    asks.close()
    loop.close()


def main() -> None:
    """Run one step and print what it cost."""
    step = {"bare": bare, "asker": asker}[sys.argv[1]]
    port, count, concurrent = map(int, sys.argv[2:])
    before = resource.getrusage(resource.RUSAGE_SELF)
    step(port, count, concurrent)
    after = resource.getrusage(resource.RUSAGE_SELF)
    used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"cpu_us": used_s / count * 1e6}))


if __name__ == "__main__":
    main()

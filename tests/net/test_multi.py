"""The loop: timers in order, calls from other threads, and no wake-up without work."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial

import pycurl
import pytest
from tests.servers import Servers
from tests.servers.http import ok, silent

from trueup.net.multi import Loop


@pytest.fixture
def loop() -> Iterator[Loop]:
    running = Loop()
    yield running
    running.close()


def test_timers_run_in_their_order_and_not_before(loop: Loop) -> None:
    seen: list[tuple[str, float]] = []
    now = time.monotonic()

    def note(name: str) -> None:
        seen.append((name, time.monotonic() - now))

    for name, wait_s in (("c", 0.03), ("a", 0.01), ("b", 0.02)):
        loop.call_at(now + wait_s, partial(note, name))
    loop.call_at(now + 0.04, loop.stop)

    loop.run()

    assert [name for name, _ in seen] == ["a", "b", "c"]
    assert all(at >= wait_s for (_, at), wait_s in zip(seen, (0.01, 0.02, 0.03), strict=True))


def test_timers_of_one_instant_run_in_the_order_in_which_they_were_set(loop: Loop) -> None:
    seen: list[int] = []
    for number in range(5):
        loop.call_at(0.0, partial(seen.append, number))
    loop.call_at(0.0, loop.stop)

    loop.run()

    assert seen == [0, 1, 2, 3, 4]


def test_cancelled_timer_is_not_called(loop: Loop) -> None:
    seen: list[str] = []
    loop.call_at(0.0, lambda: seen.append("no")).cancel()
    loop.call_at(0.0, loop.stop)

    loop.run()

    assert seen == []


def test_other_threads_calls_are_made_in_the_loops_thread(loop: Loop) -> None:
    seen: list[int] = []
    runner = threading.Thread(target=loop.run)
    runner.start()

    for _ in range(100):
        loop.call_soon_threadsafe(lambda: seen.append(threading.get_ident()))
    loop.stop()
    runner.join()

    assert seen == [runner.ident] * 100


def test_call_that_fails_is_logged_and_ends_nothing(loop: Loop, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise ValueError("a fault")

    seen: list[str] = []
    loop.call_soon_threadsafe(fail)
    loop.call_at(0.0, fail)
    loop.call_at(0.0, lambda: seen.append("goes on"))
    loop.call_at(0.0, loop.stop)

    with caplog.at_level(logging.ERROR):
        loop.run()

    assert seen == ["goes on"]
    assert caplog.text.count("ValueError: a fault") == 2


def test_idle_loop_makes_no_wake_up(loop: Loop) -> None:
    runner = threading.Thread(target=loop.run)
    runner.start()
    waited = threading.Event()
    before = switches(runner)
    waited.wait(0.2)
    after = switches(runner)
    loop.stop()
    runner.join()

    assert after - before <= 1


def switches(thread: threading.Thread) -> int:
    """Return how often a thread has gone to sleep."""
    with open(f"/proc/self/task/{thread.native_id}/status") as status:  # noqa: PTH123
        return next(int(line.split()[1]) for line in status if line.startswith("voluntary_ctxt_switches"))


def test_transfer_ends_with_its_code(loop: Loop, servers: Servers) -> None:
    place, nothing = servers.start(ok()), servers.refusing()
    ends: dict[str, int] = {}
    handles = []
    for name, url in (("good", place.url()), ("bad", nothing.url())):
        handle = pycurl.Curl()
        handle.setopt(pycurl.URL, url)
        handle.setopt(pycurl.WRITEFUNCTION, len)

        def done(code: int, _message: str, name: str = name, handle: pycurl.Curl = handle) -> None:
            ends[name] = code
            loop.remove(handle)
            if len(ends) == 2:
                loop.stop()

        loop.call_soon_threadsafe(partial(loop.start, handle, done))
        handles.append(handle)

    loop.run()

    assert ends == {"good": 0, "bad": pycurl.E_COULDNT_CONNECT}


def test_removed_transfer_never_ends_and_its_connection_is_closed(loop: Loop, servers: Servers) -> None:
    place = servers.start(silent)
    handle = pycurl.Curl()
    handle.setopt(pycurl.URL, place.url())
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    ends: list[int] = []

    def take_away() -> None:
        if not place.taken:
            loop.call_at(time.monotonic() + 0.002, take_away)
            return
        loop.remove(handle)
        loop.call_at(time.monotonic() + 0.02, loop.stop)

    loop.call_soon_threadsafe(lambda: loop.start(handle, lambda code, _: ends.append(code)))
    loop.call_soon_threadsafe(take_away)
    loop.run()
    handle.close()

    assert ends == []
    servers.settle(lambda: len(os.listdir("/proc/self/fd")) <= before)  # noqa: PTH208


def test_watched_descriptor_is_told_until_it_is_not_watched(loop: Loop) -> None:
    reading, writing = os.pipe()
    seen: list[bytes] = []

    def read() -> None:
        seen.append(os.read(reading, 1))
        if len(seen) == 2:
            loop.unwatch(reading)
            loop.call_at(time.monotonic() + 0.01, loop.stop)

    loop.watch(reading, read)
    os.write(writing, b"abc")
    loop.run()
    os.close(reading)
    os.close(writing)

    assert seen == [b"a", b"b"]


def test_no_call_is_left_waiting_while_the_loop_empties_its_queue(loop: Loop) -> None:
    made = 0
    switch = sys.getswitchinterval()

    def count() -> None:
        nonlocal made
        made += 1
        if made == 4 * 2_000:
            loop.stop()

    def call() -> None:
        for _ in range(2_000):
            loop.call_soon_threadsafe(count)

    sys.setswitchinterval(1e-6)
    try:
        callers = [threading.Thread(target=call) for _ in range(4)]
        for caller in callers:
            caller.start()
        loop.run()  # the time-out of the test ends it where a wake-up was lost
    finally:
        sys.setswitchinterval(switch)
    for caller in callers:
        caller.join()

    assert made == 8_000

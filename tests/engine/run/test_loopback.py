"""The worker with the real loop, real sockets and the real clock, on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tests.engine.run.simulated import SECOND, uuid_of

from trueup.domain.expect import parse
from trueup.domain.result import FailureClass, Result, State
from trueup.engine.run.batch import unpack_batch
from trueup.engine.run.bus.local import LocalBus
from trueup.engine.run.clock import EngineClock
from trueup.engine.run.plan import Assignment
from trueup.engine.run.selfwatch import SelfWatch
from trueup.engine.run.worker import EngineWorker
from trueup.net.multi import Loop
from trueup.probes.ask import Asker
from trueup.probes.base import build

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"


class Targets:
    """A web server on loopback whose paths answer, wait a little, or never answer."""

    def __init__(self) -> None:
        self.broken = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._call(asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1_000))
        self._open: set[asyncio.StreamWriter] = set()
        self.port: int = self._server.sockets[0].getsockname()[1]

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def close(self) -> None:
        async def end() -> None:
            self._server.close()
            for writer in list(self._open):
                writer.close()
            await asyncio.sleep(0.02)

        self._call(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _call(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(5)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                path = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1]
                if path.startswith(b"/hang"):
                    await reader.read()  # until the other side gives up
                elif not self.broken:
                    await asyncio.sleep(0.3 if path.startswith(b"/slow") else 0)
                    writer.write(ANSWER)
                    await writer.drain()
        finally:
            self._open.discard(writer)
            writer.close()


class Engine:
    """A worker on its thread, as a process of the product has it."""

    def __init__(self, witnesses: Sequence[str] = ()) -> None:
        self.wall_moved_us = 0
        self.loop = Loop()
        self.asker = Asker(self.loop)
        self.clock = EngineClock(wall_us=lambda: time.time_ns() // 1000 + self.wall_moved_us)
        self.bus = LocalBus()
        self.watch = SelfWatch(
            lambda: witnesses, asks=self.asker, timers=self.loop, clock=self.clock, explicit=True
        )
        self.worker = EngineWorker(
            asks=self.asker, timers=self.loop, bus=self.bus, clock=self.clock, selfwatch=self.watch
        )
        self.worker.start()
        self._thread = threading.Thread(target=self.loop.run, daemon=True)
        self._thread.start()

    def wake_ups(self) -> int:
        """Return how often the loop's thread has gone to sleep."""
        status = Path(f"/proc/self/task/{self._thread.native_id}/status").read_text()
        return int(status.split("\nvoluntary_ctxt_switches:")[1].split()[0])

    def until(self, enough, patience_s: float = 10) -> list[Result]:
        """Collect results until there are enough of them."""
        found: list[Result] = []
        end_s = time.monotonic() + patience_s
        while not enough(found):
            delivery = self.bus.results(max(0.0, end_s - time.monotonic()))
            assert delivery is not None, f"not enough after {patience_s} s: {found}"
            found += unpack_batch(delivery.payload)
            delivery.ack()
        return found

    def stop(self, grace_s: float = 5) -> list[Result]:
        """Stop and return what was left."""
        self.worker.stop(grace_s).result(grace_s + 5)
        self.bus.close()
        found: list[Result] = []
        while (delivery := self.bus.results()) is not None:
            found += unpack_batch(delivery.payload)
            delivery.ack()
        return found

    def close(self) -> None:
        self.loop.stop()
        self._thread.join(5)
        self.asker.close()
        self.loop.close()


@pytest.fixture
def targets() -> Iterator[Targets]:
    served = Targets()
    yield served
    served.close()


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.close()


def web(series: int, url: str, interval_s: float = 1, timeout_s: float = 1, **options: object) -> Assignment:
    return Assignment(
        series=series,
        uuid=uuid_of(series),
        probe=build("http", url, options),
        interval_us=int(interval_s * SECOND),
        timeout_us=int(timeout_s * SECOND),
        expect=(parse("status == 200"),),
    )


def test_targets_that_hang_delay_no_good_check(targets: Targets, engine: Engine):
    good = [web(n, targets.url(f"good/{n}"), interval_s=2) for n in range(80)]
    hanging = [web(100 + n, targets.url(f"hang/{n}"), interval_s=2, timeout_s=2) for n in range(20)]
    engine.worker.set_assignments([*good, *hanging])
    results = engine.until(lambda found: len([r for r in found if r.series < 100]) >= 5 * 80, 20)
    vitals = engine.worker.vitals()  # before the end, which counts what still waits as missed
    results += engine.stop(0.1)

    assert {r.state for r in results if r.series < 100} == {State.UP}
    assert {r.cause for r in results if r.series >= 100} == {FailureClass.TIMEOUT}
    for series in range(80):
        slots = sorted(r.slot for r in results if r.series == series and r.number == 0)
        assert len(slots) >= 3
        assert {b - a for a, b in itertools.pairwise(slots)} == {2}
    assert vitals.missed == 0


def test_an_outage_is_seen_from_the_first_failure_to_the_first_good_answer(targets: Targets, engine: Engine):
    engine.worker.set_assignments([web(1, targets.url(""), interval_s=60, timeout_s=5)])
    before = engine.until(lambda found: found)
    targets.broken = True
    engine.worker.ask([1])
    failed = engine.until(lambda found: len(found) >= 2)
    targets.broken = False
    after = engine.until(lambda found: any(r.state is State.UP for r in found))

    assert [r.state for r in before] == [State.UP]
    assert {r.state for r in failed} == {State.DOWN}
    assert 900_000 <= failed[1].asked_us - failed[0].answered_us <= 2_000_000
    assert failed[0].before is not None
    assert failed[0].before.key == before[0].key
    assert failed[0].before.detail is not None
    assert failed[0].before.detail.body_head == b"ok\n"
    assert failed[0].detail is not None
    assert failed[0].detail.address == "127.0.0.1"
    assert next(r for r in after if r.state is State.UP).detail is not None


@pytest.mark.parametrize("moved_s", [3_600, -3_600])
def test_wall_that_steps_an_hour_with_probes_in_flight_loses_none(
    targets: Targets, engine: Engine, moved_s: int
):
    engine.worker.set_assignments([web(n, targets.url(f"slow/{n}"), 2, 2) for n in range(6)])
    first = engine.until(lambda found: len(found) >= 8)
    engine.worker.ask(range(6))
    while engine.worker.vitals().in_flight < 2:
        time.sleep(0.01)
    engine.wall_moved_us = moved_s * SECOND
    second = engine.until(lambda found: len([r for r in found if r.state is State.UP]) >= 12)
    results = [*first, *second, *engine.stop()]

    assert len(results) == engine.worker.vitals().started == engine.worker.vitals().answered
    assert len({r.key for r in results}) == len(results)
    assert {r.state for r in results} <= {State.UP, State.UNKNOWN}
    assert {r.cause for r in results if r.state is State.UNKNOWN} == {FailureClass.WITHDRAWN}
    assert {r.epoch for r in results} == ({0} if moved_s > 0 else {0, 1})
    stepped = results[-1].asked_us - first[0].asked_us
    assert abs(stepped - max(0, moved_s) * SECOND) < 30 * SECOND
    for series in range(6):
        asked = [r.asked_us for r in results if r.series == series]
        assert asked == sorted(asked)


def test_results_in_flight_at_the_end_are_stored(targets: Targets, engine: Engine):
    engine.worker.set_assignments([web(n, targets.url("slow"), interval_s=3_600) for n in range(5)])
    engine.worker.ask([0, 1, 2, 3, 4])
    while engine.worker.vitals().in_flight < 5:
        time.sleep(0.01)

    assert len([r for r in engine.stop() if r.state is State.UP]) == 5


@contextlib.contextmanager
def deaf(host: str) -> Iterator[tuple[int, socket.socket]]:
    """Listen, but let no one in any more: what is sent there stays unanswered."""
    with socket.socket() as listener, contextlib.ExitStack() as stack:
        listener.bind((host, 0))
        listener.listen(0)
        place = listener.getsockname()
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(place)
        yield place[1], listener


def test_a_failure_is_withdrawn_when_the_named_witness_falls_silent(targets: Targets):
    with deaf("127.0.0.9") as (port, listener):
        listener.listen(50)  # for now it hears
        engine = Engine([f"127.0.0.9:{port}"])
        try:
            targets.broken = True
            engine.worker.set_assignments([web(1, targets.url(""), interval_s=3_600, timeout_s=5)])
            heard = engine.until(lambda found: found)
            listener.listen(0)
            with contextlib.ExitStack() as stack:
                for _ in range(60):
                    waiting = stack.enter_context(socket.socket())
                    waiting.setblocking(False)
                    waiting.connect_ex(("127.0.0.9", port))
                silent = engine.until(lambda found: any(r.state is State.UNKNOWN for r in found))
        finally:
            engine.close()

    assert [r.state for r in heard] == [State.DOWN]
    assert silent[-1].cause is FailureClass.WITHDRAWN
    assert engine.watch.rounds >= 2


def test_an_idle_engine_sleeps(targets: Targets, engine: Engine):
    engine.worker.set_assignments([web(1, targets.url(""), interval_s=86_400)])
    engine.until(lambda found: found)
    time.sleep(0.05)  # what follows an answer is done by now
    before = engine.wake_ups()
    for _ in range(20):
        time.sleep(0.05)

    assert engine.wake_ups() - before <= 1

"""The writer stores what the bus brings, whatever the database does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import cast

import pytest

from trueup.domain.record import pack
from trueup.domain.result import Result, State
from trueup.engine.centre.ingest import Centre, NotStoredError, Taken
from trueup.engine.run.batch import pack_batch
from trueup.engine.run.bus.local import LocalBus
from trueup.server.writer import Turns, Writer

NOW_US = 1_700_000_000_000_000


class ScriptedCentre:
    """Takes batches as a script says: an exception is raised, None takes the batch."""

    def __init__(self, *script: Exception | None) -> None:
        self.script = list(script)
        self.taken: list[str] = []
        self.ticks = 0
        self.idle = threading.Event()

    def take(self, msg_id: str, results: Sequence[Result], now_us: int, records: bytes) -> Taken:
        assert records == pack(results)
        step = self.script.pop(0) if self.script else None
        if step is not None:
            raise step
        self.taken.append(msg_id)
        self.idle.set()
        return Taken(results=len(results))

    def tick(self, now_us: int) -> int | None:
        self.ticks += 1
        return None

    def take_calls(self, now_us: int) -> int:
        return 0

    def reload(self, now_us: int) -> bool:
        return True


class Bench:
    """A writer in its thread."""

    def __init__(self, centre: ScriptedCentre, sign: Callable[[], None] = lambda: None) -> None:
        self.bus = LocalBus()
        self.writer = Writer(self.bus, cast("Centre", centre), now_us=lambda: NOW_US, sign=sign)
        self.thread = threading.Thread(target=self.writer.run)
        self.thread.start()

    def put(self, *names: str) -> None:
        result = Result(1, NOW_US // 1_000_000, 0, 0, NOW_US, 1000, State.UP)
        for name in names:
            assert self.bus.put_result(name, pack_batch([result]))

    def end(self) -> None:
        self.bus.close()
        self.writer.stop()
        self.thread.join(10)
        assert not self.thread.is_alive()


class Deaf(ScriptedCentre):
    """Cannot take calls, by a fault of ours."""

    def take_calls(self, now_us: int) -> int:
        raise ValueError("a call that nobody understands")


def test_call_that_cannot_be_taken_in_keeps_no_batch_from_being_stored(
    caplog: pytest.LogCaptureFixture,
) -> None:
    centre = Deaf()
    bench = Bench(centre)

    bench.put("a")
    bench.end()

    assert centre.taken == ["a"]
    assert "calls of heartbeats cannot be taken in" in caplog.messages


def test_batches_are_stored_in_their_order_and_then_acknowledged() -> None:
    centre = ScriptedCentre()
    bench = Bench(centre)

    bench.put("a", "b", "c")
    bench.end()

    assert centre.taken == ["a", "b", "c"]
    assert bench.bus.lag().batches == 0


def test_batch_that_the_database_refuses_waits_and_is_stored_later(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    centre = ScriptedCentre(NotStoredError("the disk is full"), NotStoredError("the disk is full"))
    bench = Bench(centre)

    bench.put("a", "b")
    assert centre.idle.wait(5)
    bench.end()

    assert centre.taken == ["a", "b"]
    said = [record.message for record in caplog.records if record.name == "trueup.engine"]
    assert said == [
        "results are not stored; they wait in memory and probing goes on",
        "the database takes results again",
    ]


def test_batch_that_fails_by_a_fault_of_ours_is_tried_thrice_and_given_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    centre = ScriptedCentre(KeyError("x"), KeyError("x"), KeyError("x"))
    bench = Bench(centre)

    bench.put("poison", "b")
    bench.end()

    assert centre.taken == ["b"]
    assert [record.message for record in caplog.records][-1] == "a batch is given up: its time is unknown"


def test_damaged_batch_does_not_stop_the_others() -> None:
    centre = ScriptedCentre()
    bench = Bench(centre)
    good = pack_batch([Result(1, NOW_US // 1_000_000, 0, 0, NOW_US, 1000, State.UP)])

    bench.bus.put_result("damaged", good + b"\xc1 no notes")
    bench.put("b")
    bench.end()

    assert centre.taken == ["b"]


def test_stop_waits_only_so_long_for_a_database_that_does_not_come_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    centre = ScriptedCentre(*[NotStoredError("gone")] * 1000)
    bench = Bench(centre)
    bench.put("a")

    begun_s = time.monotonic()
    bench.end()

    assert time.monotonic() - begun_s < 30  # not for its thousand attempts
    assert caplog.records[-1].message == "results are lost: the database does not take them"


def test_process_signs_at_its_start_and_not_with_every_batch() -> None:
    signs: list[int] = []
    bench = Bench(ScriptedCentre(), lambda: signs.append(1))

    bench.put(*"abcdef")
    bench.end()

    assert signs == [1]


def test_fault_of_the_ticker_is_waited_out_too() -> None:
    class Tired(ScriptedCentre):
        def tick(self, now_us: int) -> int | None:
            if super().tick(now_us) is None and self.ticks < 3:
                raise NotStoredError("locked")
            return None

    centre = Tired()
    bench = Bench(centre)
    bench.put("a")
    assert centre.idle.wait(5)
    bench.end()

    assert centre.taken == ["a"]


class Work:
    """A clock that work moves on, and who slept by it."""

    def __init__(self) -> None:
        self.at_s = 1_000.0
        self.slept_s: list[float] = []

    def sleep(self, length_s: float) -> None:
        self.slept_s.append(length_s)
        self.at_s += length_s

    def do(self, turns: Turns, pieces: int, piece_s: float) -> None:
        for _ in range(pieces):
            self.at_s += piece_s
            turns()


def test_loop_has_its_turn_again_and_again_while_the_writer_works() -> None:
    work = Work()

    work.do(Turns(LocalBus(), clock=lambda: work.at_s, sleep=work.sleep), 1_000, 0.00005)  # 50 ms of work

    assert 20 < len(work.slept_s) < 40


def test_writer_that_waited_does_not_wait_again() -> None:
    work = Work()

    work.do(Turns(LocalBus(), clock=lambda: work.at_s, sleep=work.sleep), 100, 0.01)  # each by the database

    assert work.slept_s == []


def test_loop_waits_for_the_writer_once_too_much_is_not_stored() -> None:
    work = Work()
    bus = LocalBus()
    for name in "abcdef":
        bus.put_result(name, pack_batch([]))

    work.do(Turns(bus, clock=lambda: work.at_s, sleep=work.sleep), 1_000, 0.00005)

    assert work.slept_s == []

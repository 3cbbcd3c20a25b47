"""The bytes in which results travel, and what a bus does with them."""

from __future__ import annotations

import struct
import threading
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.run.simulated import EPOCH_US, check

from trueup.domain import record
from trueup.domain.result import Certificate, Detail, FailureClass, Phases, Result, State
from trueup.domain.text import Text
from trueup.engine.run.batch import Packing, count, message_id, pack_batch, results_of, unpack_batch
from trueup.engine.run.bus.base import Fire
from trueup.engine.run.bus.local import LocalBus

LEAF = Certificate("CN=a", "CN=b", ("a.example", "b.example"), 1, 2, "ab" * 32, 2)
SLOT = EPOCH_US // 1_000_000


def result(series: int = 1, number: int = 0, state: State = State.UP, **more: object) -> Result:
    return Result(
        series,
        SLOT,
        number,
        3,
        EPOCH_US + 25_000,
        1_234_567,
        state,
        status=200,
        phases=Phases(dns_us=None, connect_us=2, tls_us=3, wait_us=4),
        **more,  # type: ignore[arg-type]
    )


BEFORE = result(number=4, detail=Detail("192.0.2.1", None, LEAF, "cd" * 32, b"ok"))
FAILED = result(
    number=5,
    state=State.DOWN,
    cause=FailureClass.REFUSED,
    detail=Detail("192.0.2.1", Text("refused", {"peer": "192.0.2.1 port 80", "waited_us": 12, "x": None})),
    before=BEFORE,
)

texts = st.builds(
    Text,
    st.text(max_size=8),
    st.dictionaries(
        st.text(max_size=5), st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text()
    ),
)
details = st.builds(
    Detail,
    address=st.text(max_size=20),
    text=st.none() | texts,
    certificate=st.none() | st.just(LEAF),
    body_sha256=st.sampled_from(("", "ef" * 32)),
    body_head=st.binary(max_size=40),
    picture=st.binary(max_size=40),
)


def results(before: st.SearchStrategy) -> st.SearchStrategy:
    ms = st.integers(0, 10**6)
    phase = st.none() | st.integers(0, 2**32 - 2)
    return st.builds(
        lambda series, slot, offset_ms, **rest: Result(
            series=series, slot=slot, asked_us=slot * 1_000_000 + offset_ms * 1000, **rest
        ),
        series=st.integers(0, 2**32 - 1),
        slot=st.integers(0, 2**32 - 1),
        offset_ms=ms,
        number=st.integers(0, 255),
        epoch=st.integers(0, 255),
        duration_us=st.integers(0, 2**32 - 1),
        state=st.sampled_from(State),
        cause=st.none() | st.sampled_from(FailureClass),
        status=st.integers(0, 65_535),
        phases=st.builds(Phases, phase, phase, phase, phase),
        detail=st.none() | details,
        before=before,
    )


@given(st.lists(results(st.none() | results(st.none())), max_size=6))
def test_what_is_packed_comes_out_the_same(batch):
    payload = pack_batch(batch)

    assert unpack_batch(payload) == batch
    assert count(payload) == len(batch)


def test_the_bytes_of_a_batch_are_these():
    payload = pack_batch([result(), FAILED])

    assert payload.hex() == (
        "015100000001"
        "0100000000d2496b1900000087d61200ffffffff020000000300000004000000c800000003000000"
        "0100000000d2496b1900000087d61200ffffffff020000000300000004000000c800050003000202"
        "919401"
        "96a93139322e302e322e3192a77265667573656483a470656572b13139322e302e322e3120706f7274203830"
        "a97761697465645f75730ca178c0c0a0c400c400"
        "c429010100000000d2496b1900000087d61200ffffffff020000000300000004000000c800040003000000"
        "96a93139322e302e322e31c097a4434e3d61a4434e3d6292a9612e6578616d706c65a9622e6578616d706c650102"
        "d940" + "6162" * 32 + "02d940" + "6364" * 32 + "c4026f6bc400"
    )


def test_detail_without_the_members_that_came_later_is_read():
    batch = [replace(FAILED, before=None)]
    payload = pack_batch(batch)

    assert unpack_batch(payload.replace(b"\xc4\x00\xc4\x00", b"\xc4\x00").replace(b"\x96", b"\x95")) == batch


def test_results_without_evidence_cost_only_their_records():
    assert len(pack_batch([result()] * 100)) == 100 * record.SIZE + 6


@pytest.mark.parametrize("failed", [15, 16, 65_536])  # where MessagePack begins an array in another way
def test_a_batch_holds_as_many_results_with_evidence_as_come(failed: int):
    some = [result(place) if place == 3 else replace(FAILED, series=place) for place in range(failed + 1)]

    assert unpack_batch(pack_batch(some)) == some


def test_a_result_that_cannot_be_packed_leaves_no_trace_in_its_batch():
    packing = Packing()
    packing.add(FAILED)
    with pytest.raises(struct.error):
        packing.add(replace(FAILED, series=-1))
    packing.add(result(2))

    assert unpack_batch(packing.payload()) == [FAILED, result(2)]


def test_results_are_read_one_by_one_as_they_are_wanted():
    payload = pack_batch([FAILED, result(2)])

    assert next(results_of(payload)) == FAILED


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"", "version nothing"),
        (b"\x07rest", "version 7 cannot be read"),
        (b"\x01\x00", "cut"),
        (pack_batch([result()])[:-1], "cut"),
        (struct.pack("<BI", 1, 1) + b"\x09", "records of version 9"),
        (pack_batch([result()]) + b"\xff", "damaged"),
        (pack_batch([]) + pack_batch([FAILED])[6 + record.SIZE :], "damaged"),
    ],
)
def test_a_damaged_batch_is_refused_with_a_reason(payload: bytes, said: str):
    with pytest.raises(ValueError, match=said):
        unpack_batch(payload)


def test_message_id_names_region_start_and_sequence():
    assert message_id("local", 1_800, 7) == "local:1800:7"


def test_a_batch_comes_again_until_it_is_acknowledged():
    bus = LocalBus()
    bus.put_result("a:1:1", pack_batch([result()]))
    bus.put_result("a:1:2", pack_batch([result(), result(2)]))
    first = bus.results()
    again = bus.results()
    assert first is not None
    assert again is not None

    assert first.msg_id == again.msg_id == "a:1:1"
    assert bus.lag()[:2] == (2, 3)
    assert bus.lag().bytes == len(first.payload) + len(pack_batch([result(), result(2)]))

    first.ack()
    again.ack()
    second = bus.results()

    assert second is not None
    assert second.msg_id == "a:1:2"
    second.ack()
    assert bus.lag() == (0, 0, 0, 0)
    assert bus.results(0) is None


def test_a_full_bus_refuses_at_once_and_keeps_what_it_has():
    payload = pack_batch([result()] * 10)
    bus = LocalBus(room=2 * len(payload))

    assert [bus.put_result(f"a:1:{n}", payload) for n in range(4)] == [True, True, False, False]

    delivery = bus.results()
    assert delivery is not None
    delivery.ack()

    assert delivery.msg_id == "a:1:0"
    assert bus.put_result("a:1:9", payload)


def test_the_same_message_put_twice_is_one():
    bus = LocalBus()
    for _ in range(2):
        assert bus.put_result("a:1:1", pack_batch([result()]))

    assert bus.lag().batches == 1


def test_a_batch_larger_than_all_room_still_fits_an_empty_bus():
    assert LocalBus(room=1).put_result("a:1:1", pack_batch([result()]))


def test_closing_gives_what_is_left_and_then_wakes_who_waits():
    bus = LocalBus()
    bus.put_result("a:1:1", pack_batch([result()]))
    bus.close()
    left = bus.results()
    assert left is not None
    left.ack()

    assert bus.results() is None
    assert bus.closed
    assert not bus.put_result("a:1:2", pack_batch([result()]))


def test_results_pass_between_two_threads_in_order():
    bus, seen = LocalBus(), []

    def centre() -> None:
        while (delivery := bus.results()) is not None:
            seen.append(delivery.msg_id)
            delivery.ack()

    thread = threading.Thread(target=centre)
    thread.start()
    for n in range(200):
        bus.put_result(f"a:1:{n}", pack_batch([result()]))
    bus.close()
    thread.join(5)

    assert seen == [f"a:1:{n}" for n in range(200)]


def test_assignments_reach_who_comes_before_and_who_comes_after():
    bus, early, late = LocalBus(), list[object](), list[object]()
    bus.config(early.append)
    bus.assign([check(1)])
    bus.config(late.append)

    assert early == late == [[check(1)]]


def test_a_call_reaches_the_probes():
    bus, fires = LocalBus(), list[Fire]()
    bus.fires(fires.append)
    bus.ask([3, 4])

    assert fires == [Fire((3, 4), "ask")]

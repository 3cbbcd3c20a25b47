"""A day of results as bytes: nothing is lost, and what was written years ago is read the same."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trueup.domain.record import ABSENT, Row
from trueup.store import blocks, column

U16, U32 = st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1)


@st.composite
def days(draw: st.DrawFn) -> list[Row]:
    """Return results in the order in which they were asked, of slots as irregular as may be."""
    slots = draw(st.lists(U32, max_size=20))
    found = [
        Row(
            asked_ms=slot * 1_000 + draw(st.integers(-5_000, 5_000)),
            epoch=draw(U16),
            slot=slot,
            number=draw(U16),
            state=draw(st.integers(0, 4)),
            cause=draw(st.integers(0, 15)),
            status=draw(U16),
            duration_us=draw(U32),
            dns_us=draw(st.just(ABSENT) | U32),
            connect_us=draw(st.just(ABSENT) | U32),
            tls_us=draw(st.just(ABSENT) | U32),
            wait_us=draw(st.just(ABSENT) | U32),
        )
        for slot in slots
    ]
    return blocks.merge(found)


@given(days())
def test_what_is_packed_comes_back(day: list[Row]) -> None:
    packed = blocks.pack(day)

    assert blocks.unpack(packed) == day
    assert blocks.answers(packed) == (
        [row.state for row in day],
        [row.asked_ms for row in day],
        [row.duration_us for row in day],
    )


@given(days(), st.data())
def test_cut_block_is_refused(day: list[Row], data: st.DataObject) -> None:
    packed = blocks.pack(day)
    cut = packed[: data.draw(st.integers(0, len(packed) - 1))]

    with pytest.raises(ValueError, match=r"cut|version|damaged|holds"):
        blocks.unpack(cut)


@given(st.lists(st.integers(0, 2**64), max_size=300))
def test_any_numbers_come_back_from_a_column(numbers: list[int]) -> None:
    assert column.unpack(column.pack(numbers), len(numbers)) == numbers


def test_changed_interval_inside_a_day_keeps_every_instant() -> None:
    day = [row(slot) for slot in (0, 60, 120, 130, 140, 143, 86_399)]

    assert blocks.unpack(blocks.pack(day)) == day


def test_merging_again_changes_nothing_and_the_first_source_counts() -> None:
    stored, again = [row(60), row(120)], [row(120, state=2), row(0), row(60, state=2)]

    merged = blocks.merge(stored, again)

    assert merged == [row(0), row(60), row(120)]
    assert blocks.merge(merged, again, stored) == merged


def test_day_of_a_steady_check_costs_ten_bytes_a_result() -> None:
    rng = random.Random(1)
    day = [
        row(slot, duration_us=wait + 400, connect_us=rng.randrange(150, 400), wait_us=wait)
        for slot in range(0, 86_400, 60)
        for wait in [int(rng.lognormvariate(9, 0.4))]
    ]

    assert len(blocks.pack(day)) <= 10 * len(day)


def test_form_of_version_1_is_for_ever() -> None:
    assert blocks.unpack(GOLDEN) == GOLDEN_ROWS
    assert blocks.pack(GOLDEN_ROWS) == GOLDEN


@pytest.mark.parametrize(("form", "words"), [(b"", "version nothing"), (b"\x02\x00", "version 2")])
def test_other_version_is_refused(form: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        blocks.unpack(form)


def row(slot: int, **more: int) -> Row:
    fields = {
        "asked_ms": slot * 1_000 + 25,
        "epoch": 0,
        "slot": slot,
        "number": 0,
        "state": 0,
        "cause": 0,
        "status": 200,
        "duration_us": 1_000,
        "dns_us": ABSENT,
        "connect_us": 200,
        "tls_us": ABSENT,
        "wait_us": 500,
    }
    return Row(**{**fields, **more})


GOLDEN_ROWS = [
    row(1_766_863_800),
    row(1_766_863_860, state=2, cause=5, status=0, duration_us=10_000_000, connect_us=ABSENT, wait_us=ABSENT),
    row(1_766_863_860, asked_ms=1_766_863_871_030, number=1, epoch=2, dns_us=70, tls_us=900, wait_us=2_000),
]
GOLDEN = bytes.fromhex(
    "0103060000030002000e010201000003ff3c00ddb1a0a503090000033232ffadaa010e04000308000800033eff3ee990"
    "2606000003000001060000030000020600000300050009020201000003320032060000030a000f070102010002012307"
    "0202010002013207040201040201380a0400020803000225ff10"
)

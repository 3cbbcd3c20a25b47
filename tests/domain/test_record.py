"""One result in forty bytes: nothing is lost, and what was written years ago is read the same."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trueup.domain import record
from trueup.domain.result import FailureClass, Phases, Result, State

U16, U32 = st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1)
LENGTHS = st.none() | st.integers(0, 2**32 - 2)

UP = Result(7, 1_766_863_800, 0, 3, 1_766_863_800_025_000, 1_234_567, State.UP, None, 200, Phases(1, 2, 3, 4))
DOWN = Result(
    8, 1_766_863_801, 5, 65_535, 1_766_863_800_999_000, 0, State.DOWN, FailureClass.REFUSED, 0, Phases()
)
GOLDEN = bytes.fromhex(
    "01"
    "07000000 b8335069 19000000 87d61200 01000000 02000000 03000000 04000000 c800 0000 0300 00 00"
    "08000000 b9335069 ffffffff 00000000 ffffffff ffffffff ffffffff ffffffff 0000 0500 ffff 02 02"
)


@st.composite
def results(draw: st.DrawFn) -> Result:
    slot = draw(U32)
    offset_ms = draw(st.integers(-(2**31), 2**31 - 1))
    return Result(
        series=draw(U32),
        slot=slot,
        number=draw(U16),
        epoch=draw(U16),
        asked_us=slot * 1_000_000 + offset_ms * 1_000,
        duration_us=draw(U32.filter(lambda value: value != record.ABSENT)),
        state=draw(st.sampled_from(State)),
        cause=draw(st.none() | st.sampled_from(FailureClass)),
        status=draw(U16),
        phases=Phases(*(draw(LENGTHS) for _ in range(4))),
    )


@given(st.lists(results(), max_size=8))
def test_what_is_packed_comes_back(some: list[Result]) -> None:
    packed = record.pack(some)

    assert len(packed) == 1 + record.SIZE * len(some)
    assert list(record.unpack(packed)) == some
    assert list(record.series_of(packed)) == [one.series for one in some]


def test_form_of_version_1_is_for_ever() -> None:
    assert record.pack([UP, DOWN]) == GOLDEN
    assert list(record.unpack(GOLDEN)) == [UP, DOWN]


def test_codes_of_states_and_causes_are_for_ever() -> None:
    assert [state.value for state in record.STATES] == ["up", "degraded", "down", "unknown", "paused"]
    assert [cause and cause.value for cause in record.CAUSES] == [
        None, "dns", "refused", "reset", "unreachable", "timeout", "tls", "protocol", "too_large", "redirect",
        "expectation", "guard", "late", "local", "withdrawn", "internal", "reported",
    ]  # fmt: skip
    assert set(record.CAUSES) == {None, *FailureClass}


def test_rows_of_other_series_are_passed_over() -> None:
    assert [series for series, _ in record.rows(GOLDEN, {8})] == [8]


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"", "version nothing"),
        (b"\x02" + GOLDEN[1:], "version 2"),
        (GOLDEN[:-1], "no multiple of 40"),
    ],
)
def test_what_cannot_be_read_is_refused(payload: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        list(record.unpack(payload))


def test_measure_beyond_all_reason_is_kept_as_near_as_it_can_be() -> None:
    odd = dataclasses.replace(UP, duration_us=2**40, status=-1, phases=Phases(-5, None, 2**33, 4))

    (kept,) = record.unpack(record.pack([odd]))

    assert (kept.duration_us, kept.status) == (2**32 - 2, 0)
    assert kept.phases == Phases(0, None, 2**32 - 2, 4)

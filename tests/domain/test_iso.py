"""Instants as trueup writes them are read and written as ``datetime`` would, only faster."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trueup.domain import iso
from trueup.domain.node import DocumentError, Node

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FIRST = (datetime.min.replace(tzinfo=UTC) - EPOCH) // MICROSECOND
LAST = (datetime.max.replace(tzinfo=UTC) - EPOCH) // MICROSECOND
INSTANTS = st.integers(FIRST, LAST)


@given(INSTANTS)
@example(FIRST)
@example(LAST)
@example(-1)
def test_an_instant_is_written_as_datetime_writes_it(at_us: int) -> None:
    known = (EPOCH + at_us * MICROSECOND).replace(tzinfo=None).isoformat()

    assert iso.written(at_us) == f"{known}Z"


@given(INSTANTS)
@example(FIRST)
@example(LAST)
@example(-1)
def test_what_is_written_is_read_again(at_us: int) -> None:
    assert iso.read(iso.written(at_us)) == at_us


@pytest.mark.parametrize("at_us", [FIRST - 1, LAST + 1])
def test_there_is_nothing_before_the_year_1_or_after_9999(at_us: int) -> None:
    with pytest.raises(OverflowError):
        iso.written(at_us)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-03-01",
        "2026-03-01T12:00:00",
        "2026-03-01 12:00:00Z",
        "2026-03-01T12:00:00z",
        "2026-03-01T12:00:00+00:00",
        "2026-03-01T12:00:00.5Z",
        "2026-03-01T12:00:00.1234567Z",
        "2026-03-01T12:00:00,123456Z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T12:60:00Z",
        "2026-03-01T12:00:60Z",
        "2026-02-30T12:00:00Z",
        "0000-01-01T00:00:00Z",
        "+026-03-01T12:00:00Z",
        "2026-W09-7T12:00:00Z",
        "\uff12026-03-01T12:00:00Z",
        "2026-03-01T1\uff12:00:00Z",
        "2026-03-01T12:00:00.12345\uff16Z",
        "2026-03-01T12:00:00.12345²Z",
        "2026-03-01T12:00:00Z\n",
    ],
)
def test_every_other_form_is_left_to_the_calendar(text: str) -> None:
    assert iso.read(text) is None


@given(st.text(alphabet="0123456789-:TZ.+ ²", max_size=28))
def test_nothing_is_read_that_datetime_would_read_otherwise(text: str) -> None:
    found = iso.read(text)

    if found is not None:
        assert EPOCH + found * MICROSECOND == datetime.fromisoformat(text)


@pytest.mark.parametrize(
    "text", ["2026-02-30T12:00:00Z", "2026-03-01T12:00:60Z", "2026-03-01T12:00:00.12345²Z"]
)
def test_an_instant_that_is_none_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(DocumentError, match="is no instant with a zone"):
        Node(text, ("window", "start")).instant_us()

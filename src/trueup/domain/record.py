"""One result in 40 bytes: the form in which results travel and wait for their block."""

from __future__ import annotations

import struct
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import NamedTuple

from trueup.domain.result import Detail, FailureClass, Phases, Result, State

VERSION = 1
# Series, slot, offset in ms (before its slot, if negative), duration, four phases, status, number, epoch,
# state, cause. Little endian, no padding.
_FORM = struct.Struct("<IIiIIIIIHHHBB")
SIZE = _FORM.size
_SERIES = struct.Struct(f"<I{SIZE - 4}x")
ABSENT = 0xFFFFFFFF  # a phase the probe does not have

# The order is the format: codes are for ever, new ones are appended.
STATES = (State.UP, State.DEGRADED, State.DOWN, State.UNKNOWN, State.PAUSED)
CAUSES: tuple[FailureClass | None, ...] = (
    None,
    FailureClass.DNS,
    FailureClass.REFUSED,
    FailureClass.RESET,
    FailureClass.UNREACHABLE,
    FailureClass.TIMEOUT,
    FailureClass.TLS,
    FailureClass.PROTOCOL,
    FailureClass.TOO_LARGE,
    FailureClass.REDIRECT,
    FailureClass.EXPECTATION,
    FailureClass.GUARD,
    FailureClass.LATE,
    FailureClass.LOCAL,
    FailureClass.WITHDRAWN,
    FailureClass.INTERNAL,
    FailureClass.REPORTED,
)
_STATE_CODE = {state: code for code, state in enumerate(STATES)}
_CAUSE_CODE = {cause: code for code, cause in enumerate(CAUSES)}
_GOOD = (_STATE_CODE[State.UP], _CAUSE_CODE[None])


def pack(results: Iterable[Result]) -> bytes:
    """Return the packed form of many results: a version byte, then fixed-size records."""
    return bytes([VERSION]) + b"".join(map(packed, results))


def unpack(payload: bytes) -> Iterator[Result]:
    """Yield the results of a packed form; details are not part of it.

    Raises:
        ValueError: The version is not known or the length is not whole.
    """
    return map(read, fields(payload))


class Row(NamedTuple):
    """A result's numbers without its series; rows sort in the order in which they were asked."""

    asked_ms: int
    epoch: int
    slot: int
    number: int
    state: int  # index of STATES
    cause: int  # index of CAUSES
    status: int
    duration_us: int
    dns_us: int  # ABSENT without that phase, as the three below
    connect_us: int
    tls_us: int
    wait_us: int


def rows(payload: bytes, series: Container[int] | None = None) -> Iterator[tuple[int, Row]]:
    """Yield series and numbers of each result of a packed form; of some series only, if these are given.

    Raises:
        ValueError: The version is not known or the length is not whole.
    """
    for record in fields(payload):
        if series is not None and record[0] not in series:
            continue
        one, slot, offset_ms, duration_us, dns, connect, tls, wait, status, number, epoch, state, cause = (
            record
        )
        asked_ms = slot * 1_000 + offset_ms
        yield (
            one,
            Row(asked_ms, epoch, slot, number, state, cause, status, duration_us, dns, connect, tls, wait),
        )


def fields(payload: bytes) -> Iterator[tuple[int, ...]]:
    """Yield each record of a packed form as its numbers, for ``read``.

    Raises:
        ValueError: The version is not known or the length is not whole.
    """
    if not payload or payload[0] != VERSION:
        found = payload[0] if payload else "nothing"
        raise ValueError(f"records of version {found} cannot be read: this program knows version {VERSION}.")
    if (len(payload) - 1) % SIZE:
        raise ValueError(
            f"{len(payload) - 1} bytes of records are no multiple of {SIZE}: the payload is cut."
        )
    return _FORM.iter_unpack(memoryview(payload)[1:])


def read(record: tuple[int, ...], detail: Detail | None = None, before: Result | None = None) -> Result:
    """Return the result of one record, with what did not travel in it."""
    series, slot, offset_ms, duration_us, dns, connect, tls, wait, status, number, epoch, state, cause = (
        record
    )
    return Result(
        series,
        slot,
        number,
        epoch,
        (slot * 1_000 + offset_ms) * 1_000,
        duration_us,
        STATES[state],
        CAUSES[cause],
        status,
        Phases(
            None if dns == ABSENT else dns,
            None if connect == ABSENT else connect,
            None if tls == ABSENT else tls,
            None if wait == ABSENT else wait,
        ),
        detail,
        before,
    )


def one(packed: bytes) -> Result:
    """Return the result of one record without a version."""
    return read(_FORM.unpack(packed))


def series_of(payload: bytes) -> Iterator[int]:
    """Yield the series of each result of a packed form, in order: record by record, nothing else read."""
    return (fields[0] for fields in _SERIES.iter_unpack(memoryview(payload)[1:]))


def result(series: int, row: Row) -> Result:
    """Return the result that a row stands for."""
    asked_ms, epoch, slot, number, state, cause, status, duration_us, *phases = row
    return Result(
        series=series,
        slot=slot,
        number=number,
        epoch=epoch,
        asked_us=asked_ms * 1_000,
        duration_us=duration_us,
        state=STATES[state],
        cause=CAUSES[cause],
        status=status,
        phases=Phases(*(None if value == ABSENT else value for value in phases)),
    )


def packed(result: Result) -> bytes:
    """Return the record of one result, without a version."""
    key = (result.series, result.slot, result.number, result.epoch)
    codes = (_STATE_CODE[result.state], _CAUSE_CODE[result.cause])
    return _packed(key, result.asked_us, result.duration_us, result.status, result.phases, codes)


def packed_good(
    key: tuple[int, int, int, int], asked_us: int, duration_us: int, status: int, phases: Phases
) -> bytes:
    """Return what ``packed`` makes of a result that is up; its key is (series, slot, number, epoch)."""
    return _packed(key, asked_us, duration_us, status, phases, _GOOD)


def _packed(
    key: tuple[int, int, int, int],
    asked_us: int,
    duration_us: int,
    status: int,
    phases: Phases,
    codes: tuple[int, int],
) -> bytes:
    series, slot, number, epoch = key
    dns_us, connect_us, tls_us, wait_us = phases.dns_us, phases.connect_us, phases.tls_us, phases.wait_us
    fields = (
        series,
        slot,
        (asked_us - slot * 1_000_000) // 1000,
        duration_us,
        ABSENT if dns_us is None else dns_us,
        ABSENT if connect_us is None else connect_us,
        ABSENT if tls_us is None else tls_us,
        ABSENT if wait_us is None else wait_us,
        status,
        number,
        epoch,
        *codes,
    )
    try:
        return _FORM.pack(*fields)
    except struct.error:
        return _FORM.pack(*fields[:3], *_fitted(fields[3:9]), *fields[9:])


def _fitted(fields: Sequence[int]) -> Iterator[int]:
    """Yield the measures of a result as near as the form can hold them.

    A measure beyond all reason must not keep the results beside it from being stored.
    """
    *lengths, status = fields
    for length in lengths:
        yield length if length == ABSENT else min(max(length, 0), ABSENT - 1)
    yield min(max(status, 0), 0xFFFF)

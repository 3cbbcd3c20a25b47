"""One result in 38 bytes: the form in which results travel and wait for their block."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from trueup.domain.result import FailureClass, Phases, Result, State

VERSION = 1
_FORM = struct.Struct("<IIIIIIIIHBBBB")  # little endian, no padding
SIZE = _FORM.size
_ABSENT = 0xFFFFFFFF  # a phase the probe does not have

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
)
_STATE_CODE = {state: code for code, state in enumerate(STATES)}
_CAUSE_CODE = {cause: code for code, cause in enumerate(CAUSES)}


def pack(results: Iterable[Result]) -> bytes:
    """Return the packed form of many results: a version byte, then fixed-size records."""
    return bytes([VERSION]) + b"".join(map(_pack, results))


def unpack(payload: bytes) -> Iterator[Result]:
    """Yield the results of a packed form; details are not part of it.

    Raises:
        ValueError: The version is not known or the length is not whole.
    """
    if not payload or payload[0] != VERSION:
        found = payload[0] if payload else "nothing"
        raise ValueError(f"records of version {found} cannot be read: this program knows version {VERSION}.")
    if (len(payload) - 1) % SIZE:
        raise ValueError(f"{len(payload) - 1} bytes of records are no multiple of {SIZE}: the payload is cut.")
    for fields in _FORM.iter_unpack(memoryview(payload)[1:]):
        yield _result(fields)


def _pack(result: Result) -> bytes:
    phases = result.phases
    return _FORM.pack(
        result.series,
        result.slot,
        (result.asked_us - result.slot * 1_000_000) // 1000,
        result.duration_us,
        _ABSENT if phases.dns_us is None else phases.dns_us,
        _ABSENT if phases.connect_us is None else phases.connect_us,
        _ABSENT if phases.tls_us is None else phases.tls_us,
        _ABSENT if phases.wait_us is None else phases.wait_us,
        result.status,
        result.number,
        result.epoch,
        _STATE_CODE[result.state],
        _CAUSE_CODE[result.cause],
    )


def _result(fields: tuple[int, ...]) -> Result:
    series, slot, offset_ms, duration_us, dns, connect, tls, wait, status, number, epoch, state, cause = fields
    phases = (None if value == _ABSENT else value for value in (dns, connect, tls, wait))
    return Result(
        series=series,
        slot=slot,
        number=number,
        epoch=epoch,
        asked_us=slot * 1_000_000 + offset_ms * 1000,
        duration_us=duration_us,
        state=STATES[state],
        cause=CAUSES[cause],
        status=status,
        phases=Phases(*phases),
    )

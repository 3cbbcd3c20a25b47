"""The results of one series and UTC day, packed by columns (version 1).

A version byte, the number of results, then thirteen columns, each after its length so that it can be
skipped: state, asked (as slot and offset), duration and so on. Results stand in the order in which they
were asked. What a phase leaves over is stored instead of the wait, which is the longest noise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from trueup.domain.record import ABSENT, Row
from trueup.store import column
from trueup.store.histogram import put_varint

VERSION = 1
DAY_US = 86_400_000_000
_PHASES_FROM = 9  # the first column that not every result has


class Answers(NamedTuple):
    """Of every result of a block, in order: what latency figures need."""

    states: list[int]  # indices of domain.record.STATES
    asked_ms: list[int]
    duration_us: list[int]


def merge(*parts: Iterable[Row]) -> list[Row]:
    """Return the rows of several sources in order, each key once: the first source's counts."""
    found: dict[tuple[int, int, int], Row] = {}
    for part in parts:
        for row in part:
            found.setdefault(row[1:4], row)
    return sorted(found.values())


def pack(rows: Sequence[Row]) -> bytes:
    """Return the packed form of one series' rows, which are in order."""
    out = bytearray([VERSION])
    put_varint(out, len(rows))
    for numbers in _columns(rows):
        packed = column.pack(numbers)
        put_varint(out, len(packed))
        out += packed
    return bytes(out)


def unpack(packed: bytes) -> list[Row]:
    """Return the rows of a packed form.

    Raises:
        ValueError: The version is not known, or the form is damaged.
    """
    count, columns = _read(packed, 13)
    states, slots, offsets, durations, numbers, epochs, causes, statuses, masks, *phases = columns
    slots = _slots(slots)
    asked = _asked(slots, offsets)
    dns, connect, tls, rest = (_spread(values, masks, bit) for bit, values in enumerate(phases))
    known = [(_zeroed(values)) for values in (dns, connect, tls)]
    wait = [
        ABSENT if left == ABSENT else duration - a - b - c - ((left >> 1) ^ -(left & 1))
        for duration, a, b, c, left in zip(durations, *known, rest, strict=True)
    ]
    fields = (asked, epochs, slots, numbers, states, causes, statuses, durations, dns, connect, tls, wait)
    return list(map(Row._make, zip(*fields, strict=True))) if count else []


def answers(packed: bytes) -> Answers:
    """Return states, instants and durations only: a fifth of the work of ``unpack``.

    Raises:
        ValueError: The version is not known, or the form is damaged.
    """
    _, (states, slots, offsets, durations) = _read(packed, 4)
    return Answers(states, _asked(_slots(slots), offsets), durations)


def _columns(rows: Sequence[Row]) -> Iterator[Sequence[int]]:
    if not rows:
        yield from [()] * 13
        return
    asked, epochs, slots, numbers, states, causes, statuses, durations, *phases = zip(*rows, strict=True)
    yield states
    yield [slots[0], *_zigzag([after - before for before, after in pairwise(slots)])]
    yield _zigzag([ms - slot * 1_000 for ms, slot in zip(asked, slots, strict=True)])
    yield durations
    yield numbers
    yield epochs
    yield causes
    yield statuses
    yield _masks(phases)
    for values in phases[:3]:
        yield [value for value in values if value != ABSENT]
    known = [_zeroed(values) for values in phases]
    rests = [duration - a - b - c - d for duration, a, b, c, d in zip(durations, *known, strict=True)]
    yield _zigzag([rest for rest, wait in zip(rests, phases[3], strict=True) if wait != ABSENT])


def _masks(phases: Sequence[Sequence[int]]) -> list[int]:
    """Return which phases each result has, a bit each, dns the lowest."""
    masks = [0] * len(phases[0])
    for bit, values in enumerate(phases):
        add = 1 << bit
        if ABSENT not in values:
            masks = [mask | add for mask in masks]
        else:
            masks = [
                mask if value == ABSENT else mask | add for mask, value in zip(masks, values, strict=True)
            ]
    return masks


def _read(packed: bytes, wanted: int) -> tuple[int, list[list[int]]]:
    if not packed or packed[0] != VERSION:
        found = packed[0] if packed else "nothing"
        raise ValueError(f"a block of version {found} cannot be read: this program knows version {VERSION}.")
    reader = column.Reader(packed)
    reader.take(1)
    count = reader.varint()
    columns: list[list[int]] = []
    for index in range(wanted):
        length = count
        if index >= _PHASES_FROM:  # these hold only the results that have that phase
            bit = index - _PHASES_FROM
            length = sum(mask >> bit & 1 for mask in columns[_PHASES_FROM - 1])
        columns.append(column.unpack(reader.take(reader.varint()), length))
    return count, columns


def _slots(stored: list[int]) -> list[int]:
    return list(accumulate(stored[:1] + _signed(stored[1:])))


def _asked(slots: list[int], offsets: list[int]) -> list[int]:
    return [slot * 1_000 + offset for slot, offset in zip(slots, _signed(offsets), strict=True)]


def _spread(values: list[int], masks: list[int], bit: int) -> list[int]:
    """Put the values of a phase at the results that have it."""
    if len(values) == len(masks):
        return values
    following = iter(values)
    return [next(following) if mask >> bit & 1 else ABSENT for mask in masks]


def _zeroed(values: Sequence[int]) -> Sequence[int]:
    return [0 if value == ABSENT else value for value in values] if ABSENT in values else values


def _zigzag(numbers: Sequence[int]) -> list[int]:
    """Make signed numbers unsigned, small ones staying small."""
    return [number << 1 if number >= 0 else ~(number << 1) for number in numbers]


def _signed(numbers: Sequence[int]) -> list[int]:
    return [(number >> 1) ^ -(number & 1) for number in numbers]

"""Latencies counted in buckets that grow by 2^(1/32): small, exact to merge, right within 1.1 %."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction

_VERSION = 1
_STEPS = 32  # buckets from one latency to twice it


def count(latencies_us: Iterable[int]) -> Counter[int]:
    """Return how many latencies fall into each bucket."""
    log2 = math.log2
    return Counter(int(log2(latency_us) * _STEPS) if latency_us > 0 else 0 for latency_us in latencies_us)


def pack(buckets: Counter[int]) -> bytes:
    """Return the stored form: a version byte, then the distance to the last bucket and the count of each."""
    out = bytearray([_VERSION])
    previous = 0
    for bucket in sorted(buckets):
        if buckets[bucket]:
            put_varint(out, bucket - previous)
            put_varint(out, buckets[bucket])
            previous = bucket
    return bytes(out)


def unpack(stored: bytes) -> Counter[int]:
    """Return the buckets of a stored form; an empty one holds nothing.

    Raises:
        ValueError: The version is not known or the form is cut.
    """
    found: Counter[int] = Counter()
    if not stored:
        return found
    if stored[0] != _VERSION:
        raise ValueError(f"a histogram of version {stored[0]} cannot be read: this is version {_VERSION}.")
    numbers = varints(stored, 1)
    bucket = 0
    for distance in numbers:
        bucket += distance
        number = next(numbers, None)
        if number is None:
            raise ValueError("a histogram ends in the middle of a bucket: it is cut.")
        found[bucket] = number
    return found


def percentile(buckets: Counter[int], ratio: Fraction) -> int | None:
    """Return the latency, in microseconds, that a part of all stays at or under; None without any.

    The value is the middle of its bucket: at most 1.1 % off.
    """
    rank = math.ceil(buckets.total() * ratio)
    for bucket in sorted(buckets):
        rank -= buckets[bucket]
        if rank <= 0:
            return round(2 ** ((bucket + 0.5) / _STEPS))
    return None


def put_varint(out: bytearray, value: int) -> None:
    """Append a number that is not negative, seven bits a byte, the lowest first."""
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)


def varints(stored: bytes, start: int) -> Iterator[int]:
    """Yield the numbers of ``put_varint`` from an offset to the end.

    Raises:
        ValueError: The last one is cut.
    """
    value = shift = 0
    for byte in memoryview(stored)[start:]:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield value
            value = shift = 0
    if shift:
        raise ValueError("packed numbers end in the middle of one: the form is cut.")

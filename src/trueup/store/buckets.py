"""How many good answers of a series fell into each latency bucket, ever: what a metric counts."""

from __future__ import annotations

import struct
from bisect import bisect_left
from dataclasses import dataclass, field

BOUNDS_US = (
    1_000,
    2_500,
    5_000,
    10_000,
    25_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
)  # upper ends, inclusive; one more bucket holds what is above the last
_VERSION = 1
_FORM = struct.Struct(f"<B{len(BOUNDS_US) + 1}IQ")


@dataclass(slots=True)
class Buckets:
    """Counts by bucket, not yet added up, and the sum of all latencies."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_US) + 1))
    sum_us: int = 0

    def add(self, latency_us: int) -> None:
        """Count one latency."""
        self.counts[bisect_left(BOUNDS_US, latency_us)] += 1
        self.sum_us += latency_us

    def pack(self) -> bytes:
        """Return the stored form: a version byte, the counts, the sum."""
        return _FORM.pack(_VERSION, *self.counts, self.sum_us)


def unpack(stored: bytes) -> Buckets:
    """Return the buckets of a stored form; an empty one holds nothing yet.

    Raises:
        ValueError: The version is not known or the length is wrong.
    """
    if not stored:
        return Buckets()
    if stored[0] != _VERSION or len(stored) != _FORM.size:
        raise ValueError(
            f"latency buckets of version {stored[0]} and {len(stored)} bytes cannot be read: "
            f"this program knows version {_VERSION} of {_FORM.size} bytes."
        )
    _, *counts, sum_us = _FORM.unpack(stored)
    return Buckets(list(counts), sum_us)

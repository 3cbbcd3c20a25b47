"""Latencies by bucket: small, exact to merge, never far from the truth."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trueup.store import buckets, histogram

LATENCIES = st.lists(st.integers(1, 2**32 - 1), min_size=1, max_size=60)


@given(LATENCIES)
def test_histogram_comes_back(latencies_us: list[int]) -> None:
    counted = histogram.count(latencies_us)

    assert histogram.unpack(histogram.pack(counted)) == counted


@given(LATENCIES, LATENCIES)
def test_days_are_merged_exactly(one: list[int], other: list[int]) -> None:
    assert histogram.count(one) + histogram.count(other) == histogram.count(one + other)


@given(st.lists(st.integers(100, 2**32 - 1), min_size=1, max_size=60), st.integers(1, 100))
def test_percentile_is_within_two_percent(latencies_us: list[int], percent: int) -> None:
    ratio = Fraction(percent, 100)
    exact = sorted(latencies_us)[math.ceil(len(latencies_us) * ratio) - 1]

    found = histogram.percentile(histogram.count(latencies_us), ratio)

    assert found == pytest.approx(exact, rel=0.02)


def test_nothing_has_no_percentile() -> None:
    assert histogram.percentile(Counter(), Fraction(1, 2)) is None
    assert histogram.unpack(b"") == Counter()


def test_form_of_the_histogram_of_version_1_is_for_ever() -> None:
    stored = bytes.fromhex("01 00 02 df02 03 20 ac02")

    assert histogram.unpack(stored) == {0: 2, 351: 3, 383: 300}
    assert histogram.pack(Counter({0: 2, 351: 3, 383: 300})) == stored


@pytest.mark.parametrize(
    ("stored", "words"), [("02", "version 2"), ("0105", "middle of a bucket"), ("0185", "middle of one")]
)
def test_histogram_that_cannot_be_read_is_refused(stored: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        histogram.unpack(bytes.fromhex(stored))


def test_latency_on_the_upper_end_of_a_bucket_is_in_it() -> None:
    found = buckets.Buckets()
    for latency_us in (1_000, 1_001, 2_500, 10_000_001):
        found.add(latency_us)

    assert found.counts == [1, 2, *[0] * 11, 1]
    assert found.sum_us == 10_004_502


def test_form_of_the_buckets_of_version_1_is_for_ever() -> None:
    stored = b"\x01" + b"".join(count.to_bytes(4, "little") for count in range(14)) + b"\x2a" + bytes(7)

    assert buckets.unpack(stored) == buckets.Buckets(list(range(14)), 42)
    assert buckets.unpack(stored).pack() == stored
    assert buckets.unpack(b"") == buckets.Buckets()


@pytest.mark.parametrize("stored", [b"\x02", b"\x01" + bytes(63)])
def test_buckets_that_cannot_be_read_are_refused(stored: bytes) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        buckets.unpack(stored)

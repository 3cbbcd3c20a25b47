"""How long good answers took: exact for a day or two, from histograms for more.

A window of up to two days is read from the samples. A longer one takes whole days from their histograms
(at most 1.1 % off) and reads samples only where a day is cut or its results are still in the journal.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from trueup.domain.record import STATES, Row
from trueup.store import blocks, histogram
from trueup.store.blocks import DAY_US
from trueup.store.models import Block
from trueup.store.read.samples import tail
from trueup.store.standing import ANSWERS

_EXACT_US = 2 * DAY_US
_GOOD = frozenset(STATES.index(state) for state in ANSWERS)


class Latency(NamedTuple):
    """The good answers of one series in a window."""

    answers: int
    percentiles_us: tuple[int | None, ...]  # for each ratio that was asked, None without an answer
    exact: bool


def latencies(
    series: Collection[int], start_us: int, end_us: int, ratios: Sequence[Fraction]
) -> dict[int, Latency]:
    """Return how long the good answers to probes asked in ``[start_us, end_us)`` took, by series.

    Args:
        series: Of which series, by id.
        start_us: Microseconds UTC.
        end_us: Microseconds UTC.
        ratios: Which percentiles; ``Fraction(95, 100)`` is the latency that 95 % stay at or under.
    """
    single, whole = _gathered(series, start_us, end_us)
    return {one: _latency(single[one], whole[one], ratios) for one in series}


def together(
    groups: Mapping[str, Collection[int]], start_us: int, end_us: int, ratios: Sequence[Fraction]
) -> dict[str, Latency]:
    """Return the same for groups of series, by name: of all answers of a group, each counted once."""
    single, whole = _gathered({one for group in groups.values() for one in group}, start_us, end_us)
    return {
        name: _latency(
            [took_us for one in group for took_us in single[one]],
            sum((whole[one] for one in group), Counter()),
            ratios,
        )
        for name, group in groups.items()
    }


def _gathered(
    series: Collection[int], start_us: int, end_us: int
) -> tuple[dict[int, list[int]], dict[int, Counter[int]]]:
    """Return by series the latencies that are known one by one, and those that are counted in buckets."""
    waiting: dict[tuple[int, int], list[Row]] = {}
    for one, row in tail(series):  # before the blocks: what is moved in between is then met twice
        waiting.setdefault((one, row.asked_ms * 1_000 // DAY_US), []).append(row)
    exact = end_us - start_us <= _EXACT_US
    single: dict[int, list[int]] = {one: [] for one in series}
    whole: dict[int, Counter[int]] = {one: Counter() for one in series}
    for one, day, packed, stored in _days(series, start_us, end_us):
        first_us = day * DAY_US
        cut = first_us < start_us or end_us < first_us + DAY_US
        rows = waiting.pop((one, day), [])
        if packed is not None and (exact or cut or rows):
            single[one] += _good(packed, rows, start_us, end_us)
        elif packed is None and cut:
            continue  # the samples are gone: a part of that day cannot be told any more
        else:
            whole[one] += histogram.unpack(stored)
    for (one, _), rows in waiting.items():
        single[one] += _good(b"", rows, start_us, end_us)
    return single, whole


def _days(
    series: Collection[int], start_us: int, end_us: int
) -> Iterator[tuple[int, int, bytes | None, bytes]]:
    """Yield series, day, samples and histogram of each block of the window."""
    found = Block.objects.filter(
        series__in=series, day__gte=start_us // DAY_US, day__lte=(end_us - 1) // DAY_US
    ).order_by("series_id", "day")
    for one, day, samples, stored in found.values_list("series_id", "day", "samples", "histogram").iterator(
        256
    ):
        yield one, day, None if samples is None else bytes(samples), bytes(stored)


def _good(packed: bytes, waiting: Sequence[Row], start_us: int, end_us: int) -> list[int]:
    """Return the latencies of a block's good answers in a window, with what waits for it in the journal."""
    if waiting:
        rows = blocks.merge(blocks.unpack(packed) if packed else [], waiting)
        seen = [(row.state, row.asked_ms, row.duration_us) for row in rows]
    else:
        seen = list(zip(*blocks.answers(packed), strict=True))
    return [
        duration_us
        for state, asked_ms, duration_us in seen
        if state in _GOOD and start_us <= asked_ms * 1_000 < end_us
    ]


def _latency(single: list[int], whole: Counter[int], ratios: Sequence[Fraction]) -> Latency:
    if whole:
        every = whole + histogram.count(single)
        return Latency(
            every.total(), tuple(histogram.percentile(every, ratio) for ratio in ratios), exact=False
        )
    single.sort()
    count = len(single)
    found = tuple(single[max(0, math.ceil(count * ratio) - 1)] if count else None for ratio in ratios)
    return Latency(count, found, exact=True)

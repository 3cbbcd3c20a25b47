"""Every single result: what is packed in blocks, and the tail of the journal that is not yet."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator

from django.db.models import Max

from trueup.domain.record import Row, result, rows
from trueup.domain.result import Result
from trueup.store import blocks
from trueup.store.blocks import DAY_US
from trueup.store.models import Block, Journal

_DAY_MS = DAY_US // 1_000
_FEW = 8  # series; more than these, and looking for each of them costs more than reading all


def samples(series: int, start_us: int, end_us: int) -> list[Result]:
    """Return the results of one series asked in ``[start_us, end_us)``, in the order of asking."""
    found = sample_rows([series], start_us, end_us)[series]
    return [result(series, row) for row in found]


def sample_rows(series: Collection[int], start_us: int, end_us: int) -> dict[int, list[Row]]:
    """Return the same as numbers, of many series at once.

    The journal is read before the blocks: what a compaction moves in between is then met twice, and
    counted once by its key, but never missed.
    """
    parts: dict[int, list[list[Row]]] = {one: [[]] for one in series}
    for one, row in tail(series):
        parts[one][0].append(row)
    packed = Block.objects.filter(
        series__in=series, day__gte=start_us // DAY_US, day__lte=(end_us - 1) // DAY_US, samples__isnull=False
    )
    for one, stored in packed.values_list("series_id", "samples").iterator(64):
        parts[one].append(blocks.unpack(bytes(stored or b"")))
    first_ms, end_ms = -(-start_us // 1_000), -(-end_us // 1_000)
    return {
        one: [row for row in blocks.merge(*of_series) if first_ms <= row[0] < end_ms]
        for one, of_series in parts.items()
    }


def days(series: int, start_us: int, end_us: int) -> Iterator[tuple[int, list[Row]]]:
    """Yield each UTC day (since 1970) of ``[start_us, end_us)`` that has results, with them, in order.

    One day is in memory at a time, and what the journal holds, which is some hours.
    """
    first, last = start_us // DAY_US, (end_us - 1) // DAY_US
    first_ms, end_ms = -(-start_us // 1_000), -(-end_us // 1_000)
    new: dict[int, list[Row]] = {}
    for _, row in tail([series]):
        new.setdefault(row.asked_ms // _DAY_MS, []).append(row)
    packed = Block.objects.filter(series=series, samples__isnull=False)
    blocked = set(packed.filter(day__gte=first, day__lte=last).values_list("day", flat=True))
    for day in sorted(blocked | {day for day in new if first <= day <= last}):
        stored = packed.filter(day=day).values_list("samples", flat=True).first()
        rows_of_day = blocks.merge(new.get(day, []), blocks.unpack(bytes(stored)) if stored else [])
        yield day, [row for row in rows_of_day if first_ms <= row.asked_ms < end_ms]


def kept_from_us(series: int) -> int:
    """Return from when on all samples of a series are kept; before, a day's may be gone."""
    gone = Block.objects.filter(series=series, samples__isnull=True).aggregate(Max("day"))["day__max"]
    return 0 if gone is None else (gone + 1) * DAY_US


def tail(series: Collection[int]) -> Iterator[tuple[int, Row]]:
    """Yield what the journal holds of some series, as it came."""
    wanted = frozenset(series)
    signs = [struct.pack("<I", one) for one in wanted] if len(wanted) <= _FEW else None
    for (stored,) in Journal.objects.order_by("id").values_list("payload").iterator(256):
        payload = bytes(stored)
        if signs is None or any(sign in payload for sign in signs):
            yield from rows(payload, wanted)

"""Move results from the journal into the blocks of their days.

The journal ids are read first, and exactly these rows are deleted at the end, when every result of them
is in a block. Blocks are merged by record key, slice by slice of the series, each slice in a transaction
of its own. Whoever dies in between leaves the journal whole: the next run merges the same results again,
and what is there already stays as it is. So nothing is lost and nothing counted twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import NamedTuple

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Length

from trueup.domain.record import SIZE, VERSION, Row, rows, series_of
from trueup.store import blocks
from trueup.store.models import Block, Journal
from trueup.store.write.block import Key, lock, put, summary

log = logging.getLogger("trueup.compact")

SLICE_BYTES = 32_000_000  # of journal in memory at a time
SERIES = 16  # in one transaction
_DAY_MS = blocks.DAY_US // 1_000

Stored = Mapping[Key, bytes | None]


class Compacted(NamedTuple):
    """What one run did."""

    batches: int = 0  # rows of the journal
    blocks: int = 0  # written
    late: int = 0  # results left out: their day's samples are gone


def compact(
    *,
    stopped: Callable[[], bool] = lambda: False,
    failpoint: Callable[[str], None] = lambda _: None,
    slice_bytes: int = SLICE_BYTES,
) -> Compacted:
    """Move all that the journal holds now into blocks.

    Not in the engine's process: it takes the interpreter for itself. ``stopped`` is asked between slices;
    what is not finished is done again the next time.

    Raises:
        django.db.Error: The database refused a slice; the slices before it are done.
    """
    ids = list(Journal.objects.order_by("id").values_list("id", flat=True))
    if not ids:
        return Compacted()
    size = Journal.objects.filter(id__lte=ids[-1]).aggregate(size=Sum(Length("payload")))["size"] or 0
    passes = 1 + size // slice_bytes
    written = late = 0
    for index in range(passes):
        for part in _slices(_gathered(frozenset(ids), passes, index)):
            if stopped():
                return Compacted(0, written, late)
            done, left = _merge(part, failpoint)
            written += done
            late += left
    failpoint("before forgetting the journal")
    with transaction.atomic():
        for first in range(0, len(ids), 500):
            Journal.objects.filter(id__in=ids[first : first + 500]).delete()
        failpoint("before committing the journal")
    failpoint("after forgetting the journal")
    if late:
        log.warning("results of days whose samples are gone were left out", extra={"results": late})
    return Compacted(len(ids), written, late)


def _gathered(ids: frozenset[int], passes: int, index: int) -> dict[int, bytearray]:
    """Return the records of one part of the series, still packed, by series."""
    found: dict[int, bytearray] = {}
    stored = Journal.objects.filter(id__lte=max(ids)).order_by("id").values_list("id", "payload")
    for identity, value in stored.iterator(256):
        if identity not in ids:
            continue
        payload = bytes(value)
        for at, series in enumerate(series_of(payload)):
            if series % passes == index:
                start = 1 + at * SIZE
                found.setdefault(series, bytearray([VERSION])).extend(payload[start : start + SIZE])
    return found


def _slices(gathered: Mapping[int, bytearray]) -> Iterator[dict[Key, list[Row]]]:
    """Yield the results of a few series at a time, by series and day."""
    series = iter(sorted(gathered))
    while chosen := list(islice(series, SERIES)):
        part: dict[Key, list[Row]] = {}
        for one in chosen:
            of_series = sorted(row for _, row in rows(bytes(gathered[one])))
            for day, of_day in groupby(of_series, lambda row: row.asked_ms // _DAY_MS):
                part[Key(one, day)] = list(of_day)
        yield part


def _merge(part: Mapping[Key, Sequence[Row]], failpoint: Callable[[str], None]) -> tuple[int, int]:
    """Merge the results of one slice into their blocks; return blocks written and results left out.

    The work is done before the transaction, so that it holds the lock for milliseconds only; it is done
    again if someone else has written one of the blocks meanwhile.
    """
    while True:
        stored = _stored(part)
        merged, late = _merged(part, stored)
        failpoint("before a slice")
        with transaction.atomic():
            lock()
            if _stored(part) != stored:
                continue
            put(merged)
            failpoint("before committing a slice")
        failpoint("after a slice")
        return len(merged), late


def _stored(keys: Iterable[Key]) -> Stored:
    wanted = set(keys)
    found = Block.objects.filter(
        series__in={key.series for key in wanted}, day__in={key.day for key in wanted}
    ).values_list("series_id", "day", "samples")
    return {
        Key(series, day): None if samples is None else bytes(samples)
        for series, day, samples in found
        if Key(series, day) in wanted
    }


def _merged(part: Mapping[Key, Sequence[Row]], stored: Stored) -> tuple[list[Sequence[object]], int]:
    """Return the rows of the blocks that change, and how many results have no block to go to."""
    written: list[Sequence[object]] = []
    late = 0
    for key, new in part.items():
        packed = stored.get(key, b"")
        if packed is None:
            late += len(new)
            continue
        old = blocks.unpack(packed) if packed else []
        every = blocks.merge(old, new)
        if len(every) > len(old):
            written.append((*key, *summary(every), blocks.pack(every)))
    return written, late

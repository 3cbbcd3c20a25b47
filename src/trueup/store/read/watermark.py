"""The newest result that is stored of each series, and of all: what an engine goes on from."""

from __future__ import annotations

from typing import NamedTuple

from trueup.store.models import SeriesState


class Watermark(NamedTuple):
    """The newest stored answer, microseconds UTC, and its clock epoch; both 0 where nothing is stored."""

    answered_us: int
    epoch: int


def newest() -> Watermark:
    """Return the newest stored answer of all series."""
    rows = SeriesState.objects.filter(last_answered_us__isnull=False).order_by("-last_answered_us")
    answered_us, epoch = rows.values_list("last_answered_us", "epoch").first() or (0, 0)
    return Watermark(answered_us or 0, epoch)


def slots() -> dict[int, tuple[int, int]]:
    """Return by series the slot and number of its newest stored result."""
    rows = SeriesState.objects.values_list("series_id", "slot", "number")
    return {series: (slot, number) for series, slot, number in rows.iterator(2_000)}


def results(series: int) -> int:
    """Return how many results of one series were ever stored."""
    return SeriesState.objects.filter(series=series).values_list("results", flat=True).first() or 0

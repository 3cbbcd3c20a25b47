"""The days of a component that were not whole: their notes and their table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from trueup.domain.sla import Tally
from trueup.pages import bars
from trueup.pages.moment import SiteClock, length
from trueup.pages.percent import coverage, uptime_and_band

_NOT_WATCHED = "-"  # the script has the words
_NONE = "\u2013"  # an en dash


class Shown(NamedTuple):
    """Adjacent days as the page shows them; those of closed days are kept."""

    paths: bars.Paths
    notes: str  # one a day, oldest first, between bars; empty for a whole day
    rows: SafeString  # of the table, the newest day first
    lost: int  # days in the table
    watched: int
    down: int
    unknown: int


def shown(days: Sequence[Tally], offset: int, first: date, clock: SiteClock) -> Shown:
    """Return adjacent days; ``first`` is the date of the oldest bar, ``offset`` days before these."""
    lost = [(index, day) for index, day in enumerate(days, offset) if _is_lost(day)]
    rows = [_row(clock.day(first + timedelta(days=index)), day) for index, day in reversed(lost)]
    return Shown(
        paths=bars.paths(days, offset),
        notes="|".join(map(_note, days)),
        rows=mark_safe("".join(rows)),  # noqa: S308  (each is safe)
        lost=len(lost),
        watched=sum(1 for day in days if day.committed_us),
        down=sum(1 for day in days if day.down_us),
        unknown=sum(1 for day in days if day.unknown_us),
    )


def _is_lost(day: Tally) -> bool:
    """Tell whether some of a day was lost, unknown, or in doubt as with a blip."""
    return bool(day.down_us or day.degraded_us or day.unknown_us or day.low_us)


def _losses(day: Tally) -> tuple[tuple[str, int], ...]:
    return (
        ("down", day.down_us),
        ("degraded", day.degraded_us),
        ("unknown", day.unknown_us),
        ("paused", day.paused_us),
        ("maintenance", day.maintenance_us),
    )


def _note(day: Tally) -> str:
    if not _is_lost(day) and not day.paused_us and not day.maintenance_us:
        return "" if day.counted_us else _NOT_WATCHED
    losses = (f"{name} {length(lost_us)}" for name, lost_us in _losses(day) if lost_us)
    return ", ".join((uptime_and_band(day), *losses))


def _row(name: str, day: Tally) -> SafeString:
    lengths = (length(lost_us) if lost_us else _NONE for _, lost_us in _losses(day)[:3])
    cells = (uptime_and_band(day), *lengths, coverage(day) or _NONE)
    form = '<tr><th scope="row">{}</th>' + '<td class="number">{}</td>' * len(cells) + "</tr>"
    return format_html(form, name, *cells)

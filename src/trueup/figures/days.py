"""The days of a place: where each begins, on its own clock."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

DAY_US = 86_400_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Days:
    """Adjacent days, the last of them today; a day has 23 or 25 hours where the clocks were changed."""

    first: date
    edges_us: tuple[int, ...]  # where each begins, and last where today ends

    @property
    def today(self) -> int:
        """Return the index of today."""
        return len(self.edges_us) - 2

    def index(self, at_us: int) -> int:
        """Return the index of the day in which an instant lies; below 0: before the first."""
        return bisect_right(self.edges_us, at_us) - 1

    def date(self, index: int) -> date:
        """Return the date of a day."""
        return self.first + timedelta(days=index)


def days(zone: ZoneInfo, at_us: int, before: int) -> Days:
    """Return the day of an instant in a zone, and so many days before it."""
    today = (_EPOCH + timedelta(microseconds=at_us)).astimezone(zone).date()
    first = today - timedelta(days=before)
    return Days(first, tuple(_start_us(first + timedelta(days=day), zone) for day in range(before + 2)))


def _start_us(day: date, zone: ZoneInfo) -> int:
    # The first midnight of a day: where it is skipped, this is the instant of the change; where an
    # hour is repeated after it, the day begins with the first of the two (fold 0).
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    return (start - _EPOCH) // timedelta(microseconds=1)

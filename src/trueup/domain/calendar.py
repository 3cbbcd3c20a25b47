"""Days, months and business hours as sets of instants: what the clock on the wall shows decides.

An instant belongs to a month if its local date does. So a repeated hour counts twice, a skipped one not
at all, a day without midnight begins when its date does, and a day that a zone skipped is empty.
Zones are read from the ``tzdata`` package alone, so that every machine comes to the same instants.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from importlib import import_module, resources
from typing import NamedTuple
from zoneinfo import ZoneInfo

from trueup.domain.interval import NEVER, Span, Spans

PERIODS = ("day", "week", "month", "quarter", "year")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_US = 86_400_000_000
FIRST_YEAR, LAST_YEAR = 1900, 9990  # beyond them calendars have no zones, or no instants

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_MICROSECOND = timedelta(microseconds=1)
_LABELS = {
    "day": re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII),
    "week": re.compile(r"(\d{4})-W(\d\d)", re.ASCII),
    "month": re.compile(r"(\d{4})-(\d\d)", re.ASCII),
    "quarter": re.compile(r"(\d{4})-Q([1-4])", re.ASCII),
    "year": re.compile(r"(\d{4})", re.ASCII),
}
_EXAMPLES = dict(zip(PERIODS, ("2026-03-31", "2026-W14", "2026-03", "2026-Q1", "2026"), strict=True))


@dataclass(frozen=True, slots=True)
class Hours:
    """Business hours of some weekdays (0 is Monday), microseconds after local midnight, half-open."""

    days: tuple[int, ...]
    from_us: int
    to_us: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a service is promised, on the wall clock of a zone; holidays are dates there."""

    timezone: str
    weekly: tuple[Hours, ...]
    holidays: tuple[date, ...] = ()


class Window(NamedTuple):
    """A period by its label, ``2026-03``, and the instants that lie in it."""

    label: str
    spans: Spans


def zones() -> frozenset[str]:
    """Return the names of all zones."""
    return _zones()


def zone(name: str) -> ZoneInfo:
    """Return a zone by its name.

    Raises:
        ValueError: There is none of that name.
    """
    if name not in _zones():
        near = get_close_matches(name, _zones(), 1)
        remedy = f"Did you mean {near[0]}?" if near else "Write a name such as Europe/Berlin or UTC."
        raise ValueError(f"{name!r} is no time zone. {remedy}")
    return _zone(name)


def tzdata_version() -> str:
    """Return the version of the zones, such as ``2025b``."""
    return str(import_module("tzdata").IANA_VERSION)


def period(label: str, period: str, timezone: str) -> Spans:
    """Return the instants whose local date lies in a period: one span, but for a few odd nights.

    Raises:
        ValueError: The label is none of that period, or the zone is not known.
    """
    first, after = _dates(label, period)
    return local_dates(first, after, timezone)


def local_dates(first: date, after: date, timezone: str) -> Spans:
    """Return the instants whose local date is ``first`` or later and before ``after``.

    Raises:
        ValueError: The zone is not known.
    """
    start_us, end_us = _midnight_us(first), _midnight_us(after)
    zone(timezone)
    return Spans(_on_the_wall(timezone, start_us, end_us))


def label_of(at_us: int, period: str, timezone: str) -> str:
    """Return the label of the period in which an instant (microseconds UTC) lies.

    Raises:
        ValueError: The zone or the period is not known.
    """
    day = (_EPOCH + at_us * _MICROSECOND).astimezone(zone(timezone)).date()
    return _label(day, _known(period))


def after(label: str, period: str) -> str:
    """Return the label of the next period.

    Raises:
        ValueError: The label is none of that period.
    """
    return _label(_dates(label, period)[1], period)


def before(label: str, period: str) -> str:
    """Return the label of the period before.

    Raises:
        ValueError: The label is none of that period.
    """
    return _label(_dates(label, period)[0] - timedelta(days=1), period)


def windows(period: str, timezone: str, within: Span) -> Iterator[Window]:
    """Yield every period that has an instant in a span, in order; a day that a zone skipped has none.

    Raises:
        ValueError: The zone or the period is not known.
    """
    if within.start_us >= within.end_us:
        return
    label = label_of(within.start_us, period, timezone)
    # A clock that goes back at midnight makes the dates of neighbours alternate: begin one earlier.
    label, last = before(label, period), after(label_of(within.end_us - 1, period, timezone), period)
    while label != after(last, period):
        window = Window(label, local_dates(*_dates(label, period), timezone))
        if window.spans.clip(within):
            yield window
        label = after(label, period)


def schedule(hours: Schedule, within: Span) -> Spans:
    """Return the business hours within a span of time.

    Raises:
        ValueError: The zone is not known.
    """
    zone(hours.timezone)
    if within.start_us >= within.end_us:
        return NEVER
    pieces = [
        (max(start_us, from_us - offset_us), min(end_us, to_us - offset_us))
        for start_us, end_us, offset_us in _offsets(hours.timezone, within.start_us, within.end_us)
        for from_us, to_us in _open_hours(hours, start_us + offset_us, end_us + offset_us)
    ]
    return Spans(pieces).clip(within)


def _open_hours(hours: Schedule, start_us: int, end_us: int) -> Iterator[tuple[int, int]]:
    """Yield the hours of all days that a stretch of local time touches, in local time."""
    closed = {day.toordinal() - _EPOCH_DAY for day in hours.holidays}
    for day in range(start_us // DAY_US, -(-end_us // DAY_US)):
        if day not in closed:
            for each in hours.weekly:
                if (day + 3) % 7 in each.days:  # day 0, 1 January 1970, was a Thursday
                    yield day * DAY_US + each.from_us, day * DAY_US + each.to_us


def _on_the_wall(timezone: str, start_us: int, end_us: int) -> Iterator[tuple[int, int]]:
    """Yield when the local time, read as if it were UTC, lies between two instants."""
    margin_us = 2 * DAY_US  # no zone is further from UTC
    for from_us, to_us, offset_us in _offsets(timezone, start_us - margin_us, end_us + margin_us):
        yield max(from_us, start_us - offset_us), min(to_us, end_us - offset_us)


def _offsets(timezone: str, start_us: int, end_us: int) -> Iterator[tuple[int, int, int]]:
    """Yield (from, to, offset from UTC) for every stretch of one offset, microseconds, in order."""
    first, last = _year(start_us), _year(end_us - 1)
    for year in range(first, last + 1):
        for from_us, to_us, offset_us in _offsets_of(timezone, year):
            if from_us < end_us and to_us > start_us:
                yield max(from_us, start_us), min(to_us, end_us), offset_us


@lru_cache(2048)
def _offsets_of(timezone: str, year: int) -> Sequence[tuple[int, int, int]]:
    """Return the stretches of one offset in a year of UTC.

    A look a day finds every change: no zone has ever changed, and changed back, within six days.
    """
    name = _zone(timezone)
    at_us, end_us = (_midnight_us(date(each, 1, 1)) for each in (year, year + 1))
    found, start_us, offset_us = [], at_us, _offset_us(name, at_us)
    while at_us < end_us:
        next_us = min(at_us + DAY_US, end_us)
        if (then_us := _offset_us(name, next_us)) != offset_us:
            change_us = _change_us(name, at_us, next_us)
            found.append((start_us, change_us, offset_us))
            start_us, offset_us = change_us, then_us
        at_us = next_us
    if start_us < end_us:
        found.append((start_us, end_us, offset_us))
    return tuple(found)


def _change_us(name: ZoneInfo, early_us: int, late_us: int) -> int:
    """Return the first instant with the offset of the later of two."""
    before_us = _offset_us(name, early_us)
    while late_us - early_us > 1:
        middle_us = (early_us + late_us) // 2
        if _offset_us(name, middle_us) == before_us:
            early_us = middle_us
        else:
            late_us = middle_us
    return late_us


def _offset_us(name: ZoneInfo, at_us: int) -> int:
    offset = (_EPOCH + at_us * _MICROSECOND).astimezone(name).utcoffset()
    return 0 if offset is None else offset // _MICROSECOND


@lru_cache(1)
def _zones() -> frozenset[str]:
    return frozenset(resources.files("tzdata").joinpath("zones").read_text("utf-8").split())


@lru_cache(1024)
def _zone(name: str) -> ZoneInfo:
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def _year(at_us: int) -> int:
    return (_EPOCH + at_us * _MICROSECOND).year


def _midnight_us(day: date) -> int:
    return (day.toordinal() - _EPOCH_DAY) * DAY_US


def _known(period: str) -> str:
    if period not in PERIODS:
        raise ValueError(f"{period!r} is no period. Write {', '.join(PERIODS[:-1])} or {PERIODS[-1]}.")
    return period


def _dates(label: str, period: str) -> tuple[date, date]:
    """Return the first date of a period and the first after it."""
    found = _LABELS[_known(period)].fullmatch(label)
    remedy = f"Write one such as {_EXAMPLES[period]}, from {FIRST_YEAR} to {LAST_YEAR}."
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        raise ValueError(f"{label!r} is no {period}. {remedy}")
    numbers = [int(each) for each in found.groups()]
    try:
        return _range(period, numbers)
    except ValueError:
        raise ValueError(f"{label!r} is no {period}. {remedy}") from None


def _range(period: str, numbers: Sequence[int]) -> tuple[date, date]:
    year, part = numbers[0], numbers[1] if len(numbers) > 1 else 1
    if period == "day":
        first = date(*numbers)
        return first, first + timedelta(days=1)
    if period == "week":
        first = date.fromisocalendar(year, part, 1)
        return first, first + timedelta(days=7)
    months = {"month": 1, "quarter": 3, "year": 12}[period]
    first = date(year, (part - 1) * months + 1, 1)
    passed = first.month - 1 + months
    return first, date(year + passed // 12, passed % 12 + 1, 1)


def _label(day: date, period: str) -> str:
    if period == "day":
        return day.isoformat()
    if period == "week":
        year, week, _ = day.isocalendar()
        return f"{year:04d}-W{week:02d}"
    if period == "quarter":
        return f"{day.year:04d}-Q{(day.month + 2) // 3}"
    return f"{day.year:04d}-{day.month:02d}" if period == "month" else f"{day.year:04d}"

"""Instants and lengths of time as people read them, on the clock of the site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from trueup.domain.text import instant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Not strftime: its names follow the locale of the machine.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
NBSP = "\u00a0"


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant twice: for machines in UTC, for people on the site's clock."""

    iso: str
    text: str


class SiteClock:
    """Writes instants on the clock of a zone; ``now_us`` decides whether the year is named."""

    def __init__(self, zone: ZoneInfo, now_us: int) -> None:
        """Take the zone of the site and the instant of the document."""
        self._zone = zone
        self._now = self._local(now_us)

    @property
    def zone_text(self) -> str:
        """Return the zone with its name, its short name and how far it is from UTC now."""
        short, offset = self._short(), self._offset()
        names = offset if short == offset else f"{short}, {offset}"
        return "UTC" if self._zone.key == "UTC" else f"{self._zone.key} ({names})"

    def full(self, at_us: int) -> Moment:
        """Return an instant with year, seconds and zone."""
        local = self._local(at_us)
        return Moment(instant(at_us), f"{_day(local)} {local.year}, {local:%H:%M:%S} {self._short()}")

    def moment(self, at_us: int) -> Moment:
        """Return an instant to the second; its day is left out when that is today."""
        local = self._local(at_us)
        if local.date() == self._now.date():
            return Moment(instant(at_us), f"{local:%H:%M:%S}")
        return Moment(instant(at_us), f"{self.day(local.date())}, {local:%H:%M:%S}")

    def since(self, at_us: int) -> Moment:
        """Return an instant to the minute."""
        local = self._local(at_us)
        day = "" if local.date() == self._now.date() else f"{self.day(local.date())}, "
        return Moment(instant(at_us), f"{day}{local:%H:%M}")

    def day(self, day: date) -> str:
        """Return a date; its year is left out when it is this one."""
        year = "" if day.year == self._now.year else f"{NBSP}{day.year}"
        return f"{_day(day)}{year}"

    def date(self, at_us: int) -> date:
        """Return the date of an instant."""
        return self._local(at_us).date()

    def _local(self, at_us: int) -> datetime:
        return (_EPOCH + timedelta(microseconds=at_us)).astimezone(self._zone)

    def _short(self) -> str:
        name = self._now.tzname() or ""
        return self._offset() if name[:1] in ("+", "-") else name  # a zone without a name of its own

    def _offset(self) -> str:
        minutes = int((self._now.utcoffset() or timedelta()).total_seconds()) // 60
        sign = "-" if minutes < 0 else "+"
        return f"UTC{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def length(length_us: int) -> str:
    """Return a length of time in its two largest units, cut: ``4 min 12 s``; below one second in ms."""
    if length_us < 1_000_000:
        return f"{length_us // 1000}{NBSP}ms"
    left, parts = length_us // 1_000_000, list[str]()
    for seconds, unit in _UNITS:
        if left >= seconds or parts:
            count, left = divmod(left, seconds)
            parts.append(f"{count}{NBSP}{unit}" if count else "")
        if len(parts) == 2:
            break
    return NBSP.join(filter(None, parts))


def _day(day: date) -> str:
    return f"{day.day}{NBSP}{_MONTHS[day.month - 1]}"

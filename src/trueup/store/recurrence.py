"""Rules of RFC 5545 in a time zone: when a maintenance that comes again begins.

A rule is followed by the clock on the wall. Where the clocks go forward and a wall time does not exist,
the start moves forward by as much; where one comes twice, it is the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_NUMBER = r"[1-9][0-9]{0,4}"
_DAY = r"([+-]?[1-9][0-9]?)?(MO|TU|WE|TH|FR|SA|SU)"
_MONTH = r"(1[0-2]|[1-9])"
_SIGNED = r"[+-]?[1-9][0-9]{0,2}"
_PARTS = {
    "FREQ": "|".join(_FREQUENCIES),
    "INTERVAL": _NUMBER,
    "COUNT": _NUMBER,
    "UNTIL": r"[0-9]{8}(T[0-9]{6}Z?)?",
    "BYDAY": rf"{_DAY}(,{_DAY})*",
    "BYMONTHDAY": rf"{_SIGNED}(,{_SIGNED})*",
    "BYMONTH": rf"{_MONTH}(,{_MONTH})*",
    "BYSETPOS": rf"{_SIGNED}(,{_SIGNED})*",
    "WKST": "MO|TU|WE|TH|FR|SA|SU",
}
_ELSEWHERE = {
    "DTSTART": "write when it begins with --at and --start",
    "BYHOUR": "write the time of day with --at; for a second time of day add a second rule",
    "BYMINUTE": "write the time of day with --at",
    "BYSECOND": "write the time of day with --at",
}


class RuleError(ValueError):
    """A rule that cannot be followed: what, why and what to do."""


@dataclass(frozen=True)
class Recurrence:
    """A rule, its zone, and the wall time of its first start."""

    rule: str  # as ``read`` returns it
    zone: ZoneInfo
    first: datetime  # local, without a zone

    def starts(self, from_us: int, until_us: int) -> Iterator[int]:
        """Yield the starts from one instant on and before another, in order, in microseconds UTC."""
        # The clock on the wall is never more than a day off UTC, and a gap moves a start by a day at most.
        after = _local(from_us) - timedelta(days=2)
        before = _local(until_us) + timedelta(days=2)
        seen: int | None = None
        for wall in self._rule().between(after, before, inc=True):
            at_us = instant(wall, self.zone)
            if from_us <= at_us < until_us and at_us != seen:
                seen = at_us
                yield at_us

    def next(self, after_us: int) -> int | None:
        """Return the first start after an instant, None where the rule has ended or never begins."""
        wall = _local(after_us) - timedelta(days=2)
        while (found := self._rule().after(wall)) is not None:
            at_us = instant(found, self.zone)
            if at_us > after_us:
                return at_us
            wall = found
        return None

    def _rule(self) -> rrule:
        made = rrulestr(_local_until(self.rule, self.zone), dtstart=self.first)
        assert isinstance(made, rrule), "one rule is no set of rules"
        return made


def read(written: str) -> str:
    """Return a rule as it is stored: capitals, without its name.

    Raises:
        RuleError: It is no rule of RFC 5545, or says what is written elsewhere.
    """
    text = written.strip().upper().removeprefix("RRULE:")
    parts: dict[str, str] = {}
    for part in filter(None, text.split(";")):
        name, _, value = part.partition("=")
        if name in parts:
            raise RuleError(f"{name} stands twice in {written!r}: leave one of them out.")
        _check(name, value)
        parts[name] = value
    if "FREQ" not in parts:
        raise RuleError(
            f"{written!r} does not say how often: begin with FREQ=DAILY, WEEKLY, MONTHLY or YEARLY, "
            "such as FREQ=WEEKLY;BYDAY=SU."
        )
    if "COUNT" in parts and "UNTIL" in parts:
        raise RuleError("COUNT and UNTIL both say when it ends: leave one of them out.")
    try:
        rrulestr(_local_until(_joined(parts), ZoneInfo("UTC")), dtstart=_EPOCH.replace(tzinfo=None))
    except (ValueError, TypeError) as error:
        raise RuleError(f"{written!r} is no rule of RFC 5545: {error}.") from None
    return _joined(parts)


def instant(wall: datetime, zone: ZoneInfo) -> int:
    """Return the instant of a local wall time: moved forward out of a gap, the first where it comes twice."""
    # Before a gap the old offset holds, and reading a missing wall time with it moves it forward by the gap.
    return (wall.replace(tzinfo=zone, fold=0) - _EPOCH) // timedelta(microseconds=1)


def missing(wall: datetime, zone: ZoneInfo) -> bool:
    """Return whether a local wall time does not exist, because the clocks went forward over it."""
    back = wall.replace(tzinfo=zone, fold=0).astimezone(UTC).astimezone(zone)
    return back.replace(tzinfo=None) != wall.replace(fold=0)


def _check(name: str, value: str) -> None:
    if name in _ELSEWHERE:
        raise RuleError(f"{name} does not belong into the rule: {_ELSEWHERE[name]}.")
    if name not in _PARTS:
        raise RuleError(f"{name!r} is no part of a rule here. Possible are {', '.join(_PARTS)}.")
    if name == "FREQ" and value not in _FREQUENCIES:
        raise RuleError(f"FREQ={value}: a maintenance comes at most once a day. Write {_or(_FREQUENCIES)}.")
    if not re.fullmatch(_PARTS[name], value):
        raise RuleError(f"{name}={value} cannot be read. See RFC 5545, such as FREQ=WEEKLY;BYDAY=SU,WE.")


def _local_until(rule: str, zone: ZoneInfo) -> str:
    """Return a rule whose UNTIL is a local wall time: one in UTC is shown on the wall's clock."""
    found = re.search(r"UNTIL=([0-9]{8})(?:T([0-9]{6})(Z?))?", rule)
    if found is None:
        return rule
    day, clock, is_utc = found[1], found[2] or "235959", found[3]  # a date means all of that day
    wall = datetime.fromisoformat(f"{day}T{clock}")
    if is_utc:
        wall = wall.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    return rule.replace(found[0], f"UNTIL={wall:%Y%m%dT%H%M%S}")


def _local(at_us: int) -> datetime:
    return (_EPOCH + timedelta(microseconds=at_us)).replace(tzinfo=None)


def _joined(parts: Mapping[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _or(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"

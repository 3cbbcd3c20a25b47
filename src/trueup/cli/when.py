"""Instants as people write them: by the clock on the wall of a time zone, or with an offset."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from trueup.server.faults import StartError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?")
_HAS_OFFSET = "an instant with an offset, such as 2026-12-01T02:00+01:00, or one by the clock on the wall"


def zone(written: str | None) -> ZoneInfo:
    """Return a time zone by its name, the site's where there is none.

    Raises:
        StartError: There is no such zone.
    """
    from trueup.store.read import component

    name = written or component.site().timezone
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise StartError(f"{name!r} is no time zone: write one such as Europe/Berlin or UTC.") from None


def instant(written: str, where: ZoneInfo, now_us: int, option: str, *, ago: bool = False) -> int:
    """Return an instant in microseconds UTC.

    It has an offset, or is read by the clock on the wall; a time of day alone is today's. With ``ago`` it
    may be a time ago, such as ``20m``. What is done where the clocks change is said on stderr.

    Raises:
        StartError: It is none of these.
    """
    from trueup.domain import duration

    if ago:
        try:
            return now_us - duration.parse(written)
        except ValueError:
            pass
    found = wall(written, where, now_us, option)
    if found.tzinfo is not None:
        return (found - _EPOCH) // timedelta(microseconds=1)
    return settled(found, where)


def wall(written: str, where: ZoneInfo, now_us: int, option: str) -> datetime:
    """Return what is written as a wall time, or as an aware datetime where it has an offset.

    Raises:
        StartError: It is neither.
    """
    text = written.strip()
    if _CLOCK.fullmatch(text):
        today = (_EPOCH + timedelta(microseconds=now_us)).astimezone(where).date()
        text = f"{today} {text.rjust(5, '0') if len(text) < 6 else text.rjust(8, '0')}"
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise StartError(
            f"{option} {written!r} is no instant. Write {_HAS_OFFSET} of {where.key}: 2026-12-01 02:00."
        ) from None


def settled(at: datetime, where: ZoneInfo) -> int:
    """Return the instant of a wall time; where the clocks change, which one was taken is said on stderr."""
    from trueup.domain import text
    from trueup.store import recurrence

    found_us = recurrence.instant(at, where)
    if recurrence.missing(at, where):
        print(
            f"{at:%Y-%m-%d %H:%M} does not exist in {where.key}, the clocks go forward over it: "
            f"taken is {text.instant(found_us)}",
            file=sys.stderr,
        )
    elif at.replace(tzinfo=where, fold=0).utcoffset() != at.replace(tzinfo=where, fold=1).utcoffset():
        print(
            f"{at:%Y-%m-%d %H:%M} comes twice in {where.key}, the clocks go back over it: "
            f"taken is the first, {text.instant(found_us)}",
            file=sys.stderr,
        )
    return found_us


def local(at_us: int, where: ZoneInfo) -> str:
    """Return an instant by the clock on the wall, to the minute, with its offset."""
    shown = (_EPOCH + timedelta(microseconds=at_us)).astimezone(where)
    return shown.strftime("%Y-%m-%d %H:%M %z")

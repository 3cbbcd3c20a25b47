"""Instants as trueup writes them, ``2026-03-01T12:00:00Z``, written and read by their parts.

A statement holds ten of them for every entry. The day is remembered; the time of day is one of 1,440
minutes and one of 60 seconds. ``datetime`` says what a day is, and stays the judge of every other form.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

DAY_US = 86_400_000_000
_MINUTE_US, _SECOND_US = 60_000_000, 1_000_000
_EPOCH = date(1970, 1, 1)
_DAYS = 4_096  # remembered: a year of ten contracts that begin on days of their own
_WRITTEN_DAY = re.compile(r"\d{4}-\d\d-\d\dT", re.ASCII)
_MINUTES = tuple(f"{hour:02d}:{minute:02d}:" for hour in range(24) for minute in range(60))
_SECONDS = tuple(f"{second:02d}" for second in range(60))
_MINUTE_OF = {text: position * _MINUTE_US for position, text in enumerate(_MINUTES)}
_SECOND_OF = {text: position * _SECOND_US for position, text in enumerate(_SECONDS)}


def written(at_us: int) -> str:
    """Return an instant (microseconds UTC) in ISO 8601 with ``Z``, six digits only if they are needed.

    Raises:
        OverflowError: It is not in the years 1 to 9999.
    """
    day, rest_us = divmod(at_us, DAY_US)
    minute, rest_us = divmod(rest_us, _MINUTE_US)
    second, rest_us = divmod(rest_us, _SECOND_US)
    if rest_us:
        return f"{_day(day)}{_MINUTES[minute]}{_SECONDS[second]}.{rest_us:06d}Z"
    return f"{_day(day)}{_MINUTES[minute]}{_SECONDS[second]}Z"


def read(text: str) -> int | None:
    """Return an instant in microseconds UTC; None where it is not just as ``written`` writes it."""
    try:
        at_us = _day_us(text[:11]) + _MINUTE_OF[text[11:17]] + _SECOND_OF[text[17:19]]
    except (KeyError, ValueError):
        return None
    end = text[19:]
    if end == "Z":
        return at_us
    digits = end[1:7]
    if len(end) == 8 and end[0] == "." and end[7] == "Z" and digits.isascii() and digits.isdigit():
        return at_us + int(digits)
    return None


@lru_cache(_DAYS)
def _day(number: int) -> str:
    return f"{(_EPOCH + timedelta(days=number)).isoformat()}T"


@lru_cache(_DAYS)
def _day_us(text: str) -> int:
    """Return when a day begins.

    Raises:
        ValueError: There is none with this name.
    """
    if not _WRITTEN_DAY.fullmatch(text):
        raise ValueError(f"{text!r} is no day")
    return (date.fromisoformat(text[:10]) - _EPOCH).days * DAY_US

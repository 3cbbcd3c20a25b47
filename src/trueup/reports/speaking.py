"""Figures of a statement as people read them: cut off, never rounded up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import dropwhile

from trueup.domain import calendar

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def percent(written: str | None) -> str:
    """Return a percentage with its sign, or that there is none."""
    return "no data" if written is None else f"{written} %"


def money(amount: str, currency: str | None) -> str:
    """Return an amount with its currency; two decimals where fewer are written."""
    whole, _, cents = amount.partition(".")
    return " ".join(filter(None, (currency, f"{whole}.{cents.ljust(2, '0')}")))


def length(seconds: str) -> str:
    """Return exact seconds, whole or ``p/q``, as days, hours, minutes and seconds."""
    return length_us(int(Fraction(seconds) * 1_000_000))


def length_us(microseconds: int) -> str:
    """Return a length in microseconds the same way; what is below a millisecond is cut off."""
    if microseconds < 0:
        return f"-{length_us(-microseconds)}"
    seconds, rest_us = divmod(microseconds, 1_000_000)
    parts = []
    for size, unit in _UNITS:
        count, seconds = divmod(seconds, size)
        parts.append((count, unit))
    shown = list(dropwhile(lambda part: not part[0], parts)) or [(0, "s")]
    while len(shown) > 1 and not shown[-1][0] and not rest_us // 1_000:
        shown.pop()
    words = [f"{count} {unit}" for count, unit in shown]
    if rest_us // 1_000 and shown[-1][1] == "s":
        words[-1] = f"{shown[-1][0]}.{rest_us // 1_000:03d}".rstrip("0") + " s"
    return " ".join(words)


def wall(at: str | int, zone: str) -> str:
    """Return an instant, in ISO 8601 or microseconds UTC, on the clock of a zone, with its offset."""
    instant = datetime.fromisoformat(at) if isinstance(at, str) else _EPOCH + timedelta(microseconds=at)
    local = instant.astimezone(calendar.zone(zone))
    offset = local.strftime("%z")
    return f"{local:%Y-%m-%d %H:%M:%S} {offset[:3]}:{offset[3:]}"

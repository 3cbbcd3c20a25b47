"""Lengths of time as people write them: a number and its unit."""

from __future__ import annotations

import re
from fractions import Fraction

_UNITS = {"us": 1, "ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
_NAMES = {"sec": "s", "min": "m"}
_FORM = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?)\s*([a-z]+)")


def parse(text: str) -> int:
    """Return a duration such as ``60s``, ``1.5 s``, ``800ms`` or ``5m`` in microseconds.

    Raises:
        ValueError: There is no number, no unit, or less than a microsecond is left over.
    """
    found = _FORM.fullmatch(text.strip())
    unit = _NAMES.get(found[2], found[2]) if found else ""
    if found is None or unit not in _UNITS:
        if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text.strip()):
            raise ValueError(f"{text!r} has no unit: write {text.strip()}s or {text.strip()}ms")
        raise ValueError(f"{text!r} is not a duration: write for instance 800ms, 30s, 5m, 1h")
    length = Fraction(found[1]) * _UNITS[unit]
    if length.denominator != 1:
        raise ValueError(f"{text!r} is finer than a microsecond: write fewer digits")
    return int(length)


def text(length_us: int) -> str:
    """Return a duration of whole microseconds in its largest whole unit, as ``parse`` reads it."""
    for unit in ("d", "h", "m", "s", "ms"):
        if length_us and length_us % _UNITS[unit] == 0:
            return f"{length_us // _UNITS[unit]}{unit}"
    return f"{length_us}us" if length_us else "0s"

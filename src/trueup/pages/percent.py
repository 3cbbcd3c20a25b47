"""Percentages as people read them: cut, never rounded up, with their error band."""

from __future__ import annotations

from fractions import Fraction

from trueup.domain.sla import Tally, truncate_percent
from trueup.pages.moment import NBSP

NO_DATA = "no data"
_WHOLE = f"100{NBSP}%"
_TO = "\u2013"  # an en dash


def uptime(tally: Tally) -> str:
    """Return the availability in percent, cut after two digits; 100 only where nothing was lost."""
    if tally.counted_us and not tally.down_us:
        return _WHOLE
    ratio = tally.availability_ratio
    return NO_DATA if ratio is None else f"{_number(ratio, 2)}{NBSP}%"


def band(tally: Tally) -> str:
    """Return the error band, ``99.95`` to ``99.98``; empty where the figure is exact or there is none.

    It gets as many digits as its ends need to differ, up to four.
    """
    if tally.low_us == tally.high_us or not tally.counted_us:
        return ""
    low, high = tally.band_lo_ratio, tally.band_hi_ratio
    assert low is not None
    assert high is not None
    for digits in (2, 3, 4):
        ends = _number(low, digits), _number(high, digits)
        if ends[0] != ends[1]:
            break
    return f"{ends[0]}{_TO}{ends[1]}"


def uptime_and_band(tally: Tally) -> str:
    """Return the availability with its error band in brackets, where it has one."""
    error = band(tally)
    return f"{uptime(tally)} ({error})" if error else uptime(tally)


def coverage(tally: Tally) -> str:
    """Return how much of the time was measured, in percent; empty where there was none to measure."""
    if tally.committed_us and not tally.unknown_us:
        return _WHOLE
    ratio = tally.coverage_ratio
    return "" if ratio is None else f"{_number(ratio, 1)}{NBSP}%"


def _number(ratio: Fraction, digits: int) -> str:
    if ratio.denominator == 1:
        return str(ratio.numerator * 100)
    return truncate_percent(ratio, digits)

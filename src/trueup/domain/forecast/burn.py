"""How fast a budget burns, and when that is worth waking somebody.

Factors such as 14.4 belong to one length of window and to many samples: at one probe a minute a single
lost one exceeds them. So this speaks in seconds of the budget of the window itself, and asks for two lost
intervals at least (the windows are those of the Google SRE workbook, chapter 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from trueup.domain.forecast.course import Course
from trueup.domain.interval import Span

_MINUTE_US = 60_000_000
_HOUR_US = 60 * _MINUTE_US
WINDOWS = {"1h": _HOUR_US, "6h": 6 * _HOUR_US, "1d": 24 * _HOUR_US, "3d": 72 * _HOUR_US}
_LEAST = 2  # lost intervals: one may be a lost packet


@dataclass(frozen=True, slots=True)
class Alarm:
    """Tell people when this part of the budget went in ``long_us``, and some of it in ``short_us``."""

    severity: str
    budget_ratio: Fraction
    long_us: int
    short_us: int


ALARMS = (
    Alarm("page", Fraction(2, 100), _HOUR_US, 5 * _MINUTE_US),
    Alarm("page", Fraction(5, 100), 6 * _HOUR_US, 30 * _MINUTE_US),
    Alarm("ticket", Fraction(10, 100), 24 * _HOUR_US, 2 * _HOUR_US),
    Alarm("ticket", Fraction(10, 100), 72 * _HOUR_US, 6 * _HOUR_US),
)


@dataclass(frozen=True, slots=True)
class Burn:
    """What was lost lately, as the terms weigh it; the stretch never begins before the window."""

    counted_us: int
    downtime_us: Fraction
    rate: Fraction | None  # 1 is just as fast as allowed; None without counted time or at 100 %


def burn(of: Course, length_us: int) -> Burn:
    """Return what was lost in the last so many microseconds of a window, clipped at its start."""
    lately = Span(max(of.as_of_us - length_us, of.window.start_us), of.as_of_us)
    point, weight = of.service.point, of.terms.degraded_weight
    counted_us = of.service.counted.clip(lately).total_us
    downtime_us = Fraction(point.down.clip(lately).total_us)
    if weight:
        soft_us = point.degraded.clip(lately).total_us + point.tolerated.clip(lately).total_us
        downtime_us += weight * soft_us
    per_us = (1 - of.terms.objective_ratio) * counted_us
    return Burn(counted_us, downtime_us, downtime_us / per_us if per_us else None)


def alarms(of: Course, interval_us: int) -> tuple[Alarm, ...]:
    """Return what people should be told of now.

    Nothing once the budget is lost (then the next tier matters), nor while no outage can lose it any more.

    Args:
        of: How the window stands.
        interval_us: Of the slowest check that counts.
    """
    left_us = of.left_us(of.terms.objective_ratio)
    if left_us < 0 or left_us >= of.risk.total_us:
        return ()
    return tuple(each for each in ALARMS if _fires(of, each, interval_us))


def _fires(of: Course, alarm: Alarm, interval_us: int) -> bool:
    least_us = max(alarm.budget_ratio * of.allowed_us, Fraction(_LEAST * interval_us))
    if burn(of, alarm.long_us).downtime_us < least_us:
        return False
    return of.is_down or burn(of, alarm.short_us).downtime_us > 0

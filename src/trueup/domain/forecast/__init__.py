"""What a window that goes on may yet come to: exact where it can be, and said how sure where not."""

from trueup.domain.forecast.burn import ALARMS, WINDOWS, Alarm, Burn, alarms, burn
from trueup.domain.forecast.course import Course, course, pace
from trueup.domain.forecast.gauges import Gauge, gauges
from trueup.domain.forecast.risk import History, Risk, Why, history, risk
from trueup.domain.forecast.tiers import Ahead, ahead

__all__ = [
    "ALARMS",
    "WINDOWS",
    "Ahead",
    "Alarm",
    "Burn",
    "Course",
    "Gauge",
    "History",
    "Risk",
    "Why",
    "ahead",
    "alarms",
    "burn",
    "course",
    "gauges",
    "history",
    "pace",
    "risk",
]

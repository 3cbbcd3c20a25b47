"""The figures of a contract as gauges: names, labels and exact values, for whoever exports them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from trueup.domain.forecast.burn import WINDOWS, burn
from trueup.domain.forecast.course import Course, pace
from trueup.domain.sla.result import Result

_SECOND_US = 1_000_000


class Gauge(NamedTuple):
    """One value; ratios are 0 to 1, lengths seconds, instants seconds since 1970 UTC."""

    name: str
    value: Fraction
    label: tuple[str, str] | None = None  # its name and value


def gauges(result: Result, of: Course | None) -> list[Gauge]:
    """Return the gauges of a contract; what cannot be said is left out, never 0.

    Args:
        result: What ``judge`` says of a case.
        of: What ``course`` says of the same case.
    """
    return [Gauge(name, value, label) for name, label, value in _each(result, of) if value is not None]


def _each(result: Result, of: Course | None) -> Iterator[tuple[str, tuple[str, str] | None, Fraction | None]]:
    shares = result.ratios
    bounds = {
        "lo": shares.lo,
        "point": shares.uptime,
        "hi": shares.hi,
        "band_lo": shares.band_lo,
        "band_hi": shares.band_hi,
    }
    for bound, ratio in bounds.items():
        yield "sla_uptime_ratio", ("bound", bound), ratio
    if result.budget is not None and result.sums is not None:
        left = result.budget
        kinds = {
            "allowed": left.allowed_us,
            "used": result.sums.downtime_us,
            "remaining": left.remaining_us,
        }
        for kind, budget_us in kinds.items():
            yield "sla_budget_seconds", ("kind", kind), budget_us / _SECOND_US
    if of is not None:
        for window, length_us in WINDOWS.items():
            yield "sla_burn_rate", ("window", window), burn(of, length_us).rate
        yield "sla_breach_eta_timestamp_seconds", None, _eta(result, of)
    yield "sla_coverage_ratio", None, shares.coverage
    credit_ratio = result.decision.credit_ratio
    yield "sla_credit_percent", None, None if credit_ratio is None else credit_ratio * 100


def _eta(result: Result, of: Course) -> Fraction | None:
    """Return when the budget is lost: if the outage goes on, or else if things go on as they have."""
    at_us = result.exhausted_at if of.is_down else pace(of)
    return Fraction(at_us, _SECOND_US) if isinstance(at_us, int) else None

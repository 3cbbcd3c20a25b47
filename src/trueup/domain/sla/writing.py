"""A result as a document: every number a text that loses nothing, percentages cut off."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import Any

from trueup.domain.budget import Budget
from trueup.domain.node import SECOND, exact, instant
from trueup.domain.sla.case import Case
from trueup.domain.sla.judge import judge
from trueup.domain.sla.result import Ratios, Result, Sums

DIGITS = 6  # of a percentage


def evaluate_case(case: Case) -> dict[str, Any]:
    """Return the result of a case as a document.

    Raises:
        CaseError: The case cannot be judged.
    """
    return write_result(case, judge(case))


def write_result(case: Case, result: Result) -> dict[str, Any]:
    """Return a result as a document; a key that does not apply is absent."""
    found: dict[str, Any] = {
        "window_start": instant(result.window.start_us),
        "window_end": instant(result.window.end_us),
    }
    if result.sums is not None and result.budget is not None:
        found |= _sums(result.sums) | _budget(case, result.budget)
        if case.as_of_us is not None and case.terms.window.type != "rolling":
            at = result.exhausted_at
            found["budget_exhausted_at_if_down_from_now"] = instant(at) if isinstance(at, int) else at
    else:
        found["components"] = {
            each.id: {
                "counted_seconds": seconds(each.sums.counted_us),
                "down_seconds": seconds(each.sums.down_us),
                "uptime_exact": _exact(each.ratios.uptime),
                "uptime_percent": percent(each.ratios.uptime),
            }
            for each in result.components
        }
    return found | _ratios(result.ratios) | _decision(result)


def write_band(result: Result) -> dict[str, Any]:
    """Return the error band of a result, as it stands beside the figure."""
    return {
        "band_lo_exact": _exact(result.ratios.band_lo),
        "band_hi_exact": _exact(result.ratios.band_hi),
        "band_lo_percent": percent(result.ratios.band_lo),
        "band_hi_percent": percent(result.ratios.band_hi),
    }


def seconds(length_us: Fraction | int) -> str:
    """Return a length as exact seconds: whole, or ``p/q``."""
    return exact(Fraction(length_us) / SECOND)


def percent(ratio: Fraction | None, digits: int = DIGITS) -> str | None:
    """Return a ratio in percent, cut off after so many digits; never more than there is."""
    return None if ratio is None else _digits(floor(ratio * 100 * 10**digits), digits)


def money(amount: Fraction) -> str:
    """Return an amount that has been rounded, with its two decimals."""
    return _digits(floor(amount * 100), 2)


def _digits(scaled: int, digits: int) -> str:
    whole, part = divmod(abs(scaled), 10**digits)
    return f"{'-' if scaled < 0 else ''}{whole}.{part:0{digits}d}"


def _exact(ratio: Fraction | None) -> str | None:
    return None if ratio is None else exact(ratio)


def _sums(sums: Sums) -> dict[str, Any]:
    return {
        "window_seconds": seconds(sums.window_us),
        "out_of_schedule_seconds": seconds(sums.out_of_schedule_us),
        "excluded_exclusion_seconds": seconds(sums.excluded_exclusion_us),
        "excluded_maintenance_seconds": seconds(sums.excluded_maintenance_us),
        "excluded_component_seconds": seconds(sums.excluded_component_us),
        "excluded_unknown_seconds": seconds(sums.excluded_unknown_us),
        "counted_seconds": seconds(sums.counted_us),
        "up_seconds": seconds(sums.up_us),
        "degraded_seconds": seconds(sums.degraded_us),
        "tolerated_seconds": seconds(sums.tolerated_us),
        "down_seconds": seconds(sums.down_us),
        "unknown_seconds": seconds(sums.unknown_us),
        "downtime_seconds": seconds(sums.downtime_us),
        "downtime_seconds_min": seconds(sums.downtime_min_us),
        "downtime_seconds_max": seconds(sums.downtime_max_us),
    }


def _budget(case: Case, left: Budget) -> dict[str, Any]:
    found = {"allowed_seconds": seconds(left.allowed_us)}
    window = case.terms.window
    if window.type == "calendar" and window.period == "month":
        found["allowed_seconds_compat"] = seconds(left.nominal_us)
    return found | {
        "remaining_seconds": seconds(left.remaining_us),
        "budget_consumed_percent": percent(left.consumed_ratio),
        "burn_rate_exact": _exact(left.burn_rate),
    }


def _ratios(ratios: Ratios) -> dict[str, Any]:
    uptime = ratios.uptime
    even = None if uptime is None else _digits(round(uptime * 100 * 10**DIGITS), DIGITS)
    return {
        "uptime_exact": _exact(uptime),
        "uptime_percent": percent(uptime),
        "uptime_percent_half_even": even,
        "uptime_lo_exact": _exact(ratios.lo),
        "uptime_hi_exact": _exact(ratios.hi),
        "uptime_lo_percent": percent(ratios.lo),
        "uptime_hi_percent": percent(ratios.hi),
        "coverage_percent": percent(ratios.coverage),
    }


def _decision(result: Result) -> dict[str, Any]:
    decision = result.decision
    credit = decision.credit_ratio
    found = {
        "status": decision.status,
        "breached": decision.breached,
        "credit_percent": None if credit is None else exact_percent(credit),
        "verdict_over_bounds": decision.verdict,
        "outcome": decision.outcome,
    }
    if decision.credit_amount is not None:
        found["credit_amount"] = money(decision.credit_amount)
    return found


def exact_percent(ratio: Fraction) -> str:
    """Return a ratio in percent as a text that loses nothing."""
    return exact(ratio * 100)

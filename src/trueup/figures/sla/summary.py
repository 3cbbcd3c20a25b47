"""A figure in the words of the API: names that clients know, numbers that are never flattered.

Percentages, allowed and remaining minutes are cut off; used minutes are rounded up.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from typing import Any

from trueup.domain.node import exact
from trueup.domain.sla import percent
from trueup.domain.sla.writing import money as money_text
from trueup.domain.text import instant
from trueup.figures.sla.figure import Figure

_MINUTE_US = 60_000_000
_DIGITS = 1_000  # of minutes
_HEAD = ("uptime_percent", "uptime_tier", "status", "sla_target")
_BESIDE = (
    "outcome", "verdict", "uptime_exact", "uptime_low", "uptime_high", "bound_low", "bound_high",
    "coverage_percent", "allowed_exact_minutes", "remaining_exact_minutes", "allowed_basis",
    "budget_consumed_percent", "burn_rate", "budget_exhausted_at", "contract", "contract_version", "settles",
    "window_start", "window_end", "as_of", "closed", "reason",
)  # fmt: skip


def summary(figure: Figure, heading: str = "period", *, money: bool = False) -> dict[str, Any]:
    """Return a figure for programs; the first key, ``heading``, names the window.

    ``money`` adds amounts, which are not for the public.
    """
    result = figure.result
    found = {
        heading: figure.label,
        "uptime_percent": percent(result.ratios.uptime),
        "uptime_tier": figure.tier,
        "status": figure.status,
        "sla_target": number(figure.gathered.case.terms.objective_ratio * 100),
        "downtime_minutes": minutes(figure),
        "service_credit": number(_percent(figure.credit_ratio)),
        "service_credit_final": number(_percent(figure.credit_ratio)) if result.closed else None,
    }
    return found | _beside(figure) | (_money(figure) if money else {})


def nothing(label: str, reason: str, heading: str = "period") -> dict[str, Any]:
    """Return the same names where there is no figure, with the reason."""
    return {
        heading: label,
        **dict.fromkeys(_HEAD),
        "status": "no_data",
        "downtime_minutes": dict.fromkeys(("used", "allowed", "remaining")),
        "service_credit": None,
        "service_credit_final": None,
        **dict.fromkeys(_BESIDE),
        "reason": reason,
    }


def minutes(figure: Figure) -> dict[str, Any]:
    """Return the budget in minutes; remaining may be negative."""
    used_us, allowed_us = figure.used_us, figure.allowed_us
    left_us = None if used_us is None or allowed_us is None else allowed_us - used_us
    return {
        "used": None if used_us is None else ceil(used_us * _DIGITS / _MINUTE_US) / _DIGITS,
        "allowed": minutes_of(allowed_us),
        "remaining": minutes_of(left_us),
    }


def number(value: Fraction | None) -> int | float | None:
    """Return a number as JSON has it: whole where it is whole."""
    if value is None:
        return None
    return int(value) if value.denominator == 1 else float(value)


def _beside(figure: Figure) -> dict[str, Any]:
    result, looked = figure.result, figure.gathered.looked
    ratios, decision = result.ratios, result.decision
    as_of_us = figure.gathered.case.as_of_us
    budget = result.budget
    at = result.exhausted_at if not result.closed else None
    return {
        "outcome": decision.outcome if figure.decides else None,
        "verdict": decision.verdict if figure.decides else None,
        "uptime_exact": None if ratios.uptime is None else exact(ratios.uptime),
        "uptime_low": percent(ratios.band_lo) if ratios.uptime is not None else None,
        "uptime_high": percent(ratios.band_hi) if ratios.uptime is not None else None,
        "bound_low": percent(ratios.lo),
        "bound_high": percent(ratios.hi),
        "coverage_percent": percent(ratios.coverage),
        "allowed_exact_minutes": None if budget is None else minutes_of(budget.allowed_us),
        "remaining_exact_minutes": None if budget is None else minutes_of(budget.remaining_us),
        "allowed_basis": None if budget is None else "min_nominal30" if figure.is_nominal else "exact",
        "budget_consumed_percent": None if budget is None else percent(budget.consumed_ratio),
        "burn_rate": None if budget is None or budget.burn_rate is None else _digits(budget.burn_rate),
        "budget_exhausted_at": instant(at) if isinstance(at, int) else at,
        "contract": None if figure.gathered.contract.built_in else figure.gathered.contract.slug,
        "contract_version": None if figure.gathered.contract.built_in else looked.number,
        "settles": looked.own,
        "window_start": instant(result.window.start_us),
        "window_end": instant(result.window.end_us),
        "as_of": None if as_of_us is None else instant(min(as_of_us, result.window.end_us)),
        "closed": result.closed,
        "reason": figure.reason,
    }


def _money(figure: Figure) -> dict[str, Any]:
    paid = figure.result.decision.credit_amount if figure.decides else None
    return {
        "credit_amount": None if paid is None else money_text(paid),
        "currency": figure.gathered.deal.currency,
    }


def _percent(ratio: Fraction | None) -> Fraction | None:
    return None if ratio is None else ratio * 100


def minutes_of(length_us: Fraction | None) -> float | None:
    """Return a length in minutes, cut off."""
    return None if length_us is None else floor(length_us * _DIGITS / _MINUTE_US) / _DIGITS


def _digits(value: Fraction) -> float:
    return floor(value * 1_000) / 1_000

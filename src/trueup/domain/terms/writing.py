"""The document that says the same as some terms, with every key written out."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from trueup.domain.calendar import WEEKDAYS, Schedule
from trueup.domain.node import SECOND, decimal
from trueup.domain.terms.model import Aggregation, Slices, Terms, Tier, Window


def document(terms: Terms) -> dict[str, Any]:
    """Return the terms as a document with every key: equal terms make equal documents."""
    planned, least = terms.maintenance, terms.min_outage
    coverage = terms.min_coverage_ratio
    return {
        "objective": decimal(terms.objective_ratio * 100),
        "window": _window_document(terms.window),
        "schedule": None if terms.schedule is None else _schedule_document(terms.schedule),
        "maintenance": {
            "mode": planned.mode,
            "min_notice_seconds": _seconds(planned.notice_us),
            "cap_seconds": None if planned.cap_us is None else _seconds(planned.cap_us),
        },
        "exclusions": {"mode": terms.exclusions_mode},
        "paused": terms.paused,
        "unknown": terms.unknown,
        "degraded_weight": decimal(terms.degraded_weight),
        "min_outage": {
            "seconds": _seconds(least.length_us), "basis": least.basis, "counting": least.counting,
        },
        "slices": None if terms.slices is None else _slices_document(terms.slices),
        "aggregation": _aggregation_document(terms.aggregation),
        "rounding": terms.rounding and {"digits": terms.rounding.digits, "mode": terms.rounding.mode},
        "tiers": [_tier_document(tier) for tier in terms.tiers],
        "min_coverage": None if coverage is None else decimal(coverage * 100),
        "edge": terms.edge,
    }  # fmt: skip


def _seconds(length_us: int) -> int | str:
    whole, rest = divmod(length_us, SECOND)
    return decimal(Fraction(length_us, SECOND)) if rest else whole


def _window_document(window: Window) -> dict[str, Any]:
    if window.type == "calendar":
        return {"type": window.type, "period": window.period, "timezone": window.timezone}
    if window.type == "rolling":
        return {"type": window.type, "seconds": _seconds(window.length_us)}
    return {"type": window.type}


def _schedule_document(schedule: Schedule) -> dict[str, Any]:
    return {
        "timezone": schedule.timezone,
        "weekly": [
            {
                "days": [WEEKDAYS[day] for day in hours.days],
                "from": _clock_text(hours.from_us),
                "to": _clock_text(hours.to_us),
            }
            for hours in schedule.weekly
        ],
        "holidays": [day.isoformat() for day in schedule.holidays],
    }


def _clock_text(at_us: int) -> str:
    minutes = at_us // (60 * SECOND)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _slices_document(slices: Slices) -> dict[str, Any]:
    bad = slices.bad_above_ratio
    words = "all" if bad is None else decimal(bad) if bad else "any"
    return {"seconds": _seconds(slices.length_us), "bad_when": words}


def _aggregation_document(aggregation: Aggregation) -> dict[str, Any]:
    if aggregation.type == "quorum":
        return {"type": aggregation.type, "k": aggregation.k}
    if aggregation.type == "weighted_mean":
        weights = {name: decimal(weight) for name, weight in aggregation.weights}
        return {"type": aggregation.type, "weights": weights}
    return {"type": aggregation.type}


def _tier_document(tier: Tier) -> dict[str, Any]:
    found = {"min": decimal(tier.min_ratio * 100), "credit": decimal(tier.credit_ratio * 100)}
    return found if tier.label is None else {**found, "label": tier.label}

"""Whether a promise is kept, from the figures: four answers that must not be taken for one another."""

from __future__ import annotations

from fractions import Fraction

from trueup.domain import credit
from trueup.domain.budget import Budget
from trueup.domain.sla.case import Case
from trueup.domain.sla.result import Decision, Ratios, Sums


def decide(
    case: Case, ratios: Ratios, sums: Sums | None, left: Budget | None, risk_us: int, *, closed: bool
) -> Decision:
    """Return what the figures mean; ``risk_us`` is the time to come in which an outage would count."""
    terms = case.terms
    status = _status(case, ratios)
    breached = tier = credit_ratio = paid = None
    if status == "ok" and ratios.uptime is not None:
        value = credit.rounded(ratios.uptime, terms.rounding)
        breached = value < terms.objective_ratio
        tier = credit.tier_of(terms.tiers, value)
        credit_ratio = tier.credit_ratio if tier else Fraction(0)
        paid = None if case.fee is None else credit.amount(case.fee, credit_ratio)
    if closed:
        outcome = None if breached is None else _word(missed=breached)
    elif sums is None or left is None:
        outcome = "open"
    else:
        outcome = _open(sums, left, risk_us)
    label = tier.label if tier else None
    return Decision(status, breached, _verdict(case, ratios), outcome, credit_ratio, label, paid)


def _status(case: Case, ratios: Ratios) -> str:
    if ratios.uptime is None:
        return "no_data"
    least = case.terms.min_coverage_ratio
    if least is not None and ratios.coverage is not None and ratios.coverage < least:
        return "insufficient_data"
    return "ok"


def _verdict(case: Case, ratios: Ratios) -> str | None:
    """Return what would hold whatever the unknown time was."""
    if ratios.lo is None or ratios.hi is None:
        return None
    terms = case.terms
    if credit.rounded(ratios.hi, terms.rounding) < terms.objective_ratio:
        return "breached"
    return "indeterminate" if credit.rounded(ratios.lo, terms.rounding) < terms.objective_ratio else "met"


def _open(sums: Sums, left: Budget, risk_us: int) -> str:
    """Return the outcome of a window that is not over: decided only if nothing can change it."""
    if left.remaining_us < 0:
        return "breached"
    return "met" if risk_us + sums.tolerated_us <= left.remaining_us else "open"


def _word(*, missed: bool) -> str:
    return "breached" if missed else "met"

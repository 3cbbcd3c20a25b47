"""Whether probes are dense enough for a verdict on a case: the same rule for a figure and a statement."""

from __future__ import annotations

from dataclasses import replace

from trueup.domain.resolution import Resolution, resolve
from trueup.domain.sla.case import Case
from trueup.domain.sla.result import Decision, Result
from trueup.domain.text import duration

TOO_COARSE = "too_coarse"  # the status of a result that may not be decided
_UNDECIDED = Decision(TOO_COARSE, None, None, None, None, None, None)


def resolution(case: Case, result: Result, interval_us: int) -> Resolution:
    """Return how well probes so far apart resolve what a case promises for the whole of its window."""
    objective, budget = case.terms.objective_ratio, result.budget
    committed_us = result.window.length_us
    if budget is not None and objective < 1:
        committed_us = int(budget.allowed_us / (1 - objective))
    return resolve(objective, committed_us, interval_us)


def too_coarse(found: Resolution, interval_us: int) -> str:
    """Return why probes so far apart give no verdict, and what would; empty where they give one."""
    if not interval_us or found.gives_verdict:
        return ""
    lost, longest = duration(int(found.budget_us)), duration(int(found.longest_us))
    return (
        f"A probe each {duration(interval_us)} stands for more than may be lost in all, {lost}: no verdict. "
        f"Ask each {longest} or oftener."
    )


def undecided(result: Result) -> Result:
    """Return a result with its figures and without its decision."""
    return replace(result, decision=_UNDECIDED)

"""A figure: a case and what it comes to, with how well the probes can tell."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from trueup.domain.node import decimal
from trueup.domain.resolution import Resolution
from trueup.domain.sla import Result, judge, resolution, too_coarse, truncate_percent
from trueup.domain.terms import Tier
from trueup.figures.sla import window
from trueup.figures.sla.case import Gathered
from trueup.figures.sla.deal import NOMINAL


@dataclass(frozen=True)
class Figure:
    """What a contract comes to over one window."""

    gathered: Gathered
    result: Result

    @property
    def label(self) -> str:
        """Return the name of the window."""
        return self.gathered.looked.label

    @property
    def kind(self) -> str:
        """Return what the window is: day, week, month, quarter, year, rolling or fixed."""
        period = self.gathered.looked.period
        return window.kind_of(period) or period

    @cached_property
    def interval_us(self) -> int:
        """Return the longest interval at which any of its checks was asked in the window; 0 without one."""
        every = (each.interval_us for asked in self.gathered.revisions.values() for each in asked)
        return max(every, default=0)

    @cached_property
    def resolution(self) -> Resolution:
        """Return how well probes so far apart resolve what is promised."""
        return resolution(self.gathered.case, self.result, self.interval_us)

    @property
    def decides(self) -> bool:
        """Return whether there is a verdict: enough is known, and known finely enough."""
        return self.result.decision.status == "ok" and not too_coarse(self.resolution, self.interval_us)

    @property
    def status(self) -> str:
        """Return met, at_risk (below the objective so far, and not lost yet), breached or no_data."""
        if not self.decides:
            return "no_data"
        decision = self.result.decision
        if decision.outcome == "breached":
            return "breached"
        return "at_risk" if decision.breached else "met"

    @property
    def tier(self) -> str | None:
        """Return the tier that holds, by its label or else by its bounds; None without a verdict."""
        decision = self.result.decision
        if not self.decides or decision.credit_ratio is None:
            return None
        return decision.tier or _bounds(self.gathered.case.terms.tiers, decision.credit_ratio)

    @property
    def credit_ratio(self) -> Fraction | None:
        """Return which part of the fee would be due back if the window ended now; None without a verdict."""
        return self.result.decision.credit_ratio if self.decides else None

    @property
    def is_nominal(self) -> bool:
        """Return whether what is allowed is never more than in a month of 30 days."""
        return self.kind == "month" and self.gathered.deal.budget_basis == NOMINAL

    @property
    def allowed_us(self) -> Fraction | None:
        """Return what may be lost, as it is quoted; None where each component has a figure of its own."""
        budget = self.result.budget
        if budget is None:
            return None
        return budget.nominal_us if self.is_nominal else budget.allowed_us

    @property
    def used_us(self) -> Fraction | None:
        """Return what was lost; None where each component has a figure of its own."""
        return None if self.result.sums is None else self.result.sums.downtime_us

    @property
    def reason(self) -> str | None:
        """Return why there is no verdict, None where there is one."""
        decision, ratios = self.result.decision, self.result.ratios
        if decision.status == "no_data":
            return "Nothing is known of this time: nothing that counts was measured in it."
        if decision.status == "insufficient_data":
            least = self.gathered.case.terms.min_coverage_ratio or Fraction(0)
            known = truncate_percent(ratios.coverage or Fraction(0))
            return f"{known} % of this time is known; the contract asks for {decimal(least * 100)} %."
        if self.decides:
            return None
        return too_coarse(self.resolution, self.interval_us)


def figure(gathered: Gathered) -> Figure:
    """Return the figure of a case.

    Raises:
        CaseError: The case cannot be judged.
    """
    return Figure(gathered, judge(gathered.case))


def _bounds(tiers: tuple[Tier, ...], credit_ratio: Fraction) -> str:
    """Return the bounds of the tier of a credit, as tables show them: ``99 - 99.89 %``."""
    position = next(at for at, each in enumerate(tiers) if each.credit_ratio == credit_ratio)
    low, floors = tiers[position].min_ratio * 100, [each.min_ratio * 100 for each in tiers]
    if position == 0:
        return f"{decimal(low)} - 100 %"
    if not low:
        return f"below {decimal(floors[position - 1])} %"
    return f"{decimal(low)} - {decimal(floors[position - 1] - Fraction(1, 100))} %"

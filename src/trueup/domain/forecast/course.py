"""How a window stands that is not over: what was lost, and the time to come."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from trueup.domain import credit
from trueup.domain.budget import Exhausted
from trueup.domain.interval import Span, Spans
from trueup.domain.sla.case import Case
from trueup.domain.sla.judge import SEPARATE, whole_service
from trueup.domain.sla.service import Service
from trueup.domain.terms import Terms


@dataclass(frozen=True, slots=True)
class Course:
    """One contract over one open window.

    ``future`` is the time to come that will count, ``risk`` the part of it in which an outage does:
    business hours and planned maintenance as they are known now.
    """

    terms: Terms
    window: Span
    as_of_us: int
    service: Service
    future: Spans
    risk: Spans
    counted_us: int
    downtime_us: Fraction
    fee: Fraction | None

    @property
    def total_us(self) -> int:
        """Return the time that will have counted when the window ends."""
        return self.counted_us + self.future.total_us

    @property
    def allowed_us(self) -> Fraction:
        """Return how much may be lost of it, by the exact objective."""
        return (1 - self.terms.objective_ratio) * self.total_us

    @property
    def is_down(self) -> bool:
        """Return whether an outage that counts lasts until now."""
        down = self.service.point.down.pairs
        return bool(down) and down[-1][1] >= self.as_of_us

    def left_us(self, min_ratio: Fraction) -> Fraction:
        """Return how much may still be lost without ending below a ratio; negative: it is below already.

        Exact; where the terms round, the greatest number of whole microseconds that they forgive.
        """
        if self.terms.rounding is None:
            return (1 - min_ratio) * self.total_us - self.downtime_us
        end_us = self.risk.total_us + 1
        lost = range(end_us + 1)  # one more than can be lost: beyond it nothing is told apart
        return Fraction(bisect_left(lost, True, key=lambda more_us: self._is_below(more_us, min_ratio)) - 1)

    def ratio_after(self, more_us: int | Fraction = 0) -> Fraction | None:
        """Return the ratio that decides at the end if so much more is lost; None if nothing counts."""
        if not self.total_us:
            return None
        return credit.rounded(1 - (self.downtime_us + more_us) / self.total_us, self.terms.rounding)

    def _is_below(self, more_us: int, min_ratio: Fraction) -> bool:
        ratio = self.ratio_after(more_us)
        return ratio is not None and ratio < min_ratio


def course(case: Case, whole: Service | None = None) -> Course | None:
    """Return how a case stands; None if its window is over, or each component has figures of its own.

    A rolling window has no time to come: it moves on instead. ``whole`` is what ``judged`` says beside
    the result, where that is at hand.

    Raises:
        CaseError: As ``judge``.
    """
    window = Span(case.spans.pairs[0][0], case.spans.pairs[-1][1]) if case.spans else Span(0, 0)
    if case.as_of_us is None or case.terms.aggregation.type in SEPARATE:
        return None
    if case.as_of_us >= window.end_us and case.terms.window.type != "rolling":
        return None
    whole = whole_service(case) if whole is None else whole
    return Course(
        terms=case.terms,
        window=window,
        as_of_us=case.as_of_us,
        service=whole,
        future=whole.ground.future,
        risk=whole.ground.future_risk,
        counted_us=whole.counted.total_us,
        downtime_us=whole.point.weighed_us(case.terms.degraded_weight),
        fee=case.fee,
    )


def pace(of: Course) -> Exhausted:
    """Return the first instant at which more than the budget is lost if it goes on as it has so far.

    It walks business hours and planned maintenance. ``already`` if it is lost by now; None if the
    window ends before, or nothing was lost.
    """
    if of.downtime_us > of.allowed_us:
        return "already"
    if not of.downtime_us or not of.counted_us:
        return None
    # downtime * C(t) / C(now) > allowed, C being whole microseconds
    more_us = floor(of.allowed_us * of.counted_us / of.downtime_us) + 1 - of.counted_us
    return after(of.future, more_us)


def after(spans: Spans, length_us: int) -> int | None:
    """Return the instant at which so much of a set has passed; None if it holds less."""
    for start_us, end_us in spans.pairs:
        if length_us <= end_us - start_us:
            return start_us + length_us
        length_us -= end_us - start_us
    return None

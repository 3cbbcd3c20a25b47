"""From a case to its result: the one function behind every figure of a contract."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from trueup.domain.budget import budget, exhausted_at
from trueup.domain.interval import Span
from trueup.domain.node import DocumentError
from trueup.domain.sla.case import Case
from trueup.domain.sla.decide import decide
from trueup.domain.sla.ground import overlays
from trueup.domain.sla.result import ComponentResult, Ratios, Result
from trueup.domain.sla.said import voice
from trueup.domain.sla.service import Service, ratios, service, sums

SEPARATE = ("weighted_mean", "worst")  # each component has a figure of its own


class CaseError(DocumentError):
    """A case that cannot be judged, with the place and the remedy."""


def judge(case: Case) -> Result:
    """Return what a contract comes to.

    Raises:
        CaseError: The components do not fit the terms, or no instant lies in the window.
    """
    return judged(case)[0]


def judged(case: Case) -> tuple[Result, Service | None]:
    """Return what a contract comes to, and the sets of instants behind it; None of separate components.

    Raises:
        CaseError: As ``judge``.
    """
    check(case)
    over = overlays(case)
    edges = Span(over.window.pairs[0][0], over.window.pairs[-1][1])
    closed = case.as_of_us is None or case.as_of_us >= edges.end_us
    if case.terms.aggregation.type in SEPARATE:
        return _separate(case, edges, closed=closed), None
    whole = whole_service(case)
    total = sums(whole, case.terms.degraded_weight)
    risk = whole.ground.future_risk
    shares = ratios(total)
    future_us = whole.ground.future.total_us
    left = budget(case.terms.objective_ratio, total.counted_us, future_us, total.downtime_us)
    decision = decide(case, shares, total, left, risk.total_us, closed=closed)
    found = Result(edges, closed, shares, decision, total, left, exhausted_at(left.remaining_us, risk))
    return found, whole


def whole_service(case: Case) -> Service:
    """Return all components of a case as one service, in sets of instants."""
    voices = [voice(part, case.terms, case.known) for part in case.components]
    return service(case, overlays(case), case.components, voices)


def each_service(case: Case) -> list[tuple[str, Service]]:
    """Return every component of a case by itself, in sets of instants."""
    over = overlays(case)
    return [
        (part.id, service(case, over, (part,), (voice(part, case.terms, case.known),)))
        for part in case.components
    ]


def check(case: Case) -> None:
    """Refuse a case whose components do not fit its terms, or whose window is empty.

    Raises:
        CaseError: It is one.
    """
    names = [part.id for part in case.components]
    kind = case.terms.aggregation.type
    if not names:
        raise CaseError(("components",), "there is none. Name one at least.")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise CaseError(("components",), f"two have the id {twice!r}. Give each an id of its own.")
    if kind == "single" and len(names) > 1:
        remedy = "Write any, all, quorum, weighted_mean or worst, or name one component."
        raise CaseError(
            ("contract", "aggregation"), f"single cannot speak for {len(names)} components. {remedy}"
        )
    if kind == "weighted_mean":
        weights = dict(case.terms.aggregation.weights)
        for name in sorted(set(weights) ^ set(names)):
            fault = "is no component. Leave it out" if name in weights else "has no weight. Give it one"
            raise CaseError(("contract", "aggregation", "weights"), f"{name!r} {fault}.")
    if not case.spans:
        raise CaseError((), _empty(case))


def _empty(case: Case) -> str:
    if case.contract_from_us is not None or case.contract_to_us is not None:
        return (
            "the contract does not hold in this window. "
            "Choose another period, or mend contract_from and contract_to."
        )
    return "no instant lies in the window. Choose another period or a window that ends after it starts."


def _separate(case: Case, edges: Span, *, closed: bool) -> Result:
    """Return the weighted mean, or the worst, of what each component comes to by itself."""
    found = []
    for name, alone in each_service(case):
        total = sums(alone, case.terms.degraded_weight)
        found.append(ComponentResult(name, total, ratios(total)))
    weights = dict(case.terms.aggregation.weights)
    mean = case.terms.aggregation.type == "weighted_mean"

    def of(ratio: Callable[[Ratios], Fraction | None]) -> Fraction | None:
        figures = [(weights.get(each.id, Fraction(1)), ratio(each.ratios)) for each in found]
        return (
            _mean(figures) if mean else min((each for _, each in figures if each is not None), default=None)
        )

    shares = Ratios(
        of(lambda each: each.uptime),
        of(lambda each: each.lo),
        of(lambda each: each.hi),
        of(lambda each: each.band_lo),
        of(lambda each: each.band_hi),
        None,
    )
    decision = decide(case, shares, None, None, 0, closed=closed)
    counted = tuple(each for each in found if each.sums.counted_us)
    return Result(edges, closed, shares, decision, components=counted)


def _mean(figures: Sequence[tuple[Fraction, Fraction | None]]) -> Fraction | None:
    """Return the mean of the figures there are; a component without any time drops out."""
    there = [(weight, figure) for weight, figure in figures if figure is not None]
    whole = sum((weight for weight, _ in there), Fraction(0))
    return sum((weight * figure for weight, figure in there), Fraction(0)) / whole if whole else None

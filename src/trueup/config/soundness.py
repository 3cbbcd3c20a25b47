"""Say on loading where a promise cannot be measured: probes too far apart, or one vantage alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from trueup.config.fields import INTERVALS_US
from trueup.domain import duration, resolution, text
from trueup.domain.calendar import DAY_US
from trueup.domain.interval import Span
from trueup.domain.node import decimal
from trueup.domain.spec import CheckSpec, ComponentSpec
from trueup.domain.terms import Terms

_VANTAGES = 1  # a check asks from one place


def warnings(
    terms: Terms, fixed: Span | None, components: Sequence[ComponentSpec]
) -> Iterator[tuple[str, str]]:
    """Yield what a contract cannot carry, as the key that it concerns and a sentence."""
    counted_us = counted(terms, fixed)
    slowest = max(_counting(components), key=lambda found: found[1].interval_us, default=None)
    if slowest is not None:
        found = resolution.resolve(terms.objective_ratio, counted_us, slowest[1].interval_us)
        if found.level != resolution.FINE:
            yield "objective", _coarse(terms, found, slowest)
    weakest = min(_counting(components), key=lambda found: found[1].confirm, default=None)
    if weakest is not None:
        wasted = resolution.wasted(terms.objective_ratio, weakest[1].confirm, _VANTAGES)
        if wasted >= 1:
            yield "objective", _alone(terms, wasted, weakest)
    if (odd := _mismatch(terms)) is not None:
        yield "tiers", odd


def counted(terms: Terms, fixed: Span | None) -> int:
    """Return how much time a window counts, as far as that is known beforehand, in microseconds."""
    window = terms.window
    if window.type == "fixed":
        length_us = 0 if fixed is None else fixed.length_us
    else:
        length_us = window.length_us or resolution.NOMINAL_US[window.period]
    if terms.schedule is None:
        return length_us
    week_us = sum((each.to_us - each.from_us) * len(each.days) for each in terms.schedule.weekly)
    return length_us * min(week_us, 7 * DAY_US) // (7 * DAY_US)


def _counting(components: Sequence[ComponentSpec]) -> Iterator[tuple[ComponentSpec, CheckSpec]]:
    return ((each, check) for each in components for check in each.checks if check.counts)


def _coarse(terms: Terms, found: resolution.Resolution, slowest: tuple[ComponentSpec, CheckSpec]) -> str:
    component, check = slowest
    budget = text.duration(int(found.budget_us))
    asked = f"component '{component.slug}' is asked every {duration.text(check.interval_us)}"
    fine_us = resolution.longest(found.longest_us, INTERVALS_US)
    if fine_us is None:
        remedy = "No interval is short enough: take a longer window, or a lower objective"
    else:
        remedy = f"An interval of {duration.text(fine_us)} or less resolves it"
    lead = f"objective {_percent(terms.objective_ratio)} leaves {budget} a {_window(terms)}, and {asked}"
    if found.level == resolution.REFUSED:
        return f"{lead}: one probe stands for more than that, so no verdict is given. {remedy}"
    assert found.share is not None, "without a budget nothing is coarse"
    tenths = int(found.share * 1000)
    return f"{lead}: one probe stands for {tenths // 10}.{tenths % 10} % of that. {remedy}"


def _alone(terms: Terms, wasted: Fraction, weakest: tuple[ComponentSpec, CheckSpec]) -> str:
    check = weakest[1]
    share = resolution.false_downtime(check.confirm, _VANTAGES) * 100
    period = _window(terms)
    cost = f"cost the {period}'s budget" if wasted < 2 else f"cost {int(wasted)} times the {period}'s budget"
    return (
        f"{_percent(terms.objective_ratio)} with one vantage: {decimal(share)} % false failures {cost}; "
        f"confirm >= {check.confirm + 1} or a second region"
    )


def _mismatch(terms: Terms) -> str | None:
    """Return what is odd where the first credit does not begin where the objective ends."""
    free = [tier.min_ratio for tier in terms.tiers if not tier.credit_ratio]
    if not terms.tiers or not free or min(free) == terms.objective_ratio:
        return None
    objective, floor = _percent(terms.objective_ratio), _percent(min(free))
    if min(free) > terms.objective_ratio:
        return f"below {floor} a credit is due although the objective {objective} is met until then"
    return f"the objective is {objective}, but nothing is due before {floor}"


def _window(terms: Terms) -> str:
    return terms.window.period or "window"


def _percent(ratio: Fraction) -> str:
    return decimal(ratio * 100)

"""What a window that goes on may yet come to, and the gauges of contracts for whoever exports them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from trueup.domain.forecast import Gauge, Risk, ahead, course, gauges, history, pace, risk
from trueup.domain.forecast.risk import WATCHED_US
from trueup.domain.node import decimal
from trueup.domain.sla import percent
from trueup.domain.sla.writing import money
from trueup.domain.text import instant
from trueup.figures.sla import window
from trueup.figures.sla.book import Book
from trueup.figures.sla.fault import WindowError
from trueup.figures.sla.figure import Figure
from trueup.figures.sla.summary import minutes_of, number


class Exported(NamedTuple):
    """A gauge of a contract, by its slug."""

    contract: str
    gauge: Gauge


def outlook(book: Book, figure: Figure) -> dict[str, Any] | None:
    """Return what lies ahead of a window; None if it is over, or each component has a figure of its own.

    ``breach_at`` is when the budget is lost if things go on as they have, ``breach_at_if_down`` if it is
    down from now on. ``tiers`` are those below, with the time that may be lost before each.
    """
    of = course(figure.gathered.case)
    if of is None:
        return None
    at = figure.result.exhausted_at
    return {
        "breach_at": _at(pace(of)),
        "breach_at_if_down": _at(at),
        "tiers": [
            {
                "label": each.label,
                "below": decimal(each.min_ratio * 100),
                "credit": number(each.credit_ratio * 100),
                "left_minutes": minutes_of(Fraction(each.left_us)),
                "at_if_down": _at(each.at_us),
                "credit_amount": None if each.amount is None else money(each.amount),
            }
            for each in ahead(of)
        ],
        "risk": _risk(risk(of, _past(book, figure))),
    }


def exported(book: Book) -> list[Exported]:
    """Return the gauges of all contracts at the instant of the book; what cannot be said is left out."""
    found = []
    for figure in book.every():
        for gauge in gauges(figure.result, course(figure.gathered.case)):
            if figure.decides or gauge.name != "sla_credit_percent":
                found.append(Exported(figure.gathered.contract.slug, gauge))
    return found


def _past(book: Book, figure: Figure) -> Any:
    contract = figure.gathered.contract
    try:
        looked = window.between(contract, book.now_us - WATCHED_US, book.now_us)
    except WindowError:
        return None
    return history(book.gathered(contract, looked).case)


def _risk(found: object) -> dict[str, Any]:
    if not isinstance(found, Risk):
        return {"breach_percent": None, "reason": str(found)}
    return {
        "breach_percent": percent(found.breach_ratio),
        "downtime_minutes_median": minutes_of(found.median_us),
        "downtime_minutes_ninety": minutes_of(found.ninety_us),
        "outages": found.outages,
        "runs": found.runs,
        "reason": None,
    }


def _at(at_us: int | str | None) -> str | None:
    return instant(at_us) if isinstance(at_us, int) else at_us

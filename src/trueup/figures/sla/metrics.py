"""What a contract comes to this month, quarter and year, and what it came to before: one document."""

from __future__ import annotations

from typing import Any

from trueup.domain import calendar, terms
from trueup.domain.node import decimal
from trueup.domain.text import instant
from trueup.domain.versions import day
from trueup.figures.sla import window
from trueup.figures.sla.deal import Contract
from trueup.figures.sla.shelf import Shelf
from trueup.figures.sla.summary import nothing, number, summary
from trueup.store.read import statement

# What is shown of each kind of window, and how many before it.
KINDS = {"monthly": ("month", 12), "quarterly": ("quarter", 4), "annual": ("year", 3)}
_STATEMENTS = 24  # the newest
_OTHERS = ("day", "week", "rolling", "fixed")


def monthly(shelf: Shelf, contract: Contract) -> dict[str, Any]:
    """Return the month of now under a contract, by the names that clients know."""
    return _current(shelf, contract, "month", "current_month")


def metrics(shelf: Shelf, contract: Contract) -> dict[str, Any]:
    """Return everything that is told of a contract: what it promises, and what came of it."""
    found: dict[str, Any] = {
        "status": "ok",
        "timestamp": instant(shelf.now_us),
        "contract": _contract(shelf, contract),
        "thresholds": _thresholds(contract),
    }
    for name, (kind, most) in KINDS.items():
        found[name] = {**_current(shelf, contract, kind), "history": _history(shelf, contract, kind, most)}
    found["statements"] = [] if contract.id is None else _statements(contract.id)
    own = shelf.current(contract) if contract.newest.components else None
    if own is not None and own.kind in _OTHERS:
        found["current"] = summary(own)
    return found


def outside(contract: Contract, now_us: int) -> str:
    """Return why there is no figure of now: nothing is watched, or the contract does not hold."""
    if not contract.newest.components:
        return "Nothing is watched yet, and there is no contract."
    began_us, zone = contract.deals[0].version.valid_from_us, window.zone(contract)
    if now_us < began_us:
        return f"The contract begins on {day(began_us, zone)}."
    if contract.until_us is not None and contract.until_us <= now_us:
        return f"The contract ended on {day(contract.until_us, zone)}."
    return "Its last window is over, and it has no other."  # a fixed one, which does not come again


def _current(shelf: Shelf, contract: Contract, kind: str, heading: str = "period") -> dict[str, Any]:
    figure = shelf.period(contract, kind) if contract.newest.components else None
    if figure is not None:
        return summary(figure, heading)
    label = calendar.label_of(shelf.now_us, kind, window.zone(contract))
    return nothing(label, outside(contract, shelf.now_us), heading)


def _history(shelf: Shelf, contract: Contract, kind: str, most: int) -> list[dict[str, Any]]:
    figure = shelf.period(contract, kind) if contract.newest.components else None
    return [] if figure is None else [summary(each) for each in shelf.past(figure, kind, most)]


def _contract(shelf: Shelf, contract: Contract) -> dict[str, Any]:
    newest = contract.newest
    return {
        "slug": None if contract.built_in else contract.slug,
        "name": contract.name,
        "version": None if contract.built_in else newest.version.number,
        "direction": newest.document.get("direction"),
        "components": list(newest.components),
        "window": terms.document(newest.terms)["window"],
        "aggregation": newest.terms.aggregation.type,
        "since": instant(contract.deals[0].version.valid_from_us),
        "until": None if contract.until_us is None else instant(contract.until_us),
        "others": [each.slug for each in shelf.contracts() if each.slug != contract.slug],
    }


def _statements(contract: int) -> list[dict[str, Any]]:
    """Return what was signed, newest first: enough to ask for it and to tell whether it is that."""
    return [
        {
            "id": each.public_id,
            "seq": each.seq,
            "period": each.period,
            "revision": each.revision,
            "superseded": each.superseded,
            "hash": each.digest,
            "key_id": each.key_id,
            "built_at": instant(each.built_us),
        }
        for each in statement.heads(contract, _STATEMENTS)
    ]


def _thresholds(contract: Contract) -> dict[str, Any]:
    """Return what is promised, and the credit below; tiers are floors of the exact value."""
    own = contract.newest.terms
    return {
        "sla_target": number(own.objective_ratio * 100),
        "tiers": [
            {
                "label": tier.label,
                "min": decimal(tier.min_ratio * 100),
                "credit": number(tier.credit_ratio * 100),
            }
            for tier in own.tiers
        ],
        "min_coverage": None if own.min_coverage_ratio is None else number(own.min_coverage_ratio * 100),
        "allowed_basis": contract.newest.budget_basis,
    }

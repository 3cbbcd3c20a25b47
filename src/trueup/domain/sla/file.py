"""A file of cases: each is judged, each row of its tables is computed, in the order they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from trueup.domain import calendar, credit, terms
from trueup.domain.node import DocumentError, Node, instant
from trueup.domain.sla.document import read_case
from trueup.domain.sla.judge import CaseError
from trueup.domain.sla.probes import probe_case
from trueup.domain.sla.writing import evaluate_case, exact_percent, seconds
from trueup.domain.terms import Rounding, Terms

SCHEMA = "trueup-sla-cases/1"
OBJECTIVES = ("99", "99.5", "99.9", "99.95", "99.99", "99.999")
ROUNDINGS: dict[str, Rounding | None] = {
    "exact": None,
    "floor2": Rounding(2, "floor"),
    "half_up2": Rounding(2, "half_up"),
    "half_even2": Rounding(2, "half_even"),
    "half_up1": Rounding(1, "half_up"),
}
_KEYS = ("schema", "semantics", "defaults", "cases", "tier_cases", "window_cases", "probe_cases")


def evaluate_file(document: Any) -> dict[str, Any]:
    """Return the results of a file of cases, or of one case, and the computed keys of each row of a table.

    ``results`` holds ``id`` and ``result`` of each case. A table comes back under its name, row by row,
    with the computed keys alone.

    Raises:
        CaseError: Something cannot be used; the first such place.
    """
    try:
        return _evaluate(Node(document))
    except DocumentError as error:
        raise CaseError(error.path, error.message) from None


def _evaluate(node: Node) -> dict[str, Any]:
    node.mapping()
    if "contract" in node.value or not any(key in node.value for key in _KEYS):
        return {"results": [_result(node, {})]}
    node.mapping(_KEYS)
    if not node.get("schema").absent:
        node.get("schema").choice((SCHEMA,))
    defaults = node.get("defaults")
    basis = {} if defaults.absent else dict(defaults.mapping().value)
    try:
        words = terms.read(basis)
    except terms.TermsError as error:
        raise DocumentError(("defaults", *error.path), error.message) from None
    cases = node.get("cases")
    results = [] if cases.absent else [_result(each, basis) for each in cases.each()]
    found: dict[str, Any] = {"results": results}
    rows: dict[str, Callable[[Node], dict[str, Any]]] = {
        "tier_cases": lambda row: tier_case(row, words),
        "window_cases": window_case,
        "probe_cases": probe_case,
    }
    for name, compute in rows.items():
        if not node.get(name).absent:
            found[name] = [compute(row) for row in node.get(name).each()]
    return found


def _result(node: Node, basis: Mapping[str, Any]) -> dict[str, Any]:
    given = dict(node.mapping().value)
    if isinstance(given.get("contract"), Mapping):
        given["contract"] = {**basis, **given["contract"]}
    return {"id": given.get("id"), "result": evaluate_case(read_case(given, node.path))}


def tier_case(node: Node, words: Terms) -> dict[str, Any]:
    """Return whether a percentage breaches, and its credit, under each way of rounding.

    Raises:
        DocumentError: It is no percentage.
    """
    ratio = node.mapping(needed=("uptime_percent_exact",)).get("uptime_percent_exact").within(0, 100) / 100
    found: dict[str, Any] = {}
    for name, rounding in ROUNDINGS.items():
        value = credit.rounded(ratio, rounding)
        tier = credit.tier_of(words.tiers, value)
        found[name] = {
            "breached": value < words.objective_ratio,
            "credit_percent": exact_percent(tier.credit_ratio if tier else Fraction(0)),
        }
    return found


def window_case(node: Node) -> dict[str, Any]:
    """Return the ends of a period, its seconds, and what common objectives allow in it.

    Raises:
        DocumentError: There is no such period.
    """
    node.mapping(needed=("timezone", "period", "label"))
    label, unit, zone = (node.get(key).text() for key in ("label", "period", "timezone"))
    try:
        window = calendar.period(label, unit, zone)
    except ValueError as error:
        raise node.wrong(str(error)) from None
    if not window:
        raise node.get("label").wrong(
            f"{label} does not exist in {zone}: its clocks skipped it. Choose another."
        )
    length_us = window.total_us
    return {
        "start": instant(window.pairs[0][0]),
        "end": instant(window.pairs[-1][1]),
        "seconds": length_us // 1_000_000,
        "allowed_seconds": {
            objective: seconds((1 - Fraction(objective) / 100) * length_us) for objective in OBJECTIVES
        },
    }

"""Whether an expectation means something: its subject exists and fits what it is compared with."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import get_args, get_origin

from trueup.domain.expect.automaton import Pattern
from trueup.domain.expect.error import ExpectationError
from trueup.domain.expect.form import Expectation, Length, Operand, Range, Share, Subject, is_number
from trueup.domain.result import Certificate

# What a value is, by the type that a kind of probe declares in ``provides``.
_BY_TYPE: Mapping[type, str] = {
    bool: "flag",
    int: "number",
    float: "number",
    Decimal: "number",
    str: "text",
    bytes: "text",
    timedelta: "duration",
    Fraction: "share",
    tuple: "list",
    Certificate: "duration",  # the time it has left
    dict: "mapping",
    Mapping: "mapping",
}
# Names that mean the same for every kind; all but latency only where a kind provides them.
_KNOWN = {
    "latency": "duration",
    "certificate": "duration",
    "body": "text",
    "$": "document",
    "header": "mapping",
}
_ORDER = ("<", "<=", ">", ">=")
_WORDS = {
    "number": "a number",
    "text": "text",
    "duration": "a duration",
    "share": "a share",
    "list": "a list",
    "flag": "true or false",
    "null": "null",
    "pattern": "a regular expression",
    "document": "JSON",
}


def check(expectation: Expectation, provides: Mapping[str, type] | None = None) -> None:
    """Refuse an expectation that can never hold, as far as can be told.

    ``provides`` is what the check's kind of probe measures, with types; without it only the names
    are known that mean the same everywhere. A kind that provides ``body`` also provides paths (``$``).

    Raises:
        ExpectationError: The name is unknown, or what it is compared with does not fit it.
    """
    _fit_operator(expectation)
    kind = kind_of(expectation.subject, provides)
    if kind is not None:
        _fit(expectation, kind)


def kind_of(subject: Subject, provides: Mapping[str, type] | None) -> str | None:
    """Return which kind of value a subject is, as far as can be told.

    Raises:
        ExpectationError: Its name is unknown, or it is used as what it is not.
    """
    name, kind = subject.name, _KNOWN.get(subject.name)
    held = "text"  # what a mapping holds
    if provides is not None and name != "latency":
        declared = provides.get("body" if name == "$" and "$" not in provides else name)
        if declared is None:
            raise ExpectationError(_unknown(name, provides), subject.column)
        kind = kind or _BY_TYPE.get(get_origin(declared) or declared)
        held = _BY_TYPE[get_args(declared)[1]] if get_args(declared) else held
    if kind == "mapping" and subject.key is None:
        raise ExpectationError(f'{name} needs a key: {name}["..."]', subject.column)
    if subject.key is not None and kind not in ("mapping", None):
        raise ExpectationError(f"{name} has no keys: write {name} alone.", subject.column)
    if not subject.counted:
        return held if kind == "mapping" else kind
    if kind in ("number", "duration", "share", "flag"):
        raise ExpectationError(f"{name} has no length: it is {_WORDS[kind]}.", subject.column)
    return "number"


def _unknown(name: str, provides: Mapping[str, type]) -> str:
    known = sorted({*provides, "latency"})
    if "body" in provides:
        known.append("$")
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"this kind knows {', '.join(known)}."
    return f"unknown name {name!r}: {hint}"


def _fit(expectation: Expectation, kind: str) -> None:
    """Refuse an operand that cannot be compared with a subject of that kind."""
    subject, operator, operand = expectation.subject, expectation.operator, expectation.operand
    name, given = subject.text, {_kind_of(value) for value in _values(operand)}
    if kind == "document":
        if "duration" in given:
            raise _error(expectation, f"{name} is JSON, and its numbers have no unit: write a plain number.")
        return
    if kind == "list":
        if not operator.endswith("contains") or given != {"text"}:
            raise _error(
                expectation, f'{name} is a list: write {name} contains "...", or compare len({name}).'
            )
        return
    if kind == "share" and "number" in given:
        raise _error(expectation, f"{name} is a share of a whole and needs a %, as in: {name} < 20 %")
    if kind == "duration" and "number" in given:
        raise _error(expectation, f"{name} is a duration and needs a unit: write us, ms, s, m, h or d.")
    wrong = next((one for one in sorted(given) if one != kind and (kind, one) != ("text", "pattern")), None)
    if wrong:
        raise _error(expectation, f"{name} is {_WORDS[kind]} and cannot be compared with {_WORDS[wrong]}.")
    if operator.endswith("contains") and kind != "text":
        raise _error(expectation, f"{name} is {_WORDS[kind]} and contains nothing: compare it.")


def _fit_operator(expectation: Expectation) -> None:
    """Refuse an operator that does not go with what stands behind it, whatever stands before it."""
    operator, operand = expectation.operator, expectation.operand
    if operator.endswith("matches") != isinstance(operand, Pattern):
        remedy = "matches wants /.../" if operator.endswith("matches") else "write: matches /.../"
        raise _error(expectation, f"{operator} and {_written(operand)} do not go together: {remedy}")
    if operator in ("in", "not in") and not isinstance(operand, Range | tuple):
        raise _error(expectation, f"{operator} wants a range or a list: 200..299 or [200, 404]")
    if isinstance(operand, Range | tuple) and operator not in ("in", "not in"):
        raise _error(expectation, f"a range or list goes with in: {expectation.subject.text} in ...")
    if operator in _ORDER and not (is_number(operand) or isinstance(operand, Length | Share)):
        raise _error(
            expectation,
            f"{_written(operand)} has no order: {operator} compares numbers, durations and shares.",
        )
    if operator.endswith("contains") and not isinstance(operand, str) and expectation.subject.name != "$":
        raise _error(expectation, f'{operator} looks for text: write {operator} "..."')


def _error(expectation: Expectation, message: str) -> ExpectationError:
    return ExpectationError(message, expectation.column)


def _values(operand: Operand) -> tuple[object, ...]:
    if isinstance(operand, Range):
        return (operand.low, operand.high)
    return operand if isinstance(operand, tuple) else (operand,)


def _kind_of(value: object) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else "flag"
    if is_number(value):
        return "number"
    if isinstance(value, Pattern | Share):
        return "pattern" if isinstance(value, Pattern) else "share"
    return "text" if isinstance(value, str) else "duration"


def _written(operand: Operand) -> str:
    return "a list" if isinstance(operand, tuple) else _WORDS[_kind_of(operand)]

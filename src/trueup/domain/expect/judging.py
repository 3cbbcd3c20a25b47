"""Facts and expectations in, a judgement out: the only place where an answer becomes up or down."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from trueup.domain.expect.answer import Answer, UnjudgedError, shown_value, wrong_type
from trueup.domain.expect.automaton import Pattern
from trueup.domain.expect.form import Expectation, Operand, Range, Subject, is_number
from trueup.domain.result import Facts, FailureClass, Judgement, State
from trueup.domain.text import Text, Value

MATCHED_BYTES = 64_000  # what a regular expression sees of a body

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def judge(
    facts: Facts,
    duration_us: int,
    now_us: int,
    expect: Sequence[Expectation],
    degraded_when: Sequence[Expectation] = (),
    asked: str = "",
) -> Judgement:
    """Return what the facts amount to.

    A probe's own failure is down. So is the first expectation that does not hold, or that has nothing
    to be judged by (no such value, no JSON, a text where a number should be). After that the first
    rule of ``degraded_when`` that holds makes it degraded; so does one that cannot be judged, since a
    rule that silently never holds would watch nothing.

    ``duration_us`` is how long the probe took, which is what ``latency`` means; ``now_us`` when it was
    answered (microseconds UTC), against which certificates are measured; ``asked`` what was asked, as
    sentences may name it: without secrets.
    """
    if facts.failure is not None:
        return Judgement(State.DOWN, facts.failure.cause, facts.failure.text)
    answer = Answer(facts, duration_us, now_us)
    about: dict[str, Value] = {"waited_us": duration_us, **({"asked": asked} if asked else {})}
    for expectation in expect:
        if judged := _unmet(answer, expectation, about):
            return judged
    for expectation in degraded_when:
        if judged := _degraded(answer, expectation, about):
            return judged
    return Judgement(State.UP)


def _unmet(answer: Answer, expectation: Expectation, about: Mapping[str, Value]) -> Judgement | None:
    """Return why it is down because of one expectation, nothing if it holds."""
    params = {**about, "expectation": expectation.source.strip()}
    try:
        value = answer.value(expectation.subject)
        if _holds(expectation, value):
            return None
        problem, more = _difference(answer, expectation, value)
        cause = FailureClass.EXPECTATION
    except UnjudgedError as error:
        problem, more, cause = error.problem, error.params, error.cause
    return Judgement(State.DOWN, cause, Text(f"expect.{problem}", {**params, **more}))


def _degraded(answer: Answer, expectation: Expectation, about: Mapping[str, Value]) -> Judgement | None:
    """Return why it is degraded because of one rule, nothing if the rule does not hold."""
    params = {**about, "expectation": expectation.source.strip()}
    try:
        value = answer.value(expectation.subject)
        if not _holds(expectation, value):
            return None
        problem = "when"
        more: dict[str, Value] = {"subject": expectation.subject.text, "got": shown_value(value)}
        cause = FailureClass.EXPECTATION
    except UnjudgedError as error:
        problem, more, cause = error.problem, error.params, error.cause
    return Judgement(State.DEGRADED, cause, Text(f"degraded.{problem}", {**params, **more}))


def _holds(expectation: Expectation, value: Any) -> bool:
    operand, subject = expectation.operand, expectation.subject
    negated = expectation.operator.startswith("not ")
    match expectation.operator.removeprefix("not "):
        case "contains":
            return _contains(subject, value, operand) != negated
        case "matches":
            return _matches(subject, value, operand) != negated
        case "in":
            return _within(subject, value, operand) != negated
        case "==":
            return _equal(subject, value, operand)
        case "!=":
            return not _equal(subject, value, operand)
        case order:
            if not _alike(value, operand):
                raise wrong_type(subject, value)
            return _COMPARE[order](value, operand)


def _contains(subject: Subject, value: Any, wanted: Any) -> bool:
    if isinstance(value, list):
        return any(_alike(member, wanted) and member == wanted for member in value)
    if isinstance(value, bytes) and isinstance(wanted, str):
        return wanted.encode(errors="replace") in value
    if isinstance(value, str) and isinstance(wanted, str):
        return wanted in value
    raise wrong_type(subject, value)


def _matches(subject: Subject, value: Any, pattern: Operand) -> bool:
    if isinstance(value, bytes):
        value = value[:MATCHED_BYTES].decode(errors="replace")
    if not isinstance(value, str) or not isinstance(pattern, Pattern):
        raise wrong_type(subject, value)
    return pattern.found_in(value[:MATCHED_BYTES])


def _within(subject: Subject, value: Any, operand: Operand) -> bool:
    if not isinstance(operand, Range):
        members = operand if isinstance(operand, tuple) else ()
        if not any(_alike(value, member) for member in members):
            raise wrong_type(subject, value)
        return any(_alike(value, member) and value == member for member in members)
    if not _alike(value, operand.low):
        raise wrong_type(subject, value)
    return bool(operand.low <= value <= operand.high)


def _equal(subject: Subject, value: Any, operand: Operand) -> bool:
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    if operand is None or value is None:
        return value is operand
    if not _alike(value, operand):
        raise wrong_type(subject, value)
    return bool(value == operand)


def _alike(value: Any, other: Any) -> bool:
    """Return whether two values may be compared: numbers with numbers, else the same type."""
    if is_number(value):
        return is_number(other)
    return type(value) is type(other)


def _difference(answer: Answer, expectation: Expectation, value: Any) -> tuple[str, dict[str, Value]]:
    """Return in which words it does not hold, and what was there instead."""
    kind = expectation.operator.removeprefix("not ")
    subject = expectation.subject
    seen: dict[str, Value] = {"subject": subject.text, "got": shown_value(value)}
    if kind not in ("contains", "matches"):
        return "unmet", seen
    word = {"contains": "contained", "matches": "matched"}[kind]
    if expectation.operator.startswith("not "):
        return word, seen
    if subject.name == "body" and (read := _read_of(answer.facts, kind)):
        return "cut", {"subject": subject.text, "size": read}
    return f"not_{word}", seen


def _read_of(facts: Facts, kind: str) -> int:
    """Return how much of a body was looked at, 0 for all of it."""
    whole = len(facts.body or b"")
    looked = min(whole, MATCHED_BYTES) if kind == "matches" else whole
    return looked if facts.body_truncated or looked < whole else 0

"""Facts and expectations in, a judgement out: the only place where an answer becomes up or down."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from trueup.domain.expect.answer import Answer, UnjudgedError, shown_value, wrong_type
from trueup.domain.expect.automaton import Pattern, TooMuchWorkError
from trueup.domain.expect.form import Expectation, Operand, Range, Share, Subject, is_number
from trueup.domain.result import Facts, FailureClass, Judgement, State
from trueup.domain.text import Text, Value

MATCHED_BYTES = 64_000  # what a regular expression sees of a body
_ALL = Share(Fraction(100))
_STATUSES = 1_000  # three digits
_NOT_FOUND = 404  # mostly a path that was mistyped where the check is configured

_Test = Callable[[Subject, Any, Any], bool]


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
    for expectation in expect:
        if problem := _unmet(answer, expectation):
            return _judgement(State.DOWN, problem, answer, expectation, asked)
    for expectation in degraded_when:
        if problem := _degraded(answer, expectation):
            return _judgement(State.DEGRADED, problem, answer, expectation, asked)
    return _UP


@lru_cache(maxsize=1_000)
def accepted(expect: tuple[Expectation, ...], degraded_when: tuple[Expectation, ...] = ()) -> frozenset[int]:
    """Return the statuses that make an answer up, whatever else is in it; none where more is looked at."""
    subjects = [each.subject for each in (*expect, *degraded_when)]
    if any(one.name != "status" or one.key is not None or one.counted for one in subjects):
        return frozenset()
    return frozenset(
        status
        for status in range(_STATUSES)
        if judge(Facts(values={"status": status}), 0, 0, expect, degraded_when) is _UP
    )


class _Problem(NamedTuple):
    """What is wrong: the id of a message and its values."""

    text: str
    params: Mapping[str, Value]
    cause: FailureClass = FailureClass.EXPECTATION


def _judgement(
    state: State, problem: _Problem, answer: Answer, expectation: Expectation, asked: str
) -> Judgement:
    params: dict[str, Value] = {"asked": asked} if asked else {}
    params |= {"waited_us": answer.duration_us, "expectation": expectation.source.strip(), **problem.params}
    return Judgement(state, problem.cause, Text(problem.text, params))


def _unmet(answer: Answer, expectation: Expectation) -> _Problem | None:
    """Return why an expectation makes it down, nothing if it holds."""
    try:
        value = answer.value(expectation.subject)
        return None if _holds(expectation, value) else _difference(answer, expectation, value)
    except UnjudgedError as error:
        return _Problem(f"expect.{error.problem}", error.params, error.cause)


def _degraded(answer: Answer, expectation: Expectation) -> _Problem | None:
    """Return why a rule makes it degraded, nothing if the rule does not hold."""
    try:
        value = answer.value(expectation.subject)
        if not _holds(expectation, value):
            return None
    except UnjudgedError as error:
        return _Problem(f"degraded.{error.problem}", error.params, error.cause)
    return _Problem("degraded.when", {"subject": expectation.subject.text, "got": shown_value(value)})


def _holds(expectation: Expectation, value: Any) -> bool:
    test, wanted = _TESTS[expectation.operator]
    return test(expectation.subject, value, expectation.operand) is wanted


def _contains(subject: Subject, value: Any, wanted: Any) -> bool:
    if isinstance(value, list | tuple):
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
    try:
        return pattern.found_in(value[:MATCHED_BYTES])
    except TooMuchWorkError:
        raise UnjudgedError("too_much_work", FailureClass.INTERNAL, subject=subject.text) from None


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
    return type(value) is type(other) or (is_number(value) and is_number(other))


def _difference(answer: Answer, expectation: Expectation, value: Any) -> _Problem:
    """Return in which words an expectation does not hold, and what was there instead."""
    subject, (test, wanted) = expectation.subject, _TESTS[expectation.operator]
    seen = {"subject": subject.text, "got": shown_value(value)}
    if test is not _contains and test is not _matches:
        no_path = subject.name == "status" and value == _NOT_FOUND
        return _Problem("expect.no_path" if no_path else "expect.unmet", seen, _cause(subject.name, value))
    if not wanted:
        return _Problem("expect.contained" if test is _contains else "expect.matched", seen)
    if subject.name == "body" and (read := _read_of(answer.facts, test is _matches)):
        return _Problem("expect.cut", {"subject": subject.text, "size": read})
    return _Problem("expect.not_contained" if test is _contains else "expect.not_matched", seen)


def _cause(name: str, value: Any) -> FailureClass:
    """Return which class a difference is of: some values are an account of why there was no good answer."""
    if name == "rcode":
        return FailureClass.DNS
    return FailureClass.TIMEOUT if name == "loss" and value == _ALL else FailureClass.EXPECTATION


def _read_of(facts: Facts, by_pattern: bool) -> int:
    """Return how much of a body was looked at, 0 for all of it."""
    whole = len(facts.body or b"")
    looked = min(whole, MATCHED_BYTES) if by_pattern else whole
    return looked if facts.body_truncated or looked < whole else 0


def _compare(compare: Callable[[Any, Any], bool]) -> _Test:
    def test(subject: Subject, value: Any, operand: Any) -> bool:
        if not _alike(value, operand):
            raise wrong_type(subject, value)
        return compare(value, operand)

    return test


# How each operator tests, and which answer of the test it wants.
_TESTS: Mapping[str, tuple[_Test, bool]] = {
    "==": (_equal, True),
    "!=": (_equal, False),
    "<": (_compare(operator.lt), True),
    "<=": (_compare(operator.le), True),
    ">": (_compare(operator.gt), True),
    ">=": (_compare(operator.ge), True),
    "in": (_within, True),
    "not in": (_within, False),
    "contains": (_contains, True),
    "not contains": (_contains, False),
    "matches": (_matches, True),
    "not matches": (_matches, False),
}
_UP = Judgement(State.UP)

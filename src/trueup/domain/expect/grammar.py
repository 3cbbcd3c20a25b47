"""One expectation as people write it, read into what is judged, how, and against what.

    status == 200               status in 200..299           status in [200, 404]
    latency < 800 ms            certificate > 14 d           len($.items) > 0
    $.items[0].name == "ok"     header["content-type"] contains "json"
    body contains "ok"          body not matches /error/i    reply == "pong"

Text stands in double or single quotes with JSON's escapes, durations carry a unit (us ms s m h d),
shares a %, numbers are exact as written, a range ``a..b`` holds both its ends.
"""

from __future__ import annotations

import difflib
import json
import re
from decimal import Decimal
from fractions import Fraction

from trueup.domain import duration
from trueup.domain.expect.automaton import Pattern
from trueup.domain.expect.error import ExpectationError
from trueup.domain.expect.form import Expectation, Length, Operand, Range, Scalar, Share, Subject, is_number

_MAX_LENGTH = 1_000  # characters of one expectation
_MAX_STEPS = 64  # of a path

_SPACE = re.compile(r"\s*")
_NAME = re.compile(r"[A-Za-z_]\w*")
_STEP = re.compile(r"\.([^\W\d][\w-]*)|\[\s*(-?\d{1,9})\s*\]|\[\s*(?=[\"'])")
_OPERATOR = re.compile(r"==|!=|<=|>=|<|>|(?:not\s+)?(?:in|contains|matches)\b")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")
_UNIT = re.compile(r"\s*(?!(?:and|or)\b)([A-Za-zµ%]+)")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')
_EXPRESSION = re.compile(r"/((?:[^/\\]|\\.)*)/([A-Za-z]*)")
_UNITS = ("us", "ms", "s", "m", "h", "d")
_WORDS = {"true": True, "false": False, "null": None}


def read(source: str) -> Expectation:
    """Return an expectation as written, before anybody asked whether it means something.

    Raises:
        ExpectationError: It cannot be read; the message proposes what can.
    """
    if len(source) > _MAX_LENGTH:
        raise ExpectationError(f"this is longer than {_MAX_LENGTH} characters.", _MAX_LENGTH + 1)
    return _Reader(source).expectation()


def read_part(source: str) -> tuple[Subject, tuple[str, str, int] | None]:
    """Return what names a part of an answer: a subject and, after ``matches``, an expression.

    An expression is its source, its flags and its column.

    Raises:
        ExpectationError: It cannot be read; the message proposes what can.
    """
    if len(source) > _MAX_LENGTH:
        raise ExpectationError(f"this is longer than {_MAX_LENGTH} characters.", _MAX_LENGTH + 1)
    return _Reader(source).part()


class _Reader:
    def __init__(self, source: str) -> None:
        self.source, self.at = source, 0

    def error(self, message: str, at: int | None = None) -> ExpectationError:
        return ExpectationError(message, (self.at if at is None else at) + 1)

    def take(self, form: re.Pattern[str]) -> re.Match[str] | None:
        found = form.match(self.source, self.at)
        if found:
            self.at = found.end()
        return found

    def skip(self, sign: str) -> bool:
        """Pass over white space and then the sign, if it stands there."""
        self.take(_SPACE)
        found = self.source.startswith(sign, self.at)
        self.at += len(sign) if found else 0
        return found

    def rest(self) -> str:
        self.take(_SPACE)
        return self.source[self.at :]

    def expectation(self) -> Expectation:
        subject = self.subject()
        operator = self.operator()
        self.take(_SPACE)
        column = self.at + 1
        operand = self.operand()
        if extra := self.rest():
            raise self.error(_surplus(extra, self.source[column - 1 : self.at]))
        return Expectation(self.source, subject, operator, operand, column)

    def part(self) -> tuple[Subject, tuple[str, str, int] | None]:
        subject = self.subject()
        if not self.rest():
            return subject, None
        if self.operator() != "matches" or self.rest()[:1] != "/":
            raise self.error("a part is taken out by: matches /before(part)behind/")
        expression = self.expression()
        if extra := self.rest():
            raise self.error(f"here it should end, but {extra.split(maxsplit=1)[0]!r} follows.")
        return subject, expression

    def subject(self) -> Subject:
        self.take(_SPACE)
        start = self.at
        counted = self.source.startswith("len(", self.at)
        self.at += 4 if counted else 0
        self.take(_SPACE)
        name, key, path = self.named()
        if counted and not self.skip(")"):
            raise self.error("len( is never closed: write len($.items).")
        text = self.source[start : self.at].strip()
        return Subject(text, start + 1, name, key, path, counted)

    def named(self) -> tuple[str, str | None, tuple[str | int, ...]]:
        if self.skip("$"):
            return "$", None, self.path()
        found = self.take(_NAME)
        if not found:
            raise self.error("an expectation begins with what is judged, as in: status == 200")
        key = None
        if self.skip("["):
            key = self.quoted('the key stands in quotes, as in: header["content-type"]')
            self.close()
        return found[0], key, ()

    def path(self) -> tuple[str | int, ...]:
        steps: list[str | int] = []
        while found := self.take(_STEP):
            if found[1] is not None:
                steps.append(found[1])
            elif found[2] is not None:
                steps.append(int(found[2]))
            else:
                steps.append(self.quoted(""))
                self.close()
        if self.source[self.at : self.at + 1] in (".", "["):
            raise self.error('a path has names and indices only: $.items[0].name or $["two words"]')
        if len(steps) > _MAX_STEPS:
            raise self.error(f"a path has at most {_MAX_STEPS} steps.")
        return tuple(steps)

    def close(self) -> None:
        if not self.skip("]"):
            raise self.error("this [ is never closed: a ] is missing.")

    def operator(self) -> str:
        self.take(_SPACE)
        found = self.take(_OPERATOR)
        if found:
            return " ".join(found[0].split())
        raise self.error(_no_operator(self.source[self.at :]))

    def operand(self) -> Operand:
        if self.source.startswith("/", self.at):
            return self.pattern()
        if self.skip("["):
            return self.members()
        low = self.scalar()
        if not self.skip(".."):
            return low
        self.take(_SPACE)
        start = self.at
        high = self.scalar()
        if is_number(low) and is_number(high) and low <= high:
            return Range(low, high)
        if isinstance(low, Length) and isinstance(high, Length) and low <= high:
            return Range(low, high)
        if isinstance(low, Share) and isinstance(high, Share) and low <= high:
            return Range(low, high)
        raise self.error("a range goes from the lower to the higher of one kind: 200..299, 1 s..5 s", start)

    def members(self) -> tuple[Scalar, ...]:
        values: list[Scalar] = []
        while not values or self.skip(","):
            self.take(_SPACE)
            values.append(self.scalar())
        self.close()
        return tuple(values)

    def pattern(self) -> Pattern:
        return Pattern(*self.expression())

    def expression(self) -> tuple[str, str, int]:
        start = self.at
        found = self.take(_EXPRESSION)
        if not found:
            raise self.error("this / is never closed: write /re/, and \\/ for a slash inside.")
        if unknown := set(found[2]) - set("ims"):
            raise self.error(f"the flag {min(unknown)!r} is not known: i, m and s are.", found.start(2))
        return found[1], "".join(sorted(set(found[2]))), start + 2

    def scalar(self) -> Scalar:
        if self.source[self.at : self.at + 1] in ('"', "'"):
            return self.quoted("")
        start = self.at
        if found := self.take(_NUMBER):
            return self.number(found[0], start)
        word = self.take(_NAME)
        if word and word[0] in _WORDS:
            return _WORDS[word[0]]
        if word:
            raise self.error(f'text stands in quotes: "{word[0]}"', start)
        raise self.error('here a value is missing: a number, "text", a duration, true, false or null.')

    def number(self, digits: str, start: int) -> Scalar:
        unit = self.take(_UNIT)
        if not unit:
            return Decimal(digits) if set(digits) & set(".eE") else int(digits)
        if unit[1] == "%":
            return Share(Fraction(digits))
        try:
            return Length(duration.parse(f"{digits}{unit[1]}"))
        except ValueError as error:
            if unit[1] in _UNITS:
                message = "a duration has at most six digits after the point, no sign and no exponent."
                raise self.error(message, start) from error
            near = difflib.get_close_matches(unit[1].lower().replace("µ", "u"), _UNITS, 1, 0.5)
            proposal = f"did you mean {digits} {near[0]}?" if near else f"units are {', '.join(_UNITS)}."
            raise self.error(f"the unit {unit[1]!r} is not known: {proposal}", unit.start(1)) from error

    def quoted(self, otherwise: str) -> str:
        self.take(_SPACE)
        start = self.at
        found = self.take(_TEXT)
        if not found:
            raise self.error(otherwise or "this quote is never closed.")
        inside = found[0][1:-1]
        if found[0][0] == "'":
            inside = re.sub(r'\\.|"', _requoted, inside)
        try:
            return str(json.loads(f'"{inside}"', strict=False))
        except json.JSONDecodeError as error:
            message = (
                'a backslash here stands before one of " \\ / b f n r t or uXXXX: write \\\\ for itself.'
            )
            raise self.error(message, start + max(error.pos, 1)) from error


def _requoted(found: re.Match[str]) -> str:
    """Return what stands in single quotes as it would stand in double ones."""
    return {"\\'": "'", '"': '\\"'}.get(found[0], found[0])


def _surplus(extra: str, operand: str) -> str:
    if re.match(r"(and|or|&&|\|\|)\b|&|\|", extra):
        return "one expectation demands one thing: write several as several items of the list."
    if re.match(r"-\s*\d", extra):
        return f"a range has two points: {operand}..{extra.lstrip('- ')}"
    return f"here it should end, but {extra.split(maxsplit=1)[0]!r} follows."


def _no_operator(rest: str) -> str:
    known = ("==", "!=", "<", "<=", ">", ">=", "in", "contains", "matches", "not in", "not contains")
    words = rest.split(maxsplit=2)
    word = " ".join(words[:2]) if words[:1] == ["not"] else "".join(words[:1])
    proposals: dict[str, str] = {"=": "==", "is": "==", "equals": "==", "=~": "matches", "~": "matches"}
    near = proposals.get(word) or next(iter(difflib.get_close_matches(word, known, 1, 0.6)), "")
    if not word:
        return f"here a comparison is missing: one of {', '.join(known[:9])}."
    return f"{word!r} is no comparison: " + (
        f"did you mean {near!r}?" if near else f"write {', '.join(known[:9])}."
    )

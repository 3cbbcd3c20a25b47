"""The facts of one probe, as expectations name them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from trueup.domain import text as words
from trueup.domain.expect import document
from trueup.domain.expect.form import Length, Share, Subject, is_number
from trueup.domain.result import Facts, FailureClass
from trueup.domain.text import Value

_UNREAD = object()
_KINDS: Mapping[type, str] = {
    bytes: "text",
    str: "text",
    list: "a list",
    tuple: "a list",
    dict: "an object",
    Length: "a duration",
    Share: "a share",
}


class UnjudgedError(Exception):
    """An expectation that has nothing to be judged by: the end of a message id, and its values."""

    def __init__(self, problem: str, cause: FailureClass = FailureClass.EXPECTATION, **params: Value) -> None:
        super().__init__(problem)
        self.problem, self.cause, self.params = problem, cause, params


class Answer:
    """What one probe measured, with its duration and the instant of the answer."""

    def __init__(self, facts: Facts, duration_us: int, now_us: int) -> None:
        self.facts, self.duration_us, self.now_us = facts, duration_us, now_us
        self._document: Any = _UNREAD

    def document(self) -> Any:
        """Return the body as JSON (``Any``: what JSON can hold), read once for all expectations."""
        if self._document is _UNREAD:
            self._document = self._load()
        return self._document

    def _load(self) -> Any:
        if self.facts.body is None:
            raise UnjudgedError("absent", subject="body")
        if self.facts.body_truncated:
            raise UnjudgedError(
                "not_json", reason=f"only its first {words.size(len(self.facts.body))} were read"
            )
        try:
            return document.load(self.facts.body)
        except document.TooDeepError:
            raise UnjudgedError("json_depth", FailureClass.PROTOCOL, limit=document.MAX_DEPTH) from None
        except document.NotJsonError as error:
            raise UnjudgedError("not_json", reason=str(error)) from None

    def value(self, subject: Subject) -> Any:
        """Return what a subject is in these facts: a plain value, ``Length`` for durations."""
        value = self._named(subject)
        if not subject.counted:
            return value
        if not isinstance(value, str | bytes | list | tuple | dict):
            raise wrong_type(subject, value)
        return len(value)

    def _named(self, subject: Subject) -> Any:
        if subject.name == "$":
            try:
                return document.place(self.document(), subject.path)
            except document.NoPlaceError as error:
                raise UnjudgedError("path", parent=error.parent, got=error.got, step=error.step) from None
        value = self._plain(subject.name)
        if subject.key is not None and isinstance(value, Mapping):
            value = _comparable(_under(value, subject.key))
        if value is None:
            raise UnjudgedError("absent", subject=subject.text)
        return value

    def _plain(self, name: str) -> Any:
        if name == "latency":
            return Length(self.duration_us)
        if name == "body":
            return self.facts.body
        if name == "certificate" and self.facts.certificate is not None:
            return Length(self.facts.certificate.not_after_us - self.now_us)
        return _comparable(self.facts.values.get(name))


def _comparable(value: Any) -> Any:
    if isinstance(value, Fraction):
        return Share(value * 100)
    if isinstance(value, timedelta):
        return Length(value // timedelta(microseconds=1))
    return Decimal(repr(value)) if isinstance(value, float) else value


def _under(values: Mapping[str, Any], wanted: str) -> Any:
    """Return the value of a key, whose case does not matter."""
    lowered = wanted.lower()
    if lowered in values:
        return values[lowered]
    return next((found for key, found in values.items() if key.lower() == lowered), None)


def wrong_type(subject: Subject, value: Any) -> UnjudgedError:
    """Return the error that a value is nothing to compare with what was expected."""
    got = None if value is None else shown_value(value)
    return UnjudgedError("type", subject=subject.text, kind=_kind(value), got=got)


def shown_value(value: Any) -> str:
    """Return a value as a sentence shows it."""
    if isinstance(value, Length):
        return words.duration(value.us)
    if isinstance(value, Share):
        return f"{float(round(value.percent, 1)):g} %"
    if isinstance(value, tuple):
        return document.listed(value)
    if isinstance(value, bytes):
        return document.shown(value[:200].decode(errors="replace"))
    return document.shown(value)


def _kind(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else "a truth value"
    if is_number(value):
        return "a number"
    return _KINDS.get(type(value), "something else")

"""A body as JSON, and places in it."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from itertools import accumulate
from typing import Any, NoReturn

from trueup.domain.expect.form import is_number

MAX_DEPTH = 64
_TEXTS = re.compile(rb'"(?:[^"\\]+|\\.|\\\Z)*+"?', re.DOTALL)
_STEP = {ord(sign): step for sign, step in (("[", 1), ("{", 1), ("]", -1), ("}", -1))}
_NO_BRACKETS = bytes(set(range(256)) - set(_STEP))
_SHOWN = 80  # characters of a value that a sentence shows


class TooDeepError(Exception):
    """JSON nested deeper than ``MAX_DEPTH``, which nobody reads."""


class NotJsonError(Exception):
    """A body that is no JSON, and why."""


class NoPlaceError(Exception):
    """A path that leads nowhere: where it ended, what was there, and which step failed."""

    def __init__(self, parent: str, got: str, step: str) -> None:
        super().__init__(parent, got, step)
        self.parent, self.got, self.step = parent, got, step


def load(body: bytes) -> Any:
    """Return the value of a JSON body (``Any``: what JSON can hold); numbers are exact.

    Raises:
        TooDeepError: It is nested too deeply.
        NotJsonError: It is not JSON.
    """
    if _too_deep(body):
        raise TooDeepError
    try:
        return _DECODER.decode(body.removeprefix(b"\xef\xbb\xbf").decode())
    except (ValueError, InvalidOperation, RecursionError) as error:
        raise NotJsonError(_why(body, error)) from error


def place(document: Any, path: tuple[str | int, ...]) -> Any:
    """Return what stands at a path.

    Raises:
        NoPlaceError: Nothing does.
    """
    value, way = document, "$"
    for step in path:
        try:
            value = _under(value, step)
        except LookupError:
            raise NoPlaceError(way, shown(value), _step_text(step)) from None
        way += _step_text(step)
    return value


def shown(value: Any) -> str:
    """Return a value as a sentence shows it: short, and in signs that can be printed."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return f"an object of {len(value)}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if is_number(value):
        return _cut(str(value))
    if isinstance(value, str):
        head = json.dumps(value[: _SHOWN + 1], ensure_ascii=False)
        return _cut("".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in head))
    return shown(str(value))


def listed(texts: tuple[str, ...]) -> str:
    """Return texts as a sentence shows them: a few whole, of many as many as fit."""
    return _cut(", ".join(map(shown, texts))) if texts else "an empty list"


def _under(value: Any, step: str | int) -> Any:
    if isinstance(step, str) and isinstance(value, dict):
        return value[step]
    if isinstance(step, int) and isinstance(value, list):
        return value[step]
    raise LookupError(step)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _too_deep(body: bytes) -> bool:
    """Return whether the brackets outside of texts go too deep; json itself recurses until it breaks."""
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return False
    brackets = _TEXTS.sub(b"", body).translate(None, _NO_BRACKETS)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > MAX_DEPTH


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse)


def _why(body: bytes, error: Exception) -> str:
    if not body.strip():
        return "it is empty"
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start} is not UTF-8"
    head = shown(body[:40].decode(errors="replace"))
    where = f", line {error.lineno} column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
    return f"it begins with {head}{where and f', and breaks off at{where[1:]}'}"


def _step_text(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if re.fullmatch(r"[^\W\d][\w-]*", step) else f"[{json.dumps(step, ensure_ascii=False)}]"

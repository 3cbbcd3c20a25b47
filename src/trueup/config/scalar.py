"""Leaves of a document: a text that knows how it was written, so that the schema decides what it means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

_WHOLE = re.compile(r"[-+]?[0-9]{1,18}")
_NUMBER = re.compile(r"[-+]?([0-9]{1,18}(\.[0-9]{0,18})?|\.[0-9]{1,18})")
_NULLS = ("", "~", "null", "Null", "NULL")
_FLAGS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


class Scalar(str):
    """A text with its references expanded; ``template`` is the text as written, ``plain`` if unquoted."""

    __slots__ = ("plain", "template")

    plain: bool
    template: str

    def __new__(cls, value: str, *, plain: bool = True, template: str | None = None) -> Scalar:
        """Return a leaf; without a template it was written as it reads."""
        scalar = super().__new__(cls, value)
        scalar.plain = plain
        scalar.template = value if template is None else template
        return scalar


def is_null(value: object) -> bool:
    """Return whether nothing was written: an empty place, ``~`` or ``null``."""
    return value is None or (isinstance(value, Scalar) and value.plain and str(value) in _NULLS)


def described(value: object) -> str:
    """Return what a value is, in words, without saying what it holds."""
    if is_null(value):
        return "empty"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    return "a text" if isinstance(value, str) else "a number"


def as_text(value: object) -> str:
    """Return a leaf's text, whatever it looks like; an empty place is the empty text.

    Raises:
        ValueError: It is no leaf.
    """
    if is_null(value):
        return ""
    if not isinstance(value, str):
        raise ValueError(f"must be a text, but is {described(value)}")
    return value if type(value) is str else str.__str__(value)


def as_whole(value: object) -> int:
    """Return a whole number.

    Raises:
        ValueError: It is something else.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, Scalar) and value.plain and _WHOLE.fullmatch(value):
        return int(value)
    raise ValueError(f"must be a whole number, but is {_shown(value)}")


def as_flag(value: object) -> bool:
    """Return true or false.

    Raises:
        ValueError: It is something else.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, Scalar) and value.plain and str(value) in _FLAGS:
        return _FLAGS[str(value)]
    raise ValueError(f"must be true or false, but is {_shown(value)}")


def as_decimal(value: object) -> Decimal:
    """Return a number exactly as it was written: 99.9 is 999/10.

    Raises:
        ValueError: It is no number.
    """
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(str(value))
    raise ValueError(f"must be a number, but is {_shown(value)}")


def as_core(value: Any) -> Any:
    """Return a value as YAML's core schema reads it, numbers with a point as ``Decimal``."""
    if isinstance(value, Mapping):
        return {key: as_core(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [as_core(inner) for inner in value]
    if not isinstance(value, Scalar) or not value.plain:
        return as_text(value) if isinstance(value, str) else value
    return _core(str(value))


def _core(text: str) -> str | int | Decimal | bool | None:
    if text in _NULLS:
        return None
    if text in _FLAGS:
        return _FLAGS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return Decimal(text) if _NUMBER.fullmatch(text) else text


def _shown(value: object) -> str:
    return repr(as_text(value)) if isinstance(value, str) and not is_null(value) else described(value)

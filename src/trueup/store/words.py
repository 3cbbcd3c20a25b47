"""Words that came from outside, as a column of the database can hold them.

A target may answer with anything. PostgreSQL stores neither a NUL nor half a surrogate pair, and one word
of that kind must not keep the results beside it from being stored.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from trueup.domain.text import Text

_NUL = b"\\u0000"
_REFUSED = re.compile("[\0\ud800-\udfff]")
_UNREADABLE = "\N{REPLACEMENT CHARACTER}"


def as_json(value: Any) -> str:  # Any: whatever JSON can say, and frozen values made of it
    """Return the JSON of a value; what no database can store in it is replaced by U+FFFD."""
    try:
        encoded = msgspec.json.encode(value)
    except UnicodeEncodeError:
        encoded = msgspec.json.encode(_clean(msgspec.to_builtins(value)))
    if _NUL in encoded:
        encoded = msgspec.json.encode(_clean(msgspec.json.decode(encoded)))
    return encoded.decode()


def text_json(text: Text | None) -> str | None:
    """Return a sentence as its JSON column holds it."""
    return None if text is None else as_json(text)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _REFUSED.sub(_UNREADABLE, value)
    if isinstance(value, dict):
        return {_clean(name): _clean(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(one) for one in value]
    return value

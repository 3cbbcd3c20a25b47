"""One document, one sequence of bytes: RFC 8785, and every number a text.

JSON's own numbers are doubles, and doubles are not what money is counted in: a document that is signed
holds texts, flags, nulls, lists and objects alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NoReturn

import rfc8785

from trueup.domain.node import decimal

Document = dict[str, Any]


class FormError(ValueError):
    """Bytes that are no such document; the message says what stands in them instead."""


def spelled(value: Any) -> Any:
    """Return a document with every number written as a text that loses nothing."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Fraction):
        return decimal(value)
    if isinstance(value, Mapping):
        return {str(key): spelled(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [spelled(inner) for inner in value]
    raise TypeError(f"{type(value).__name__} has no exact text; write it out before")


def encode(document: Any) -> bytes:
    """Return the bytes of a document that ``spelled`` gave.

    Raises:
        FormError: A text in it is none that UTF-8 can hold.
    """
    # What a library writes in pure Python, the standard one writes ten times faster, and the same: but for
    # numbers, of which there are none, and for keys beyond the basic plane, which it sorts otherwise.
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    try:
        return text.encode() if text.isascii() or max(text) < "\ud800" else rfc8785.dumps(document)
    except (rfc8785.CanonicalizationError, UnicodeError) as error:
        raise FormError(f"a text in it is broken Unicode ({error})") from None


def digest(document: Any) -> str:
    """Return the SHA-256 of a document's bytes, in hexadecimal."""
    return hashlib.sha256(encode(document)).hexdigest()


def decode(data: bytes) -> Document:
    """Return the document that some bytes hold, however it is laid out.

    Raises:
        FormError: They are no JSON, hold a key twice, or hold a number that is no text.
    """
    try:
        found = json.loads(
            data.decode(),
            object_pairs_hook=_once,
            parse_int=_no_number,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
    except UnicodeDecodeError:
        raise FormError("it is no text of UTF-8") from None
    except json.JSONDecodeError as error:
        raise FormError(f"it is no JSON: {error.msg} in line {error.lineno}") from None
    except RecursionError:
        raise FormError("it is nested deeper than anything trueup writes") from None
    if not isinstance(found, dict):
        raise FormError("it is JSON, but no object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> Document:
    found: Document = {}
    for key, value in pairs:
        if key in found:
            raise FormError(f"it holds the key {key!r} twice in one object")
        found[key] = value
    return found


def _no_number(written: str) -> NoReturn:
    raise FormError(f"it holds the number {written[:40]} where trueup writes texts")

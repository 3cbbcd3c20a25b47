"""The log of what people did: each entry is sealed together with the seal of the one before.

The digest of an entry is SHA-256 over its canonical JSON (keys sorted, no spaces, UTF-8), which holds the
digest of the entry before it. Numbers in it are whole: what is stored comes back as it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from fractions import Fraction
from typing import Any

from trueup.domain.reference import is_whole
from trueup.domain.spec import Secret

FORM = 1  # of the canonical JSON; an entry of another form would have another digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One change by somebody.

    ``before`` and ``after`` are what changed, as ``plain`` makes it; ``source`` is from where it was done.
    """

    at_us: int
    who: str
    verb: str
    noun: str
    subject: str
    before: Any
    after: Any
    source: str


def digest(entry: Entry, previous: str) -> str:
    """Return the digest of an entry, 64 hexadecimal digits; ``previous`` is empty for the first."""
    return hashlib.sha256(canonical(entry, previous)).hexdigest()


def canonical(entry: Entry, previous: str) -> bytes:
    """Return the bytes of an entry that its digest is made of."""
    document = {each.name: getattr(entry, each.name) for each in fields(entry)}
    document |= {"form": FORM, "previous": previous}
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return text.encode("utf-8", "surrogatepass")


def plain(value: Any) -> Any:
    """Return a value as an entry may hold it: texts, whole numbers, booleans, None, lists and mappings.

    A secret becomes the reference it was written as, else its mask; fractions, and numbers that are not
    whole, become text.
    """
    if isinstance(value, Secret):
        return value.source if is_whole(value.source) else str(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float | Fraction):
        return str(value)
    if isinstance(value, Mapping):
        return {_text(str(name)): plain(inner) for name, inner in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(inner) for inner in value), key=str)
    return _text(str(value))


def _text(value: str) -> str:
    """Return a text without what PostgreSQL's JSON cannot hold: zero bytes and halves of characters."""
    return str(value).replace("\0", "\ufffd").encode("utf-8", "replace").decode()

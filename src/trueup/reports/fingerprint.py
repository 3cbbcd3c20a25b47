"""Short digests of every single entry of a document: by them a change is named, not only noticed.

They prove nothing: the signature does. Whoever changes an entry can change its fingerprint, too, and then
it is only known that something was changed.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trueup.reports.canonical import encode

Prints = Mapping[str, str | list[str]]  # by path: of a value, or of each entry of a list
_DIGITS = 12


def fingerprints(document: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """Return the fingerprint of each value of a document by its path; lists of entries as lists."""
    return dict(_walk("", document))


def changes(noted: Prints, found: Prints) -> Iterator[str]:
    """Yield a sentence for each place in which a document is not the one that was noted."""
    for path in sorted(noted.keys() | found.keys()):
        before, now = noted.get(path), found.get(path)
        if before == now:
            continue
        if now is None:
            yield f"{path} is missing"
        elif before is None:
            yield f"{path} was added"
        elif isinstance(before, list) and isinstance(now, list):
            yield from _entries(path, before, now)
        else:
            yield f"{path} was changed"


def _entries(path: str, before: Sequence[str], now: Sequence[str]) -> Iterator[str]:
    """Yield what became of the entries of a list: gone, new, changed in place, or in another order."""
    gone, new = Counter(before) - Counter(now), Counter(now) - Counter(before)
    if not gone and not new:
        yield f"{path}: its {len(now)} entries stand in another order"
    elif len(before) == len(now):
        for position, (one, other) in enumerate(zip(before, now, strict=True)):
            if one != other:
                yield f"{path}[{position}] was changed"
    else:
        for position, one in enumerate(before):
            if gone[one] > 0:
                gone[one] -= 1
                yield f"{path}[{position}] is missing"
        for position, one in enumerate(now):
            if new[one] > 0:
                new[one] -= 1
                yield f"{path}[{position}] was added"


def _walk(path: str, value: Any) -> Iterator[tuple[str, str | list[str]]]:
    if isinstance(value, Mapping) and value:
        for key in value:
            yield from _walk(f"{path}.{key}" if path else key, value[key])
    elif isinstance(value, list) and not any(_has_entries(each) for each in value):
        yield path, [_short(each) for each in value]
    elif isinstance(value, list):
        yield path, [_short(_name(each)) for each in value]  # each has its own below: this is their order
        for position, each in enumerate(value):
            yield from _walk(f"{path}[{_name(each) or position}]", each)
    else:
        yield path, _short(value)


def _has_entries(value: Any) -> bool:
    """Return whether a value holds lists of entries of its own."""
    if isinstance(value, Mapping):
        return any(_has_entries(inner) for inner in value.values())
    return isinstance(value, list) and any(isinstance(inner, Mapping) for inner in value)


def _name(value: Any) -> str:
    name = value.get("id") if isinstance(value, Mapping) else None
    return name if isinstance(name, str) else ""


def _short(value: Any) -> str:
    return hashlib.sha256(encode(value)).hexdigest()[:_DIGITS]

"""Sentences as data: an id and its parameters; the doors put them into words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from trueup.domain.catalogue import ENGLISH

Value = str | int | float | bool | None

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECTION = re.compile(r"\[([^\[\]]*)\]")
_PLACE = re.compile(r"\{(\w+)(?::(\w+))?\}")
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence: the id of a message and the values it speaks of."""

    id: str
    params: Mapping[str, Value] = field(default_factory=dict)


def render(text: Text, catalogue: Mapping[str, str] = ENGLISH) -> str:
    """Return the sentence in words; an id the catalogue lacks is shown with its parameters.

    Never raises: what is missing shows as ``?``, so that an old record stays readable.
    """
    template = catalogue.get(text.id)
    if template is None:
        values = ", ".join(f"{name}={value}" for name, value in sorted(text.params.items()))
        return f"{text.id} ({values})" if values else text.id
    return _PLACE.sub(lambda place: _filled(place, text.params), _kept(template, text.params))


def missing(text: Text, catalogue: Mapping[str, str] = ENGLISH) -> list[str]:
    """Return the parameters that the sentence needs and does not have, sorted.

    Raises:
        KeyError: The catalogue has no such id.
    """
    needed = (place[1] for place in _PLACE.finditer(_kept(catalogue[text.id], text.params)))
    return sorted({name for name in needed if text.params.get(name) is None})


def from_json(stored: Mapping[str, Any]) -> Text:
    """Return the sentence of its stored form, ``{"id": ..., "params": {...}}``.

    Raises:
        ValueError: The form has no id, or parameters that are no object.
    """
    identity, params = stored.get("id"), stored.get("params", {})
    if not isinstance(identity, str) or not isinstance(params, Mapping):
        raise ValueError(f"{dict(stored)!r} is no sentence: it needs an 'id' and an object 'params'.")
    return Text(identity, dict(params))


def duration(length_us: int) -> str:
    """Return a length of time for people: ``0.3 ms``, ``812 ms``, ``10.0 s``, ``3 h 12 min``."""
    if length_us < 0:
        return f"-{duration(-length_us)}"
    if length_us < 100:
        return f"{length_us} us"
    if length_us < 99_950:  # below 100 ms one digit after the point tells something
        return f"{(length_us + 50) // 100 / 10} ms"
    if length_us < 999_500:
        return f"{(length_us + 500) // 1000} ms"
    if length_us < 59_950_000:
        return f"{(length_us + 50_000) // 100_000 / 10} s"
    return " ".join(_two_units((length_us + 500_000) // 1_000_000))


def size(count: int) -> str:
    """Return a number of bytes for people: ``512 B``, ``64 kB``, ``1.2 MB`` (1 kB is 1,000 B)."""
    if count < 1_000:
        return f"{count} B"
    scale, unit = (1_000, "kB") if count < 1_000_000 else (1_000_000, "MB")
    return f"{count // scale} {unit}" if count % scale == 0 else f"{count / scale:.1f} {unit}"


def instant(at_us: int) -> str:
    """Return an instant (microseconds UTC) in ISO 8601 with whole seconds and ``Z``."""
    at = _EPOCH + timedelta(microseconds=at_us)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


_FORMS = {"duration": duration, "size": size, "instant": instant}


def _kept(template: str, params: Mapping[str, Value]) -> str:
    """Return the template without the ``[...]`` sections of which a parameter is missing."""

    def section(found: re.Match[str]) -> str:
        absent = (params.get(place[1]) in (None, "") for place in _PLACE.finditer(found[1]))
        return "" if any(absent) else found[1]

    while _SECTION.search(template):  # from the innermost out
        template = _SECTION.sub(section, template)
    return template


def _filled(place: re.Match[str], params: Mapping[str, Value]) -> str:
    value = params.get(place[1])
    if value is None:
        return "?"
    form = _FORMS.get(place[2] or "")
    if isinstance(value, str):
        return _printable(value)
    if form is None or isinstance(value, bool) or not isinstance(value, int):
        return str(value)
    try:
        return form(value)
    except OverflowError:  # an instant that no calendar knows
        return str(value)


def _printable(value: str) -> str:
    """Return a text in which what cannot be printed is escaped: a target's words may hold anything."""
    if value.isprintable():
        return value
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in value)


def _two_units(seconds: int) -> Iterator[str]:
    for position, (length, unit) in enumerate(_UNITS):
        if seconds >= length:
            yield f"{seconds // length} {unit}"
            rest, (finer, finer_unit) = seconds % length, _UNITS[min(position + 1, 3)]
            if rest >= finer and finer < length:
                yield f"{rest // finer} {finer_unit}"
            return

"""What a field of a configuration may hold: types that turn what was written into what is meant.

Each raises ``ValueError`` with a sentence that follows the name of the field.
"""

from __future__ import annotations

import difflib
import re
import zoneinfo
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import BeforeValidator, WithJsonSchema

from trueup.config.scalar import as_flag, as_text, as_whole, described, is_null
from trueup.domain import duration

SECOND_US = 1_000_000
_STEPS = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)
_HOURS = (1, 2, 3, 4, 6, 8, 12)
INTERVALS_US = tuple(
    [step * SECOND_US for step in _STEPS]
    + [step * 60 * SECOND_US for step in _STEPS]
    + [step * 3600 * SECOND_US for step in _HOURS]
    + [86_400 * SECOND_US]
)  # they divide the UTC day, so that slots fall on the same instants every day
MIN_TIMEOUT_US = 10_000
MAX_RUN = 100  # results that confirm a change
MAX_TAGS = 20
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TAG = re.compile(r"\w[\w.:/-]{0,49}")
_WITNESS = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+)(:(\d{1,5}))?|[0-9a-fA-F:]+:[0-9a-fA-F:.]*")

T = TypeVar("T")


def _line(value: object) -> str:
    text = as_text(value).strip()
    if not text:
        raise ValueError("is empty")
    if len(text) > 200:
        raise ValueError(f"has {len(text)} characters: use at most 200")
    if not text.isprintable():
        raise ValueError("holds a character that cannot be printed, or a line break")
    return text


def _prose(value: object) -> str:
    text = as_text(value).strip()
    if len(text) > 5000:
        raise ValueError(f"has {len(text)} characters: use at most 5000")
    return text


def _slug(value: object) -> str:
    text = _line(value)
    if not _SLUG.fullmatch(text) or len(text) > 100:
        raise ValueError(f"{text!r} is no slug: use a-z, 0-9 and single hyphens between them, at most 100")
    return text


def _zone(value: object) -> str:
    text = _line(value)
    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        near = difflib.get_close_matches(text, zoneinfo.available_timezones(), n=1)
        hint = f"did you mean {near[0]!r}?" if near else "write one such as Europe/Moscow or UTC"
        raise ValueError(f"{text!r} is no time zone: {hint}") from None
    return text


def _url(value: object) -> str:
    text = _line(value)
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("is no web address: write one such as https://status.example.org")
    if parts.username is not None or parts.password is not None:
        raise ValueError("holds a user name or password: everybody sees this address, so leave them out")
    return text


def _witness(value: object) -> str:
    text = _line(value)
    found = _WITNESS.fullmatch(text)
    if not found or (found[3] and not 0 < int(found[3]) < 65536):
        raise ValueError(f"{text!r} is neither a host nor HOST:PORT")
    return text


def _duration(value: object) -> int:
    if is_null(value):
        raise ValueError("is empty: write a duration such as 30s")
    return duration.parse(as_text(value))


def _interval(value: object) -> int:
    length_us = _duration(value)
    if length_us not in INTERVALS_US:
        near = sorted(INTERVALS_US, key=lambda each: abs(each - length_us))[:2]
        raise ValueError(
            f"{as_text(value)!r} is not an interval that divides the day: take "
            f"{' or '.join(duration.text(each) for each in sorted(near))} "
            "(possible are 1 2 3 4 5 6 10 12 15 20 30 s or m, 1 2 3 4 6 8 12 h, 1 d)"
        )
    return length_us


def _timeout(value: object) -> int:
    length_us = _duration(value)
    if length_us < MIN_TIMEOUT_US:
        raise ValueError(f"{as_text(value)!r} is too short to get any answer: write at least 10ms")
    return length_us


def _run(value: object) -> int:
    count = as_whole(value)
    if not 1 <= count <= MAX_RUN:
        raise ValueError(f"is {count}: write how many results in a row, 1 to {MAX_RUN}")
    return count


def _down_when(value: object) -> str:
    text = as_text(value) if isinstance(value, str) else str(value)
    if text in ("any", "all") or (text.isascii() and text.isdecimal() and 0 < int(text) <= 1000):
        return text if text in ("any", "all") else str(int(text))
    raise ValueError(f"{text[:20]!r} is neither any, all nor a number of checks")


def _tags(value: object) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else value
    if is_null(value) or not isinstance(items, list | tuple):
        raise ValueError(f"must be a tag or a list of tags, but is {described(value)}")
    found = [as_text(each).strip() for each in items]
    for tag in found:
        if not _TAG.fullmatch(tag):
            raise ValueError(
                f"hold {tag[:60]!r}, which is no tag: use letters, digits and . _ : / -, at most 50"
            )
        if found.count(tag) > 1:
            raise ValueError(f"hold {tag!r} twice")
    if len(found) > MAX_TAGS:
        raise ValueError(f"are {len(found)}: use at most {MAX_TAGS}")
    return tuple(sorted(found))


def _texts(value: object) -> tuple[Any, ...]:
    if is_null(value):
        raise ValueError("is empty: write an expectation, or leave the key out")
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        raise ValueError(f"must be a text or a list of texts, but is {described(value)}")
    return tuple(items)


# What an editor may see in each place: a leaf of a text may look like a number or a flag.
_LEAF = ["string", "number", "boolean"]
_LINE = {"type": _LEAF, "minLength": 1, "maxLength": 200}
_LENGTH = {"type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*(us|ms|s|sec|m|min|h|d)\s*$"}
_TAGGED = {"type": _LEAF, "pattern": r"^\s*[^\s]+\s*$"}
_NAME = {"type": _LEAF, "pattern": _SLUG.pattern.join(("^", "$")), "maxLength": 100}
_MANY = {"type": "integer", "minimum": 1, "maximum": 1000}
_DIGITS = {"type": "string", "pattern": r"^[0-9.]+$"}

Line = Annotated[str, BeforeValidator(_line), WithJsonSchema(_LINE)]
Prose = Annotated[str, BeforeValidator(_prose), WithJsonSchema({"type": [*_LEAF, "null"], "maxLength": 5000})]
Slug = Annotated[str, BeforeValidator(_slug), WithJsonSchema(_NAME)]
Zone = Annotated[str, BeforeValidator(_zone), WithJsonSchema({"type": "string", "minLength": 1})]
Url = Annotated[
    str, BeforeValidator(_url), WithJsonSchema({"type": "string", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://"})
]
Witness = Annotated[str, BeforeValidator(_witness), WithJsonSchema(_LINE)]
Duration = Annotated[int, BeforeValidator(_duration), WithJsonSchema(_LENGTH)]
Interval = Annotated[int, BeforeValidator(_interval), WithJsonSchema(_LENGTH)]
Timeout = Annotated[int, BeforeValidator(_timeout), WithJsonSchema(_LENGTH)]
Run = Annotated[int, BeforeValidator(_run), WithJsonSchema({**_MANY, "maximum": MAX_RUN})]
DownWhen = Annotated[
    str, BeforeValidator(_down_when), WithJsonSchema({"anyOf": [{"enum": ["any", "all"]}, _MANY, _DIGITS]})
]
Tags = Annotated[
    tuple[str, ...],
    BeforeValidator(_tags),
    WithJsonSchema(
        {"anyOf": [_TAGGED, {"type": "array", "items": _TAGGED, "maxItems": MAX_TAGS, "uniqueItems": True}]}
    ),
]
Flag = Annotated[bool, BeforeValidator(as_flag), WithJsonSchema({"type": "boolean"})]
Expectations = Annotated[
    tuple[Line, ...],
    BeforeValidator(_texts),
    WithJsonSchema({"anyOf": [_LINE, {"type": "array", "items": _LINE}]}),
]

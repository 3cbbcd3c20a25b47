"""Options of a kind of check or channel: declared by its dataclass, converted from what was written."""

from __future__ import annotations

import dataclasses
import difflib
import json
import re
import types
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from trueup.domain.spec import Secret

_NUMBER = re.compile(r"-?[0-9]{1,18}")
_SIZE = re.compile(r"([0-9]{1,18})\s*(B|kB|MB|GB)?", re.IGNORECASE)
_SCALES = {"b": 1, "kb": 1000, "mb": 1_000_000, "gb": 1_000_000_000}
_WORDS = {
    "text": "a text",
    "secret": "a text",
    "number": "a whole number",
    "flag": "true or false",
    "size": "a size such as 64 kB or 1 MB",
    "file": "the path of a file",
    "texts": "a list of texts",
    "map": "a mapping of names to texts",
    "secret map": "a mapping of names to texts",
    "parts": "a list of mappings",
}
MAX_PARTS = 100  # of one list
REQUIRED: Any = dataclasses.MISSING  # as the default of an option of a part that must be written


class OptionError(ValueError):
    """An option that cannot be used.

    ``field`` is its name, or ``target`` or ``kind``; in a list of parts the way there: ``requests.0.path``.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class OptionField:
    """One option as declared.

    ``type`` is one of: text, secret, number, flag, size, file, texts, map, secret map, parts. ``secret``
    says that its value (each value of a map) is a Secret. A list of parts has a dataclass (``part``) for
    each of its mappings, whose options are ``parts``; of those some are ``required``.
    """

    name: str
    type: str
    default: Any
    help: str
    choices: tuple[str, ...] = ()
    secret: bool = False
    required: bool = False
    part: Any = None  # the dataclass of each mapping in a list of parts

    @property
    def parts(self) -> tuple[OptionField, ...]:
        """Return the options of each mapping in a list of parts."""
        return fields(self.part) if self.part else ()


def option(default: Any, help: str, *, choices: tuple[str, ...] = (), form: str = "") -> Any:  # noqa: A002
    """Declare an option of a kind: its default, what it means, and the words it may be.

    ``form`` says more than the annotation does: ``size`` (bytes) or ``file`` (a path that must be readable).
    """
    metadata = {"help": help, "choices": choices, "form": form}
    if isinstance(default, dict):
        shared = types.MappingProxyType(default)  # one for all checks that write nothing
        return dataclasses.field(default_factory=lambda: shared, metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def fields(kind: type[Any]) -> tuple[OptionField, ...]:
    """Return the options of a dataclass: every field but the target of a probe."""
    cached: Any = _fields  # mypy takes no class for hashable
    return cached(kind)  # type: ignore[no-any-return]


@lru_cache(maxsize=256)
def _fields(kind: type[Any]) -> tuple[OptionField, ...]:
    hints = get_type_hints(kind)
    return tuple(_field(each, hints[each.name]) for each in dataclasses.fields(kind) if each.name != "target")


def read(kind: type[Any], written: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of options as the kind's constructor takes them.

    Raises:
        OptionError: One is unknown (the nearest name is proposed) or not of its type.
    """
    known = {each.name: each for each in fields(kind)}
    for name in written:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(known) or 'no options'}."
            raise OptionError(str(name), f"{name} is no option of {kind.kind}: {hint}")
    return {name: _convert(known[name], value) for name, value in written.items()}


def schema(options: tuple[OptionField, ...]) -> dict[str, Any]:
    """Return the JSON Schema of options."""
    properties = {each.name: _property(each) for each in options}
    found = {"type": "object", "properties": properties, "additionalProperties": False}
    needed = [each.name for each in options if each.required]
    return {**found, "required": needed} if needed else found


def _property(each: OptionField) -> dict[str, Any]:
    texts = {"type": "string"}
    forms: dict[str, dict[str, Any]] = {
        "number": {"type": "integer"},
        "flag": {"type": "boolean"},
        "size": {"type": ["integer", "string"]},
        "texts": {"type": "array", "items": texts},
        "map": {"type": "object", "additionalProperties": texts},
        "secret map": {"type": "object", "additionalProperties": texts},
        "parts": {"type": "array", "items": schema(each.parts), "maxItems": MAX_PARTS},
    }
    found: dict[str, Any] = {**forms.get(each.type, texts), "description": each.help}
    if each.choices:
        found["enum"] = list(each.choices)
    if not each.secret and each.default not in (None, "", (), {}):
        found["default"] = list(each.default) if isinstance(each.default, tuple) else each.default
    return found


def _field(each: dataclasses.Field[Any], hint: Any) -> OptionField:
    kind, part = each.metadata.get("form") or _form(hint), _part(hint)
    if not kind:
        raise TypeError(f"option {each.name}: a field of {hint} cannot be written in a configuration.")
    default = each.default if each.default_factory is dataclasses.MISSING else each.default_factory()
    return OptionField(
        name=each.name,
        type=kind,
        default=None if default is dataclasses.MISSING else default,
        help=each.metadata.get("help", ""),
        choices=each.metadata.get("choices", ()),
        secret=kind.startswith("secret"),
        required=default is dataclasses.MISSING,
        part=part,
    )


def _form(hint: Any) -> str:
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(each for each in get_args(hint) if each is not type(None))
    plain = {str: "text", int: "number", bool: "flag", Secret: "secret"}.get(hint, "")
    if get_origin(hint) is tuple:
        return "parts" if _part(hint) else "texts"
    if get_origin(hint) is Mapping:
        return "secret map" if Secret in get_args(hint) else "map"
    return plain


def _part(hint: Any) -> type[Any] | None:
    found = get_args(hint)[0] if get_origin(hint) is tuple else None
    return found if isinstance(found, type) and dataclasses.is_dataclass(found) else None


def _convert(known: OptionField, value: Any) -> Any:
    if value is None and known.default is None and not known.required:
        return None
    found = _parts(known, value) if known.part else _CONVERSIONS[known.type](value)
    if found is None:
        shown = "what is written there" if known.secret else repr(value)
        raise OptionError(known.name, f"{known.name}: {shown} is not {_WORDS[known.type]}.")
    if known.choices and found not in known.choices:
        raise OptionError(known.name, f"{known.name}: {value!r} is none of {', '.join(known.choices)}.")
    return found


def _text(value: Any) -> str | None:
    if isinstance(value, Secret):
        return value.reveal()
    # YAML reads 1.1 and 200 as numbers where a text is meant
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _secret(value: Any) -> Secret | None:
    if isinstance(value, Secret):
        return value
    text = _text(value)
    return None if text is None else Secret(text)


def _number(value: Any) -> int | None:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).lower())


def _size(value: Any) -> int | None:
    found = _SIZE.fullmatch(str(value).strip())
    return int(found[1]) * _SCALES[(found[2] or "B").lower()] if found else None


def _texts(value: Any) -> tuple[str, ...] | None:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        return None
    texts = [text for text in map(_text, items) if text is not None]
    return tuple(texts) if len(texts) == len(items) else None


def _map(value: Any, convert: Any = _text) -> dict[str, Any] | None:
    if not isinstance(value, Mapping):
        return None
    found = {str(name): convert(each) for name, each in value.items()}
    return None if None in found.values() else found


def _parts(known: OptionField, value: Any) -> tuple[Any, ...] | None:
    """Return a list of parts, also from its JSON, as a command line gives it."""
    items = _from_json(value) if isinstance(value, str) and not isinstance(value, Secret) else value
    if not isinstance(items, list | tuple) or not all(isinstance(each, Mapping) for each in items):
        return None
    if len(items) > MAX_PARTS:
        raise OptionError(known.name, f"{known.name}: {len(items)} are more than {MAX_PARTS}.")
    return tuple(_part_of(known, number, each) for number, each in enumerate(items))


def _part_of(known: OptionField, number: int, written: Mapping[str, Any]) -> Any:
    try:
        values = read(known.part, written)
        for each in known.parts:
            if each.required and each.name not in written:
                raise OptionError(each.name, f"{each.name} is missing: {each.help}")
        return known.part(**values)
    except OptionError as error:
        message = f"{known.name}, number {number + 1}: {error.message}"
        raise OptionError(f"{known.name}.{number}.{error.field}", message) from None


def _from_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _secret_map(value: Any) -> dict[str, Secret] | None:
    return _map(value, _secret)


_CONVERSIONS: dict[str, Any] = {
    "text": _text,
    "file": _text,
    "secret": _secret,
    "number": _number,
    "flag": _flag,
    "size": _size,
    "texts": _texts,
    "map": _map,
    "secret map": _secret_map,
}

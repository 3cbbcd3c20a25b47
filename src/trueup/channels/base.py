"""What a kind of channel is, and the registry of all kinds.

A kind is a frozen dataclass in a module of its own: its fields are its settings, the ``help`` of each is
what every door shows. ``@register`` is all that makes it known.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlsplit

from trueup import plugins
from trueup.domain import option as _option
from trueup.domain.option import OptionError, OptionField
from trueup.domain.spec import Secret

__all__ = [
    "Channel",
    "OptionError",
    "OptionField",
    "build",
    "is_awaited",
    "option_fields",
    "register",
    "registry",
    "require_address",
]

REQUIRED: Any = dataclasses.MISSING  # the default of a setting that has none
_registry: dict[str, type[Channel]] = {}


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One way to tell people; ``main`` names the setting that is written behind the kind itself."""

    kind: ClassVar[str] = ""
    main: ClassVar[str] = ""


C = TypeVar("C", bound=type[Channel])


def register(kind: C) -> C:
    """Make a kind known under its name.

    Raises:
        ValueError: The name is missing or taken, or the main setting is none of its fields.
    """
    if not kind.kind or _registry.get(kind.kind, kind).__qualname__ != kind.__qualname__:
        raise ValueError(
            f"{kind.__qualname__}: {kind.kind!r} is empty or the name of another kind of channel."
        )
    if kind.main not in {each.name for each in dataclasses.fields(kind)}:
        raise ValueError(f"{kind.__qualname__}: its main setting {kind.main!r} is none of its fields.")
    _registry[kind.kind] = kind
    return kind


@lru_cache(maxsize=1)
def _load() -> None:
    plugins.load("trueup.channels", "trueup.channels")


def registry() -> Mapping[str, type[Channel]]:
    """Return every kind by its name, in the order of names."""
    _load()
    return {name: _registry[name] for name in sorted(_registry)}


def option_fields(kind: str) -> tuple[OptionField, ...]:
    """Return the settings of a kind as its dataclass declares them."""
    return _option.fields(registry()[kind])


def build(kind: str, options: Mapping[str, Any]) -> Channel:
    """Return a channel with its settings checked.

    Raises:
        OptionError: The kind or a setting cannot be used; the message never holds a secret.
    """
    known = registry()
    if kind not in known:
        near = difflib.get_close_matches(kind, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."
        raise OptionError("kind", f"{kind!r} is no kind of channel: {hint}")
    values = _option.read(known[kind], options)
    for each in dataclasses.fields(known[kind]):
        required = each.default is REQUIRED and each.default_factory is REQUIRED
        if required and each.name not in values:
            raise OptionError(each.name, f"{kind} needs {each.name}: {each.metadata['help']}")
    return known[kind](**values)


def is_awaited(secret: Secret) -> bool:
    """Return whether a secret refers to a variable that is not set yet: there is nothing to look at."""
    return bool(secret.reference) and not secret.reveal()


def require_address(name: str, value: str, what: str) -> None:
    """Refuse what is no web address; a secret that is not known yet passes.

    Raises:
        OptionError: It does not begin with http:// or https:// and a host. The value is not shown.
    """
    text = value.reveal() if isinstance(value, Secret) else value
    if isinstance(value, Secret) and is_awaited(value):
        return
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        shown = not isinstance(value, Secret)
        if usable and shown and "@" in parts.netloc:
            raise OptionError(
                name, f"{name}: it holds a user name or password, and it is shown. Leave it out."
            )
    except OptionError:
        raise
    except ValueError:
        usable = False
    if not usable or not text.isprintable() or " " in text:
        raise OptionError(name, f"{name}: what is written there is no web address. Write {what}.")

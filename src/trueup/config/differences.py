"""Say in words how two configured things differ, without showing a secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from trueup.config.excerpt import masked_address
from trueup.domain import duration
from trueup.domain.spec import Secret

_NOT_COMPARED = ("slug", "was", "checks")
_WIDTH = 60


def differences(old: Any, new: Any) -> tuple[str, ...]:
    """Return how two specs of one type differ, a phrase for each field; nothing if they mean the same."""
    found: list[str] = []
    for field in fields(old):
        if field.name not in _NOT_COMPARED:
            found += _compared(field.name, getattr(old, field.name), getattr(new, field.name))
    return tuple(found)


def _compared(name: str, old: Any, new: Any) -> list[str]:
    if old == new:
        return []
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        keys = [*new, *(key for key in old if key not in new)]
        inner = "" if name in ("options", "document") else f"{name}."
        return [phrase for key in keys for phrase in _compared(f"{inner}{key}", old.get(key), new.get(key))]
    if _holds_secret(old) or _holds_secret(new):
        return [f"{name} {'added' if old is None else 'removed' if new is None else 'changed'}"]
    shown = name.removesuffix("_us")
    return [f"{shown} {_text(name, old)} -> {_text(name, new)}"]


def _holds_secret(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_secret(inner) for inner in value.values())
    if isinstance(value, list | tuple):
        return any(_holds_secret(inner) for inner in value)
    return isinstance(value, Secret)


def _text(name: str, value: Any) -> str:
    if value is None or value in ("", (), [], {}):
        return "nothing"
    if name.endswith("_us"):
        return duration.text(value)
    if isinstance(value, list | tuple):
        value = ", ".join(str(each) for each in value)
    text = masked_address(value) if isinstance(value, str) and value.isprintable() else repr(value)
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"

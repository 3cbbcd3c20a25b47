"""Say in words how two configured things differ, without showing a secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from trueup.config.excerpt import masked_address
from trueup.domain import duration
from trueup.domain.spec import Secret

# what a contract's keys mean is compared with its versions
_NOT_COMPARED = ("slug", "was", "checks", "expanded", "effective_us", "split")
_WIDTH = 60


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs: what it was and what it is to be, as people read it, each cut to a line.

    Of a secret both are empty, and ``secret`` says what happens to it: added, changed or removed.
    """

    field: str
    before: str = ""
    after: str = ""
    secret: str = ""

    @property
    def phrase(self) -> str:
        """Return the difference in words."""
        return f"{self.field} {self.secret}" if self.secret else f"{self.field} {self.before} -> {self.after}"

    def as_json(self) -> dict[str, str]:
        """Return the difference for a program."""
        values = {"secret": self.secret} if self.secret else {"before": self.before, "after": self.after}
        return {"field": self.field, **values}


def differences(old: Any, new: Any) -> tuple[Difference, ...]:
    """Return how two specs of one type differ, field by field; nothing if they mean the same."""
    found: list[Difference] = []
    for field in fields(old):
        if field.name not in _NOT_COMPARED:
            found += _compared(field.name, getattr(old, field.name), getattr(new, field.name))
    return tuple(found)


def _compared(name: str, old: Any, new: Any) -> list[Difference]:
    if old == new:
        return []
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        keys = [*new, *(key for key in old if key not in new)]
        inner = "" if name in ("options", "document") else f"{name}."
        return [each for key in keys for each in _compared(f"{inner}{key}", old.get(key), new.get(key))]
    if _holds_secret(old) or _holds_secret(new) or _holds_parts(old) or _holds_parts(new):
        happens = "added" if old is None else "removed" if new is None else "changed"
        return [Difference(name, secret=happens)]
    return [Difference(name.removesuffix("_us"), _text(name, old), _text(name, new))]


def _holds_secret(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_secret(inner) for inner in value.values())
    if isinstance(value, list | tuple):
        return any(_holds_secret(inner) for inner in value)
    return isinstance(value, Secret)


def _holds_parts(value: Any) -> bool:
    return isinstance(value, list | tuple) and any(isinstance(inner, Mapping) for inner in value)


def _text(name: str, value: Any) -> str:
    if value is None or value in ("", (), [], {}):
        return "nothing"
    if name.endswith("_us"):
        return duration.text(value)
    if isinstance(value, list | tuple):
        value = ", ".join(str(each) for each in value)
    text = masked_address(value) if isinstance(value, str) and value.isprintable() else repr(value)
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"

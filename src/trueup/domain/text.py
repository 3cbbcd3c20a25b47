"""Sentences as data: an id and its parameters; the doors put them into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence: the id of a message and the values it speaks of."""

    id: str
    params: Mapping[str, Value] = field(default_factory=dict)

"""Contracts to begin with: published agreements, each figure with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from trueup.config.document import parse
from trueup.config.scalar import as_core

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Figure:
    """What a preset says of one key of a contract, and where that stands."""

    of: str
    says: str
    source: str
    date: str  # of the text, as far as it is known: 2022, 2022-05 or 2022-05-05
    verified: bool  # it was read there; else it is to be checked before it is relied on


@dataclass(frozen=True, slots=True)
class Preset:
    """A contract to begin with; ``contract`` is in the form of the configuration."""

    name: str
    title: str
    party: str  # who promises
    contract: Mapping[str, Any]
    figures: tuple[Figure, ...]
    limits: tuple[str, ...]  # what its text says and a contract cannot


@dataclass(frozen=True, slots=True)
class Inexpressible:
    """An agreement whose text a contract cannot say, and why."""

    name: str
    why: str


def presets() -> Mapping[str, Preset]:
    """Return every preset by its name, in the order in which they are listed."""
    return {each.name: each for each in map(_preset, _document()["presets"])}


def inexpressible() -> tuple[Inexpressible, ...]:
    """Return the agreements that no preset is made of, each with the reason."""
    return tuple(Inexpressible(each["name"], each["why"]) for each in _document()["not_expressible"])


@lru_cache(maxsize=1)
def _document() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("presets.yaml").read_text("utf-8")
    document = parse(text, {})
    assert not document.problems, document.problems
    return as_core(document.tree)  # type: ignore[no-any-return]


def _preset(tree: Mapping[str, Any]) -> Preset:
    return Preset(
        name=tree["name"],
        title=tree["title"],
        party=tree["party"],
        contract=tree["contract"],
        figures=tuple(
            Figure(
                each["of"],
                each["says"],
                each.get("source", tree["source"]),
                each.get("date", tree["date"]),
                each["verified"],
            )
            for each in tree["figures"]
        ),
        limits=tuple(tree["limits"]),
    )

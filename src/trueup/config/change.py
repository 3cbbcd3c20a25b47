"""One thing that applying a configuration would do, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trueup.config.differences import Difference
from trueup.domain.spec import ChannelSpec, CheckSpec, ComponentSpec, ContractSpec, PageSpec


@dataclass(frozen=True)
class VersionStep:
    """A version that a contract gets, or loses before it holds; ``words`` say from when on, and what stays.

    Without a document nothing is added: what was to come is taken back.
    """

    document: Mapping[str, Any] | None
    valid_from_us: int
    split: bool
    replaces: tuple[int, ...]  # numbers of versions
    words: tuple[str, ...]


Spec = ComponentSpec | CheckSpec | ContractSpec | ChannelSpec | PageSpec
ACTIONS = ("create", "change", "rename", "archive", "restore")
_SIGNS = {"create": "+", "change": "~", "rename": ">", "archive": "-", "restore": "+"}


@dataclass(frozen=True)
class Change:
    """One thing that applying a configuration would do.

    ``row`` is the stored row it happens to, ``spec`` what is wanted. ``differences`` are its fields that
    change, ``details`` say what else does; ``effects`` say what becomes of its history.
    """

    action: str  # one of ACTIONS
    noun: str  # site | component | check | contract | channel | page | order
    slug: str
    details: tuple[str, ...] = ()
    row: int | None = None
    spec: Spec | None = None
    has_history: bool = False  # something was measured
    revises: bool = False  # what a check asks is another thing now
    differences: tuple[Difference, ...] = ()
    effects: tuple[str, ...] = ()
    managed: str = "file"  # file | hand: who manages it from then on
    was: str = ""  # its slug until now, where that is another one
    since_us: int | None = None  # from when on it has a ledger, microseconds UTC
    version: VersionStep | None = None  # of a contract

    @property
    def phrases(self) -> tuple[str, ...]:
        """Return what changes and what becomes of the history, as people read it."""
        words = () if self.version is None else self.version.words
        return (*self.details, *(each.phrase for each in self.differences), *words, *self.effects)

    @property
    def head(self) -> str:
        """Return what happens to what."""
        return f"{_SIGNS[self.action]} {self.action} {self.noun} {self.slug}".rstrip()

    @property
    def line(self) -> str:
        """Return the change as people read it."""
        return self.head + (f": {'; '.join(self.phrases)}" if self.phrases else "")

    def as_json(self) -> dict[str, Any]:
        """Return the change for a program."""
        return {
            "action": self.action,
            "noun": self.noun,
            "slug": self.slug,
            "was": self.was or None,
            "managed": self.managed,
            "details": list(self.details),
            "differences": [each.as_json() for each in self.differences],
            "effects": list(self.effects),
            "version": None if self.version is None else list(self.version.words),
            "has_history": self.has_history,
        }

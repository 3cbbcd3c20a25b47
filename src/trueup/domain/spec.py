"""Frozen values that config hands to the store and the store hands to the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class Secret(str):
    """A string that appears nowhere: not in a log, a diff, an error or a JSON document.

    ``reveal()`` is the only way to its value; ``reference`` is ``${NAME}`` where it was so written.
    """

    __slots__ = ("_value", "reference")

    def __new__(cls, value: str, reference: str = "") -> Secret:
        """Return a secret whose string form is its mask."""
        secret = super().__new__(cls, "********")
        secret._value = value
        secret.reference = reference
        return secret

    def reveal(self) -> str:
        """Return the value itself, to be handed to a connection and nothing else."""
        return self._value

    def __repr__(self) -> str:
        """Return the mask."""
        return "Secret('********')"


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """One check as configured: a validated question."""

    slug: str
    name: str
    kind: str
    target: str
    interval_us: int
    timeout_us: int
    confirm: int = 2
    recover: int = 1
    expect: tuple[str, ...] = ()
    degraded_when: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)  # the kind's own fields
    counts: bool = True
    was: str = ""


@dataclass(frozen=True, slots=True)
class ComponentSpec:
    """One component as configured, with its checks in order."""

    slug: str
    name: str
    checks: tuple[CheckSpec, ...]
    description: str = ""
    down_when: str = "any"  # any | all | a number
    was: str = ""


@dataclass(frozen=True, slots=True)
class SiteSpec:
    """What the whole installation is called and where it is found."""

    name: str = "trueup"
    url: str = ""
    timezone: str = "UTC"
    contact: str = ""
    witnesses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConfigSpec:
    """A whole configuration, expanded and validated."""

    site: SiteSpec
    components: tuple[ComponentSpec, ...]
    contracts: tuple[Mapping[str, Any], ...] = ()
    channels: tuple[Mapping[str, Any], ...] = ()
    notices: tuple[str, ...] = ()

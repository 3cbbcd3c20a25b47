"""Frozen values that config hands to the store and the store hands to the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from trueup.domain.reference import escape

MASK = "********"


class Secret(str):
    """A string that appears nowhere: not in a log, a diff, an error or a JSON document.

    ``reveal()`` is the only way to its value; ``reference`` is the text with ``${NAME}`` in it where it
    was so written. Two secrets are equal when they were written alike; no secret equals a plain string.
    """

    __slots__ = ("_value", "reference")

    _value: str
    reference: str

    def __new__(cls, value: str, reference: str = "") -> Secret:
        """Return a secret whose string form is its mask."""
        secret = super().__new__(cls, MASK)
        secret._value = value
        secret.reference = reference
        return secret

    def reveal(self) -> str:
        """Return the value itself, to be handed to a connection and nothing else."""
        return self._value

    @property
    def source(self) -> str:
        """Return the text it was written as, with its references: what is stored, encrypted."""
        return self.reference or escape(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.source == other.source

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.source)

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a Secret is never pickled: hand over the row it is stored in.")


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
    expect: tuple[str, ...] = ()  # with the kind's own where none were written
    degraded_when: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)  # the kind's own fields, as written
    counts: bool = True
    tags: tuple[str, ...] = ()  # sorted
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
class ContractSpec:
    """One promise as configured; ``document`` holds every other key as it was written.

    ``expanded`` is what these keys mean, every default written out; None where it is not known.
    """

    slug: str
    name: str
    document: Mapping[str, Any]
    was: str = ""
    expanded: Mapping[str, Any] | None = None
    effective_us: int | None = None  # from when on the file wants it to hold
    split: bool = False  # it may begin inside a window


@dataclass(frozen=True, slots=True)
class ChannelSpec:
    """One way to tell people as configured; ``options`` are its kind's fields."""

    slug: str
    kind: str
    options: Mapping[str, Any]
    was: str = ""


@dataclass(frozen=True, slots=True)
class GroupSpec:
    """Components, by slug, that stand together under a heading of a page."""

    name: str
    components: tuple[str, ...]
    description: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({', '.join(self.components)})"


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One page as configured: its groups come first, then ``components``, in order, by slug.

    With ``everything`` it shows all other components too, also those to come.
    """

    slug: str
    name: str  # empty: the site's
    description: str = ""
    hosts: tuple[str, ...] = ()
    privacy: str = "public"  # public | password | token
    password: Secret | None = None
    groups: tuple[GroupSpec, ...] = ()
    components: tuple[str, ...] = ()
    everything: bool = False
    position: int = 0
    was: str = ""


@dataclass(frozen=True, slots=True)
class ConfigSpec:
    """A whole configuration, expanded and validated."""

    site: SiteSpec
    components: tuple[ComponentSpec, ...]
    contracts: tuple[ContractSpec, ...] = ()
    channels: tuple[ChannelSpec, ...] = ()
    pages: tuple[PageSpec, ...] = ()
    notices: tuple[str, ...] = ()

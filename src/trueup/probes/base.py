"""What a kind of probe is, and the registry of all kinds.

A kind is a frozen dataclass in a module of its own: its fields are the options of a check, the
``help`` of each is what every door shows. ``@register`` is all that makes it known.
"""

from __future__ import annotations

import difflib
from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from trueup import plugins
from trueup.domain import option as _options
from trueup.domain.option import OptionError, OptionField
from trueup.domain.result import Facts, FailureClass, Phases
from trueup.domain.text import Text, Value
from trueup.net.connect import Net
from trueup.net.line import Line
from trueup.net.transfer import Request, Transfer

__all__ = [
    "CurlProbe",
    "OptionError",
    "OptionField",
    "Probe",
    "ProbeError",
    "build",
    "kinds",
    "option_fields",
    "option_schema",
    "register",
    "registry",
]

_PACKAGE, _GROUP = "trueup.probes.kinds", "trueup.probes"
_registry: dict[str, type[Probe]] = {}


class ProbeError(Exception):
    """A kind's own finding that there is no good answer: a failure class and a sentence about it.

    ``params`` are joined by those the asker knows (what was asked, the address, the time waited).
    """

    def __init__(self, cause: FailureClass, text: str, **params: Value) -> None:
        super().__init__(cause, text, params)
        self.cause = cause
        self.text = Text(text, params)


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One question of a check to its target.

    ``target_form`` shows how a target is written, with ``HOST:PORT`` in it where it has one; ``asks`` is
    the question in words and holds no secret; ``default_expect`` is expected and ``default_degraded_when``
    means degraded where a check says nothing; ``provides`` names the values that expectations may refer
    to, with their types. ``counts`` is whether its checks enter availability unless they say otherwise;
    ``default_interval`` is theirs where they name none, instead of everybody's. A ``patient`` kind asks
    someone who limits how often: at its interval alone, and never again at once.
    """

    kind: ClassVar[str] = ""
    target_form: ClassVar[str] = "HOST:PORT"
    default_expect: ClassVar[tuple[str, ...]] = ()
    default_degraded_when: ClassVar[tuple[str, ...]] = ()
    provides: ClassVar[Mapping[str, type]] = {}
    counts: ClassVar[bool] = True
    default_interval: ClassVar[str] = ""
    patient: ClassVar[bool] = False

    target: str

    @property
    def asks(self) -> str:
        """Return what is asked, for sentences."""
        return self.target

    async def ask(self, net: Net) -> Facts:  # noqa: ARG002 - for kinds that speak for themselves
        """Ask once and return what was measured; the asker owns the deadline and the wording of errors.

        Raises:
            ProbeError: The answer is not in the protocol that was asked.
        """
        raise TypeError(f"the kind {self.kind} has no ask(): nothing can be asked.")


@dataclass(frozen=True, kw_only=True)
class CurlProbe(Probe, ABC):
    """A kind that libcurl speaks: it describes the transfer and reads what came."""

    @abstractmethod
    def request(self) -> Request:
        """Return what is to be transferred."""

    @property
    def standing(self) -> Request | None:
        """Return the first request where it is always the same, and where a 3xx alone is ever followed."""
        return None

    @abstractmethod
    def facts(self, transfer: Transfer, phases: Phases) -> Facts:
        """Return what a finished transfer measured.

        Raises:
            ProbeError: The answer is not in the protocol that was asked.
        """

    def following(
        self,
        transfer: Transfer,  # noqa: ARG002 - for kinds that are redirected
        hops: tuple[Request, ...],  # noqa: ARG002
    ) -> Request | None:
        """Return what is asked next because of an answer, None where the answer is final.

        Raises:
            ProbeError: The answer leads where we do not go.
        """
        return None

    def asked(self, requests: tuple[Request, ...]) -> str:
        """Return what was asked up to now, for sentences: without secrets."""
        return ", then ".join(each.name for each in requests) or self.asks

    def talk(
        self,
        line: Line,  # noqa: ARG002 - for kinds that keep the connection
        phases: Phases,  # noqa: ARG002
    ) -> Generator[None, None, Facts]:
        """Speak on an upgraded connection: a generator that yields to wait for more and returns Facts.

        Raises:
            ProbeError: The answer is not in the protocol that was asked.
        """
        raise TypeError(f"the kind {self.kind} keeps a connection, but has no talk().")


P = TypeVar("P", bound=type[Probe])


def register(kind: P) -> P:
    """Make a kind known under its name.

    Raises:
        ValueError: The name is missing or taken.
    """
    if not kind.kind or _registry.get(kind.kind, kind).__qualname__ != kind.__qualname__:
        raise ValueError(f"{kind.__qualname__}: {kind.kind!r} is empty or the name of another kind of probe.")
    _registry[kind.kind] = kind
    return kind


@lru_cache(maxsize=1)
def _load() -> None:
    plugins.load(_PACKAGE, _GROUP)


def registry() -> Mapping[str, type[Probe]]:
    """Return every kind by its name, in the order of names."""
    _load()
    return {name: _registry[name] for name in sorted(_registry)}


def kinds() -> list[str]:
    """Return the names of all kinds."""
    return list(registry())


def build(kind: str, target: str, options: Mapping[str, Any], *, files: bool = True) -> Probe:
    """Return the probe of a check; ``files`` says whether its files are opened to see that they can be.

    Raises:
        OptionError: The kind, the target or an option cannot be used; the message proposes what could.
    """
    known = registry()
    if kind not in known:
        near = difflib.get_close_matches(kind, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."
        raise OptionError("kind", f"{kind!r} is no kind of check: {hint}")
    probe = known[kind](target=target, **_options.read(known[kind], options))
    if files:
        for each in _options.fields(known[kind]):
            if each.type == "file" and getattr(probe, each.name):
                _open(each.name, getattr(probe, each.name))
    return probe


def _open(name: str, path: str) -> None:
    try:
        with Path(path).open("rb") as file:
            file.read(1)
    except (OSError, ValueError) as error:  # a path may hold what no path can
        reason = getattr(error, "strerror", None) or str(error)
        raise OptionError(name, f"{name}: {path} cannot be read: {reason}.") from error


def option_fields(kind: str) -> tuple[OptionField, ...]:
    """Return the options of a kind as its dataclass declares them."""
    return _options.fields(registry()[kind])


def option_schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a kind's options."""
    return _options.schema(option_fields(kind))

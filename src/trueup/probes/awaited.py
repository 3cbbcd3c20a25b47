"""Kinds that wait to be called instead of asking."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from trueup.domain.heartbeat import Rules
from trueup.probes.base import Probe, registry


@dataclass(frozen=True, kw_only=True)
class Awaited(Probe, ABC):
    """A kind that is never asked: calls come in, and their absence is noticed.

    ``asks`` is what is waited for, in words.
    """

    @abstractmethod
    def rules(self) -> Rules:
        """Return when calls are due."""

    @property
    @abstractmethod
    def interval_us(self) -> int:
        """Return how long it is between two due instants, as a rule."""


def awaited_kinds() -> list[str]:
    """Return the names of the kinds that wait to be called."""
    return [name for name, kind in registry().items() if issubclass(kind, Awaited)]

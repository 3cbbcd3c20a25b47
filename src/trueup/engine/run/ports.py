"""What the worker needs of the world: a loop with timers, and someone who asks.

``net.multi.Loop`` and ``probes.ask.Asker`` are these; a simulation with its own time can be too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from trueup.domain.result import Facts
from trueup.probes.base import Probe


class Timer(Protocol):
    """A call that waits for its instant."""

    def cancel(self) -> None:
        """Forget the call."""


class Timers(Protocol):
    """The loop in whose thread everything here runs."""

    def call_at(self, when_s: float, fn: Callable[[], None]) -> Timer:
        """Call a function at a monotonic instant, in seconds; in the loop's thread only."""

    def call_soon_threadsafe(self, fn: Callable[[], None]) -> None:
        """Call a function in the loop's thread soon, from any thread."""


class Answer(Protocol):
    """What one probe brought back."""

    @property
    def asked_mono_ns(self) -> int:
        """Return when it was asked, on the monotonic clock."""

    @property
    def duration_us(self) -> int:
        """Return how long it took until the answer was complete or given up."""

    @property
    def facts(self) -> Facts:
        """Return what was measured."""


class Asks(Protocol):
    """Who asks; keeps the deadline."""

    def start(self, probe: Probe, timeout_s: float, done: Callable[[Answer], None]) -> object:
        """Ask, and call ``done`` once with the answer, in the loop's thread."""

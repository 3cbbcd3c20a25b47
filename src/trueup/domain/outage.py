"""Outages as the ledger holds them, and how long each can have been.

A probe sees an instant, not a span. An outage began after the last probe before it (``a``) and by the
answer of its first (``b``); it ended after its last probe (``c``) was asked and by the answer of the
first after it (``d``). Observed is from ``b`` to ``d``, each when asked: the point value everywhere.
The bounds hold if no state lasted less than the time between two probes.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from trueup.domain.timeline import Probed


@dataclass(frozen=True, slots=True)
class Outage:
    """A span of down, microseconds UTC, with the probes at its edges; a missing one is an exact edge."""

    start_us: int
    end_us: int  # how far it has come, while it goes on
    ongoing: bool = False
    a: Probed | None = None
    b: Probed | None = None
    c: Probed | None = None
    d: Probed | None = None

    @property
    def open_before(self) -> bool:
        """Return whether nothing was known before it: it may have begun earlier than any bound says."""
        return self.a is None

    @property
    def open_after(self) -> bool:
        """Return whether nothing is known after it: it goes on, or nobody was there to see its end."""
        return self.d is None

    @property
    def observed_us(self) -> int:
        """Return how long it was observed."""
        return self.end_us - self.start_us

    @property
    def least_us(self) -> int:
        """Return how long it surely was: from the answer of its first probe to the asking of its last."""
        sure_us = self.start_us if self.b is None else self.b.answered_us
        last_us = self.end_us if self.c is None else self.c.asked_us
        return max(last_us - sure_us, 0)

    @property
    def most_us(self) -> int:
        """Return how long it can have been: from the probe before it to the answer of the one after."""
        early_us = self.start_us if self.a is None else self.a.asked_us
        late_us = self.end_us if self.d is None else self.d.answered_us
        return late_us - early_us

    @property
    def middle(self) -> tuple[Fraction, Fraction]:
        """Return start and end halfway between the probes around each edge, as they were asked.

        This is the estimate that errs to neither side when probes come faster while it is down.
        """
        starts = (self.a.asked_us if self.a else self.start_us, self.start_us)
        ends = (self.c.asked_us if self.c and self.d else self.end_us, self.end_us)
        return Fraction(sum(starts), 2), Fraction(sum(ends), 2)

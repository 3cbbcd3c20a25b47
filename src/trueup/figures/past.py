"""One component's days: closed ones are kept, so that a figure costs only today and one edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter

from trueup.domain.interval import NEVER, Span
from trueup.domain.sla import Tally, evaluate, evaluate_days
from trueup.domain.timeline import Timeline
from trueup.figures.days import Days
from trueup.figures.history import History
from trueup.store.read.component import ComponentRow

_parts = attrgetter(*(part.name for part in fields(Tally)))


class Past:
    """What each day of one component amounts to, and the sum over any window that ends now."""

    def __init__(self, row: ComponentRow, history: History, days: Days) -> None:
        """Begin without any day; ``refresh`` computes them."""
        self._row = row
        self._history = history
        self._days = days
        self._closed: list[Tally] = []
        self._sums: list[Tally] = []  # of each closed day and all closed days after it
        self._known_us = days.edges_us[0]
        self.maintenance = NEVER  # what was planned, and is left out; set before ``refresh``
        self._today = Tally()
        self._as_of_us = 0

    def refresh(self, as_of_us: int, known_us: int, changed_us: int | None) -> None:
        """Bring the days up to an instant.

        Args:
            as_of_us: Where the figures end.
            known_us: Until when every check is known; a day that ends later is computed again.
            changed_us: From where on the history may differ from before.
        """
        firm_us = self._known_us if changed_us is None else min(self._known_us, changed_us)
        firm = min(max(self._days.index(firm_us), 0), len(self._closed))
        self._known_us = known_us
        self._as_of_us = as_of_us
        if firm < self._days.today:
            self._close(firm)
        self._today = self._part(self._days.edges_us[-2], self._days.edges_us[-1])

    @property
    def closed(self) -> Sequence[Tally]:
        """Return every day that is over; another list when one of them has changed."""
        return self._closed

    @property
    def today(self) -> Tally:
        """Return today as far as it has passed."""
        return self._today

    def over(self, length_us: int) -> Tally:
        """Return the window of a length that ends now; it must not begin before the first day."""
        start_us = self._as_of_us - length_us
        index = self._days.index(start_us)
        if index >= self._days.today:
            return self._part(start_us, self._as_of_us)
        rest = self._rest_of(index, start_us) + self._today
        return rest + self._sums[index + 1] if index + 1 < len(self._sums) else rest

    def _close(self, first: int) -> None:
        edges = self._days.edges_us[first:-1]
        checks = self._checks(edges[0], edges[-1])
        days = evaluate_days(
            checks, edges, self._as_of_us, down_when=self._row.down_when, maintenance=self.maintenance
        )
        self._closed = [*self._closed[:first], *days]
        sums = [Tally()]
        for day in reversed(self._closed):
            sums.append(day + sums[-1])
        self._sums = sums[:0:-1]

    def _rest_of(self, index: int, start_us: int) -> Tally:
        """Return what is left of a closed day from an instant on."""
        end_us = min(self._days.edges_us[index + 1], self._as_of_us)
        whole = _parts(self._closed[index])
        if _of_one_kind(whole):
            return Tally(*(end_us - start_us if part else 0 for part in whole))
        return self._part(start_us, end_us)

    def _part(self, start_us: int, end_us: int) -> Tally:
        window = Span(start_us, end_us)
        checks = self._checks(start_us, end_us)
        return evaluate(
            checks, window, self._as_of_us, down_when=self._row.down_when, maintenance=self.maintenance
        )

    def _checks(self, start_us: int, end_us: int) -> list[Timeline]:
        return [self._history.near(voice, start_us, end_us) for voice in self._row.voices]


def _of_one_kind(whole: Sequence[int]) -> bool:
    """Tell whether a day was the same all through: then every part of it is, too."""
    *parts, low_us, high_us = whole
    length_us = sum(parts)
    return max(parts) == length_us and low_us in (0, length_us) and high_us in (0, length_us)

"""How the worker itself fares: counters since its start, and how late it starts what is due."""

from __future__ import annotations

from dataclasses import dataclass

_GRAIN_US = 250
_COLUMNS = 400  # up to 100 ms in quarters of a millisecond; what is later is counted in the last one


@dataclass(frozen=True, slots=True)
class Vitals:
    """A snapshot; counters run from the start of the worker."""

    checks: int
    in_flight: int
    started: int  # probes, of the grid and beside it
    answered: int
    skipped: int  # slots in which the probe before was still in flight
    missed: int  # slots that nobody served: the loop was late by more than an interval, or stopping
    withdrawn: int  # results that prove nothing
    lost: int  # results for which the bus had no room; their time is unknown
    internal: int  # probes that ended by a fault in trueup
    waiting: int  # series whose results wait for the witnesses
    rounds: int  # how often witnesses were asked
    queue: int  # results that wait for the centre
    queue_age_us: int
    lag_us: int  # how late the loop was last
    steps: int  # of the wall clock


class Lateness:
    """How late probes start after their slot: counts in columns of a quarter of a millisecond."""

    def __init__(self) -> None:
        self._counts = [0] * (_COLUMNS + 1)
        self.last_us = 0
        self.max_us = 0
        self.n = 0

    def add(self, late_us: int) -> None:
        """Count one start."""
        self.last_us = late_us
        self.n += 1
        if late_us > self.max_us:
            self.max_us = late_us
        column = late_us // _GRAIN_US
        self._counts[min(column, _COLUMNS)] += 1

    def quantile_us(self, share: float) -> int:
        """Return below what so large a share of the starts lay, to a quarter of a millisecond upwards."""
        wanted, seen = share * self.n, 0
        for column, counted in enumerate(self._counts):
            seen += counted
            if counted and seen >= wanted:
                return self.max_us if column == _COLUMNS else min(self.max_us, (column + 1) * _GRAIN_US)
        return 0

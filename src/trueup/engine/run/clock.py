"""The engine's own clock: it never goes back, and knows when the wall clock was moved."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

STEP_US = 1_000_000  # a difference beyond this is a step, not drift
SLEW_PPM = 5_000  # drift is absorbed at most this fast: 5 ms a second, so durations err by 0.5 % at most
_NOISE_US = 1_000  # below this, two readings of two clocks say the same
_EPOCHS = 32_768  # what records and tables hold


class _Frame(NamedTuple):
    """One consistent reading: engine time at a monotonic instant, and what it still has to absorb."""

    anchor_us: int
    anchor_ns: int
    debt_us: int  # wall minus engine at the anchor


class EngineClock:
    """Engine time: an anchor in wall time plus what the monotonic clock has counted since.

    A wall clock that steps forward takes engine time with it; one that steps back does not: engine
    time goes on and is brought home slowly (``SLEW_PPM``), and records get a new epoch. Reading is
    safe in any thread; ``observe`` belongs to the loop's.

    ``epoch`` is that of records made now: 0 to 32,767, moved on when the wall clock went back. ``steps``
    is how often the wall clock was seen to step, either way. Both are for reading.

    Args:
        watermark_us: The newest instant that is stored; engine time never starts before it.
        epoch: The epoch of the newest stored record.
        wall_us: Source of wall time, microseconds UTC.
        monotonic_ns: Source of monotonic time, nanoseconds.
    """

    def __init__(
        self,
        *,
        watermark_us: int = 0,
        epoch: int = 0,
        wall_us: Callable[[], int] = lambda: time.time_ns() // 1000,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._wall_us = wall_us
        self._monotonic_ns = monotonic_ns
        wall = wall_us()
        anchor = max(wall, watermark_us)
        self._frame = _Frame(anchor, monotonic_ns(), wall - anchor)
        self.epoch = (epoch + (wall < watermark_us)) % _EPOCHS
        self.steps = 0

    def now_us(self) -> int:
        """Return engine time, microseconds UTC."""
        return _at(self._frame, self._monotonic_ns())

    def monotonic_ns(self) -> int:
        """Return the monotonic clock itself."""
        return self._monotonic_ns()

    def at_us(self, monotonic_ns: int) -> int:
        """Return engine time at a monotonic instant near now."""
        return _at(self._frame, monotonic_ns)

    def monotonic_s(self, at_us: int) -> float:
        """Return the monotonic instant of an engine time, in seconds as ``Loop.call_at`` takes it."""
        anchor_us, anchor_ns, debt = self._frame
        return anchor_ns / 1e9 + _unslewed(at_us - anchor_us, debt) / 1e6

    def observe(self) -> bool:
        """Compare with the wall clock; return whether it has stepped by more than a second."""
        now_ns, wall = self._monotonic_ns(), self._wall_us()
        moved = self._moved(now_ns, wall)
        if -_NOISE_US < moved < _NOISE_US:
            return False
        if abs(moved) > STEP_US:
            # We may have been stopped between the two readings: only what is seen twice is a step.
            now_ns, wall = self._monotonic_ns(), self._wall_us()
            moved = self._moved(now_ns, wall)
        now = _at(self._frame, now_ns)
        stepped = abs(moved) > STEP_US
        if stepped:
            self.steps += 1
            if moved > 0:
                now = max(now, wall)
            else:
                self.epoch = (self.epoch + 1) % _EPOCHS
        self._frame = _Frame(now, now_ns, wall - now)
        return stepped

    def _moved(self, now_ns: int, wall: int) -> int:
        """Return by how much the wall clock has left the monotonic one since the anchor."""
        anchor_us, anchor_ns, debt = self._frame
        return wall - (anchor_us + (now_ns - anchor_ns) // 1000) - debt


def _at(frame: _Frame, now_ns: int) -> int:
    anchor_us, anchor_ns, debt = frame
    counted = (now_ns - anchor_ns) // 1000
    return anchor_us + counted + _slewed(counted, debt) if debt else anchor_us + counted


def _slewed(counted_us: int, debt_us: int) -> int:
    """Return the part of a debt that is absorbed once so much time was counted."""
    if counted_us <= 0:
        return 0
    part = counted_us * SLEW_PPM // 1_000_000
    return min(part, debt_us) if debt_us > 0 else -min(part, -debt_us)


def _unslewed(engine_us: int, debt_us: int) -> float:
    """Return the counted time after which so much engine time has passed: the inverse of slewing."""
    if not debt_us or engine_us <= 0:
        return engine_us
    sign = 1 if debt_us > 0 else -1
    within = engine_us * 1_000_000 / (1_000_000 + sign * SLEW_PPM)
    return within if within * SLEW_PPM / 1_000_000 <= abs(debt_us) else engine_us - debt_us

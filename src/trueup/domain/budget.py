"""How much time may still be lost: exact, for the part of a window that has passed and what is to come."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Literal

from trueup.domain.interval import Spans

NOMINAL_US = 30 * 86_400 * 1_000_000  # the month of 30 days by which budgets are often quoted
Exhausted = int | Literal["already"] | None


@dataclass(frozen=True, slots=True)
class Budget:
    """What a window allows, in microseconds that need not be whole, and what is left of it."""

    allowed_us: Fraction
    remaining_us: Fraction
    consumed_ratio: Fraction | None  # None where nothing is allowed
    burn_rate: Fraction | None  # 1 is just as fast as allowed; None without counted time or at 100 %
    nominal_us: Fraction  # allowed, but never more than in a month of 30 days: whoever keeps to it has met


def budget(objective_ratio: Fraction, counted_us: int, future_us: int, downtime_us: Fraction) -> Budget:
    """Return the budget of a window.

    Args:
        objective_ratio: The availability that is promised.
        counted_us: The time that has counted so far.
        future_us: The time that will count until the window ends.
        downtime_us: What was lost of the counted time.
    """
    per_us = 1 - objective_ratio
    allowed_us = per_us * (counted_us + future_us)
    return Budget(
        allowed_us,
        allowed_us - downtime_us,
        downtime_us / allowed_us if allowed_us else None,
        downtime_us / counted_us / per_us if counted_us and per_us else None,
        min(allowed_us, per_us * NOMINAL_US),
    )


def exhausted_at(remaining_us: Fraction, future: Spans) -> Exhausted:
    """Return when the budget is used up if it is down from now on, in whole microseconds UTC.

    ``future`` is the time to come in which an outage counts. ``already`` if nothing remains; None if
    the window ends before.
    """
    if remaining_us <= 0:
        return "already"
    for start_us, end_us in future.pairs:
        if end_us - start_us >= remaining_us:
            return start_us + floor(remaining_us)
        remaining_us -= end_us - start_us
    return None

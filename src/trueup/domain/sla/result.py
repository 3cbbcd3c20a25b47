"""What a contract comes to over a window: exact, in microseconds and ratios."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from trueup.domain.budget import Budget, Exhausted
from trueup.domain.interval import Span


@dataclass(frozen=True, slots=True)
class Sums:
    """Lengths in microseconds. The window is the sum of what is left out and of what counts.

    ``counted_us`` is the sum of up, degraded, tolerated and down. Downtime weighs degraded time, so it
    need not be whole. ``min`` and ``max``: all unknown time up, and down; ``least`` and ``most``: the
    same, with every outage as short, and as long, as its probes allow.
    """

    window_us: int
    out_of_schedule_us: int
    excluded_exclusion_us: int
    excluded_maintenance_us: int
    excluded_component_us: int
    excluded_unknown_us: int
    counted_us: int
    up_us: int
    degraded_us: int
    tolerated_us: int
    down_us: int
    unknown_us: int
    committed_us: int  # counted, or left out because nobody knows
    downtime_us: Fraction
    downtime_min_us: Fraction
    downtime_max_us: Fraction
    downtime_least_us: Fraction
    downtime_most_us: Fraction


@dataclass(frozen=True, slots=True)
class Ratios:
    """Availability, and what it can have been; None where there is no time to divide by.

    ``lo`` and ``hi`` bound what unknown time hides, ``band_lo`` and ``band_hi`` also what lies between
    two probes. The band holds if no state lasted less than the time between two probes.
    """

    uptime: Fraction | None
    lo: Fraction | None
    hi: Fraction | None
    band_lo: Fraction | None
    band_hi: Fraction | None
    coverage: Fraction | None


@dataclass(frozen=True, slots=True)
class ComponentResult:
    """One component of a weighted mean, or of the worst."""

    id: str
    sums: Sums
    ratios: Ratios


@dataclass(frozen=True, slots=True)
class Decision:
    """What the figures mean; None where nothing can be said.

    ``breached`` compares what has passed, ``outcome`` the whole window: open while it can go both ways.
    ``verdict`` is that of the bounds: met, breached or indeterminate.
    """

    status: str  # ok, no_data or insufficient_data
    breached: bool | None
    verdict: str | None
    outcome: str | None
    credit_ratio: Fraction | None
    tier: str | None
    credit_amount: Fraction | None


@dataclass(frozen=True, slots=True)
class Result:
    """The whole answer; ``sums`` and ``budget`` only where the components make one service.

    ``exhausted_at`` is when the budget is used up if it is down from now on (``budget.exhausted_at``).
    """

    window: Span
    closed: bool
    ratios: Ratios
    decision: Decision
    sums: Sums | None = None
    budget: Budget | None = None
    exhausted_at: Exhausted = None
    components: tuple[ComponentResult, ...] = ()

"""What a contract can say, as exact values: ratios from 0 to 1, lengths in microseconds."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from trueup.domain.calendar import Schedule


@dataclass(frozen=True, slots=True)
class Window:
    """Over which time a promise holds: a calendar period in a zone, a length up to now, or a fixed time."""

    type: str  # calendar, rolling or fixed
    period: str = ""  # of a calendar one: a name of PERIODS
    timezone: str = ""
    length_us: int = 0  # of a rolling one


@dataclass(frozen=True, slots=True)
class Planned:
    """What maintenance means: what becomes of its time, the notice it needs, how much a window holds."""

    mode: str = "exclude"
    notice_us: int = 0
    cap_us: int | None = None


@dataclass(frozen=True, slots=True)
class MinOutage:
    """Outages shorter than this are tolerated; ``excess`` forgives the beginning of longer ones, too."""

    length_us: int = 0
    basis: str = "raw"  # or counted
    counting: str = "full"  # or excess


@dataclass(frozen=True, slots=True)
class Slices:
    """Time is judged slice by slice, from the window's start; a bad slice is lost as a whole."""

    length_us: int
    bad_above_ratio: Fraction | None  # down for more than this part; None: for all of it


@dataclass(frozen=True, slots=True)
class Aggregation:
    """How the components make one figure; ``k`` of a quorum, weights of a weighted mean."""

    type: str = "single"
    k: int = 0
    weights: tuple[tuple[str, Fraction], ...] = ()


@dataclass(frozen=True, slots=True)
class Rounding:
    """The percentage is rounded before it decides; without it, the exact one decides."""

    digits: int
    mode: str


@dataclass(frozen=True, slots=True)
class Tier:
    """From this availability on, and below the tier above, this part of the fee is due back."""

    min_ratio: Fraction
    credit_ratio: Fraction
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything a contract says about how its figures are made."""

    objective_ratio: Fraction
    window: Window
    schedule: Schedule | None
    maintenance: Planned
    exclusions_mode: str
    paused: str
    unknown: str
    degraded_weight: Fraction
    min_outage: MinOutage
    slices: Slices | None
    aggregation: Aggregation
    rounding: Rounding | None
    tiers: tuple[Tier, ...]
    min_coverage_ratio: Fraction | None
    edge: str

"""How available a component was: exact sums over a window, and the ratios made of them.

This is the one function behind every figure on every surface. It speaks the house profile:
unknown and maintenance are excluded, degraded counts as up, edges are where they were observed.
Sums run on integer microseconds and are divided once, at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from operator import add, attrgetter

from trueup.domain.interval import NEVER, Span, Spans
from trueup.domain.status import needed
from trueup.domain.timeline import Blip, Probed, Record, Timeline, read

__all__ = ["Blip", "Probed", "Record", "Tally", "Timeline", "evaluate", "evaluate_days", "truncate_percent"]


@dataclass(frozen=True, slots=True)
class Tally:
    """How long a component was what, in microseconds; tallies of adjacent windows add up.

    The parts fill the window: outside (no check existed) + maintenance + paused + unknown + up +
    degraded + down. Ratios are exact, and ``None`` where there is no time to divide by: never 0,
    never 1.
    """

    outside_us: int = 0
    maintenance_us: int = 0
    paused_us: int = 0
    unknown_us: int = 0
    up_us: int = 0
    degraded_us: int = 0
    down_us: int = 0
    low_us: int = 0  # down at the lower end of the error band
    high_us: int = 0  # down at its upper end

    def __add__(self, other: Tally) -> Tally:
        return Tally(*map(add, _parts(self), _parts(other)))

    @property
    def window_us(self) -> int:
        """Return the whole window, as far as it has passed."""
        return self.outside_us + self.maintenance_us + self.paused_us + self.committed_us

    @property
    def committed_us(self) -> int:
        """Return the time in which it was to be available: counted and unknown."""
        return self.counted_us + self.unknown_us

    @property
    def counted_us(self) -> int:
        """Return the time that enters availability: known, and neither paused nor maintenance."""
        return self.up_us + self.degraded_us + self.down_us

    @property
    def availability_ratio(self) -> Fraction | None:
        """Return the point value: the part of the counted time that was not down."""
        return _rest(self.down_us, self.counted_us)

    @property
    def bound_lo_ratio(self) -> Fraction | None:
        """Return the availability if all unknown time had been down."""
        return _rest(self.down_us + self.unknown_us, self.committed_us)

    @property
    def bound_hi_ratio(self) -> Fraction | None:
        """Return the availability if all unknown time had been up."""
        return _rest(self.down_us, self.committed_us)

    @property
    def band_lo_ratio(self) -> Fraction | None:
        """Return the lower end of the error band: unknown and unconfirmed down, outages longest.

        It holds if no state lasted less than the time between two probes.
        """
        return _rest(self.low_us, self.committed_us)

    @property
    def band_hi_ratio(self) -> Fraction | None:
        """Return the upper end of the error band: unknown up, outages shortest."""
        return _rest(self.high_us, self.committed_us)

    @property
    def coverage_ratio(self) -> Fraction | None:
        """Return the part of the committed time that is known."""
        return _rest(self.unknown_us, self.committed_us)


def evaluate(
    checks: Sequence[Timeline],
    window: Span,
    as_of_us: int,
    *,
    down_when: str = "any",
    maintenance: Spans = NEVER,
) -> Tally:
    """Return how available a component was in a window, as far as it has passed at ``as_of_us``.

    ``checks`` are those that count. A check that is paused, or does not exist yet or any more,
    has no voice at that instant; ``down_when`` is ``any``, ``all`` or a number.

    Raises:
        ValueError: ``down_when`` is none of these, or the window ends before it starts.
    """
    edges = (window.start_us, window.end_us)
    return evaluate_days(checks, edges, as_of_us, down_when=down_when, maintenance=maintenance)[0]


def evaluate_days(
    checks: Sequence[Timeline],
    edges_us: Sequence[int],
    as_of_us: int,
    *,
    down_when: str = "any",
    maintenance: Spans = NEVER,
) -> list[Tally]:
    """Return one tally for each window between two neighbours of ``edges_us``, in one pass.

    Equal to ``evaluate`` of each window. What lies after ``as_of_us`` is empty.

    Raises:
        ValueError: The edges are not in order, fewer than two, or ``down_when`` cannot be read.
    """
    if len(edges_us) < 2 or list(edges_us) != sorted(edges_us):
        raise ValueError(f"the edges {list(edges_us)[:5]} make no windows: give two or more, in order.")
    needed(down_when, len(checks))  # refuse a word that cannot be read even where it decides nothing
    edges = [min(edge_us, as_of_us) for edge_us in edges_us]
    changes = sorted(_changes(checks, Span(edges[0], edges[-1]), maintenance))
    return _sweep(changes, edges, down_when)


def truncate_percent(ratio: Fraction, digits: int = 3) -> str:
    """Return a ratio in percent with so many digits, cut off: 99.9999 is never shown as 100."""
    whole, part = divmod(ratio.numerator * 100 * 10**digits // ratio.denominator, 10**digits)
    return f"{whole}.{part:0{digits}d}" if digits else str(whole)


def percent(ratio: Fraction | None) -> float | None:
    """Return a ratio in percent as a number, cut after three digits; None where there is none."""
    return None if ratio is None else float(truncate_percent(ratio))


_parts = attrgetter(*(part.name for part in fields(Tally)))


def _rest(lost_us: int, whole_us: int) -> Fraction | None:
    return Fraction(whole_us - lost_us, whole_us) if whole_us else None


# What a change counts: the positions of the running counts in ``_sweep``.
_MAINTENANCE, _VOICES, _PAUSED, _UNKNOWN, _DEGRADED, _DOWN, _LOW, _HIGH = range(8)


def _changes(checks: Sequence[Timeline], within: Span, maintenance: Spans) -> Iterator[tuple[int, int, int]]:
    """Yield (instant, what, +1 or -1) for every set of instants that begins or ends."""
    sets = [(_MAINTENANCE, maintenance.clip(within))]
    for check in checks:
        reading = read(check, within)
        voice = reading.up.union(reading.degraded, reading.down, reading.unknown)
        sets += ((_VOICES, voice), (_PAUSED, reading.paused), (_UNKNOWN, reading.unknown))
        sets += ((_DEGRADED, reading.degraded), (_DOWN, reading.down))
        sets += ((_LOW, reading.low), (_HIGH, reading.high))
    for what, spans in sets:
        for start_us, end_us in spans.pairs:
            yield start_us, what, 1
            yield end_us, what, -1


def _sweep(changes: Sequence[tuple[int, int, int]], edges: Sequence[int], down_when: str) -> list[Tally]:
    """Walk through time once; between two changes every count stands still."""
    counts, parts, tallies = [0] * 8, [0] * 9, list[Tally]()
    at_us, position = edges[0], 0
    for edge_us in edges[1:]:
        while position < len(changes) and changes[position][0] <= edge_us:
            change_us, what, step = changes[position]
            if change_us > at_us:
                _book(parts, counts, change_us - at_us, down_when)
                at_us = change_us
            counts[what] += step
            position += 1
        if edge_us > at_us:
            _book(parts, counts, edge_us - at_us, down_when)
            at_us = edge_us
        tallies.append(Tally(*parts))
        parts = [0] * 9
    return tallies


def _book(parts: list[int], counts: Sequence[int], length_us: int, down_when: str) -> None:
    """Add a stretch of time to the part it belongs to; the order is that of ``Tally``."""
    maintenance, voices, paused, unknown, degraded, down, low, high = counts
    if maintenance or not voices:
        parts[1 if maintenance else 2 if paused else 0] += length_us
        return
    enough = 1 if down_when == "any" else needed(down_when, voices)
    if down >= enough:
        parts[6] += length_us
    elif down + unknown >= enough:
        parts[3] += length_us
    else:
        parts[5 if down or degraded else 4] += length_us
    parts[7] += length_us if low >= enough else 0
    parts[8] += length_us if high >= enough else 0

"""Which time is lost: outages that are long enough, or whole slices that are bad."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from trueup.domain.interval import NEVER, Span, Spans
from trueup.domain.terms import MinOutage, Slices, Terms


@dataclass(frozen=True, slots=True)
class Lost:
    """Time that counts and was not up; ``tolerated`` was down, and weighs no more than degraded."""

    down: Spans
    degraded: Spans
    tolerated: Spans

    def weighed_us(self, weight: Fraction) -> Fraction:
        """Return the downtime: down in full, degraded and tolerated time by its weight."""
        if not weight:
            return Fraction(self.down.total_us)
        return self.down.total_us + weight * (self.degraded.total_us + self.tolerated.total_us)


def lost(terms: Terms, down: Spans, degraded: Spans, counted: Spans, forgiven: Spans, start_us: int) -> Lost:
    """Return what is lost of the counted time; slices begin at ``start_us``."""
    judged = counted - forgiven
    full = down & judged
    kept = _long_enough(terms.min_outage, down, full, judged)
    if terms.slices is not None:
        kept = Spans(_bad(terms.slices, kept, counted, start_us)) - forgiven
    return Lost(kept, (degraded & judged) - (kept | full), full - kept)


def _long_enough(least: MinOutage, down: Spans, full: Spans, judged: Spans) -> Spans:
    """Return the outages that count: whole ones, or as much of each as lies in the time that counts."""
    if not least.length_us:
        return full
    runs = full if least.basis == "counted" else down
    excess_us = least.length_us if least.counting == "excess" else 0
    kept = Spans(
        (start_us + excess_us, end_us)
        for start_us, end_us in runs.pairs
        if end_us - start_us >= least.length_us
    )
    return kept if least.basis == "counted" else kept & judged


def _bad(slices: Slices, down: Spans, counted: Spans, start_us: int) -> Iterator[tuple[int, int]]:
    """Yield the counted time of every bad slice.

    Whole slices inside one span of down are bad at once; only those at its ends are weighed.
    """
    length_us, done = slices.length_us, -1
    for from_us, to_us in down.pairs:
        first = (from_us - start_us) // length_us
        last = (to_us - 1 - start_us) // length_us
        if first + 1 <= last - 1:
            yield start_us + (first + 1) * length_us, start_us + last * length_us
        for number in sorted({first, last}):
            if number > done:
                done = number
                yield from _weighed(slices, down, counted, start_us + number * length_us)


def _weighed(slices: Slices, down: Spans, counted: Spans, start_us: int) -> Iterator[tuple[int, int]]:
    """Yield the counted time of one slice if it is bad."""
    piece = Span(start_us, start_us + slices.length_us)
    within, bad = counted.clip(piece), down.clip(piece)
    whole_us, bad_us = within.total_us, bad.total_us
    if bad_us == whole_us if slices.bad_above_ratio is None else bad_us > slices.bad_above_ratio * whole_us:
        yield from within.pairs


NOTHING = Lost(NEVER, NEVER, NEVER)

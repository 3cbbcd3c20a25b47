"""Several voices, one state, for all of time at once: strong Kleene logic on sets of instants.

A voice that is absent leaves: then ``k`` of the voices are at most all that remain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from trueup.domain.interval import NEVER, Spans


class Said(NamedTuple):
    """When it was down, degraded, unknown: sets that have nothing in common."""

    down: Spans
    degraded: Spans
    unknown: Spans = NEVER


@dataclass(frozen=True, slots=True)
class Voice:
    """When somebody says what; time in none of the sets is up. The first four have nothing in common.

    ``low`` and ``high`` are the down time of the error band, ``soft_low`` and ``soft_high`` the
    degraded time that goes with each. ``repeats`` is there if unknown time means what was last known.
    """

    down: Spans = NEVER
    degraded: Spans = NEVER
    unknown: Spans = NEVER
    absent: Spans = NEVER
    low: Spans = NEVER
    high: Spans = NEVER
    soft_low: Spans = NEVER
    soft_high: Spans = NEVER
    repeats: Said | None = None


def combine(voices: Sequence[Voice], k: int) -> Voice:
    """Return what the voices say together when ``k`` of them make it down."""
    absents = [voice.absent for voice in voices]
    raw = together([Said(each.down, each.degraded, each.unknown) for each in voices], absents, k)
    low = together([Said(each.low, each.soft_low) for each in voices], absents, k)
    high = together([Said(each.high, each.soft_high) for each in voices], absents, k)
    return Voice(*raw, everywhere(absents), low.down, high.down, low.degraded, high.degraded)


def together(said: Sequence[Said], absents: Sequence[Spans], k: int) -> Said:
    """Return what several say together: down, unknown if the unknown ones could make it so, degraded."""
    if len(said) == 1:
        gone = absents[0]
        return Said(*(each - gone for each in said[0])) if gone else said[0]
    down = threshold([each.down for each in said], absents, k)
    worse = _any([each.degraded for each in said], absents)
    if k > 1:  # what is down for a few only is no more than degraded
        worse |= _any([each.down for each in said], absents)
    if not any(each.unknown for each in said):
        return Said(down, worse - down)
    maybe = threshold([each.down | each.unknown for each in said], absents, k)
    return Said(down, worse - maybe, maybe - down)


def threshold(sets: Sequence[Spans], absents: Sequence[Spans], k: int) -> Spans:
    """Return when at least ``k`` of the sets, or all of those that are not absent, hold."""
    if not any(absents):
        return at_least(sets, k)
    present = [each - absent for each, absent in zip(sets, absents, strict=True)]
    enough = at_least(present, k)
    if k == 1:
        return enough
    rest = everywhere([each | absent for each, absent in zip(sets, absents, strict=True)])
    return enough | (rest - everywhere(absents))


def at_least(sets: Sequence[Spans], k: int) -> Spans:
    """Return the instants that lie in at least ``k`` of the sets; ``k`` is 1 or more."""
    if k == 1:
        return NEVER.union(*sets)
    if sum(map(bool, sets)) < k:
        return NEVER
    if k == len(sets):
        return everywhere(sets)
    changes = [start_us * 2 + 1 for each in sets for start_us, _ in each.pairs]  # odd: one begins
    changes += [end_us * 2 for each in sets for _, end_us in each.pairs]  # even, and so first: one ends
    changes.sort()
    found, count, start_us = [], 0, 0
    for change in changes:
        if change & 1:
            count += 1
            if count == k:
                start_us = change >> 1
        else:
            if count == k:
                found.append((start_us, change >> 1))
            count -= 1
    return Spans(found)


def everywhere(sets: Sequence[Spans]) -> Spans:
    """Return the instants that lie in every set; of no sets none."""
    common = sets[0] if sets else NEVER
    for each in sets[1:]:
        if not common:
            return NEVER
        common &= each
    return common


def _any(sets: Sequence[Spans], absents: Sequence[Spans]) -> Spans:
    if any(absents):
        sets = [each - absent for each, absent in zip(sets, absents, strict=True)]
    return NEVER.union(*sets)

"""Half-open spans of time in integer microseconds UTC, and sets of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

Pairs = tuple[tuple[int, int], ...]
_EVER = 1 << 100  # beyond every instant
_AFTER = (_EVER, _EVER + 1)


class Span(NamedTuple):
    """The instants from ``start_us`` on and before ``end_us``; empty when it ends no later."""

    start_us: int
    end_us: int

    @property
    def length_us(self) -> int:
        """Return how long it lasts; an empty span lasts 0."""
        return max(self.end_us - self.start_us, 0)

    def clip(self, other: Span) -> Span:
        """Return what both have in common, perhaps empty."""
        return Span(max(self.start_us, other.start_us), min(self.end_us, other.end_us))


class Spans:
    """A set of instants: spans in order that neither overlap, touch nor are empty. Never changes."""

    __slots__ = ("pairs",)
    pairs: Pairs  # the same as plain pairs, for long loops

    def __init__(self, spans: Iterable[tuple[int, int]] = ()) -> None:
        """Take any spans in any order; empty ones vanish, overlapping and touching ones join."""
        self.pairs = tuple(_joined(sorted(spans)))

    @classmethod
    def _of(cls, pairs: Iterable[tuple[int, int]]) -> Spans:
        """Take spans that are known to be in order, apart and not empty."""
        new = cls.__new__(cls)
        new.pairs = tuple(pairs)
        return new

    def __iter__(self) -> Iterator[Span]:
        return map(Span._make, self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spans) and self.pairs == other.pairs

    def __hash__(self) -> int:
        return hash(self.pairs)

    def __repr__(self) -> str:
        return f"Spans({list(self.pairs)})"

    def __or__(self, other: Spans) -> Spans:
        return self.union(other)

    def __and__(self, other: Spans) -> Spans:
        return self.intersection(other)

    def __sub__(self, other: Spans) -> Spans:
        return self.subtract(other)

    @property
    def total_us(self) -> int:
        """Return how long all spans last together."""
        return sum(end_us - start_us for start_us, end_us in self.pairs)

    def union(self, *others: Spans) -> Spans:
        """Return the instants that are in any of the sets."""
        held = [spans for spans in (self, *others) if spans.pairs]
        if len(held) < 2:
            return held[0] if held else self
        every = [span for spans in held for span in spans.pairs]
        every.sort()
        return Spans._of(_joined(every))

    def intersection(self, other: Spans) -> Spans:
        """Return the instants that are in both sets."""
        return Spans._of(_common(self.pairs, other.pairs))

    def subtract(self, other: Spans) -> Spans:
        """Return the instants of this set that are not in the other."""
        if not (self.pairs and other.pairs):
            return self
        return Spans._of(_rest(self.pairs, other.pairs))

    def clip(self, window: Span) -> Spans:
        """Return the part that lies in the window."""
        if not self.pairs or (window.start_us <= self.pairs[0][0] and self.pairs[-1][1] <= window.end_us):
            return self
        if window.end_us <= window.start_us:
            return NEVER
        first = max(bisect_right(self.pairs, window.start_us, key=itemgetter(0)) - 1, 0)
        last = bisect_right(self.pairs, window.end_us, key=itemgetter(0))
        return Spans._of(_common(self.pairs[first:last], (window,)))


# Lists and not generators below: these loops are most of what a year of many components costs.


def _joined(ordered: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """Return spans apart from spans in the order of their starts."""
    last_us = -_EVER
    for start_us, end_us in ordered:
        if start_us <= last_us or end_us <= start_us:
            break
        last_us = end_us
    else:
        return ordered  # as most are
    joined: list[tuple[int, int]] = []
    open_us, close_us = -_EVER, -_EVER
    for span in ordered:
        start_us, end_us = span
        if end_us <= start_us:
            continue
        if start_us > close_us:
            if close_us > open_us:
                joined.append((open_us, close_us))
            open_us, close_us = span
        elif end_us > close_us:
            close_us = end_us
    if close_us > open_us:
        joined.append((open_us, close_us))
    return joined


def _common(left: Pairs, right: Pairs) -> list[tuple[int, int]]:
    """Return what is in both, as long as both go on."""
    common: list[tuple[int, int]] = []
    if not (left and right):
        return common
    others = iter(right)
    other_start_us, other_end_us = next(others)
    for start_us, end_us in left:
        while other_end_us < end_us:
            if other_end_us > start_us:
                both_us = max(other_start_us, start_us)
                common.append((both_us, other_end_us))
            other_start_us, other_end_us = next(others, _AFTER)
        if other_start_us < end_us:
            common.append((max(other_start_us, start_us), end_us))
    return common


def _rest(left: Pairs, right: Pairs) -> list[tuple[int, int]]:
    """Return what is in the first alone."""
    rest: list[tuple[int, int]] = []
    holes = iter(right)
    hole_start_us, hole_end_us = next(holes, _AFTER)
    for span in left:
        start_us, end_us = span
        while hole_end_us <= start_us:
            hole_start_us, hole_end_us = next(holes, _AFTER)
        if hole_start_us >= end_us:
            rest.append(span)
            continue
        while hole_start_us < end_us:
            if start_us < hole_start_us:
                rest.append((start_us, hole_start_us))
            start_us = hole_end_us
            if hole_end_us >= end_us:
                break
            hole_start_us, hole_end_us = next(holes, _AFTER)
        if start_us < end_us:
            rest.append((start_us, end_us))
    return rest


NEVER = Spans()

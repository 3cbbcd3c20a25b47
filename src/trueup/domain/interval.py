"""Half-open spans of time in integer microseconds UTC, and sets of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import NamedTuple

Pairs = tuple[tuple[int, int], ...]


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
        if not any(others):
            return self
        every = [span for spans in (self, *others) for span in spans.pairs]
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
        first = max(bisect_right(self.pairs, window.start_us, key=itemgetter(0)) - 1, 0)
        last = bisect_right(self.pairs, window.end_us, key=itemgetter(0))
        return Spans._of(_common(self.pairs[first:last], (window,)))


def _joined(ordered: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield spans apart from spans in the order of their starts."""
    open_us = close_us = None
    for start_us, end_us in ordered:
        if end_us <= start_us:
            continue
        if open_us is None or close_us is None:
            open_us, close_us = start_us, end_us
        elif start_us > close_us:
            yield (open_us, close_us)
            open_us, close_us = start_us, end_us
        elif end_us > close_us:
            close_us = end_us
    if open_us is not None and close_us is not None:
        yield (open_us, close_us)


def _common(left: Pairs, right: Pairs) -> Iterator[tuple[int, int]]:
    one = other = 0
    while one < len(left) and other < len(right):
        (start_us, end_us), (other_start_us, other_end_us) = left[one], right[other]
        both_us = max(start_us, other_start_us)
        if end_us <= other_end_us:
            one += 1
            until_us = end_us
        else:
            other += 1
            until_us = other_end_us
        if both_us < until_us:
            yield (both_us, until_us)


def _rest(left: Pairs, right: Pairs) -> Iterator[tuple[int, int]]:
    position = 0
    for start_us, end_us in left:
        while position < len(right) and right[position][1] <= start_us:
            position += 1
        ahead = position
        while ahead < len(right) and right[ahead][0] < end_us:
            hole_start_us, hole_end_us = right[ahead]
            if start_us < hole_start_us:
                yield (start_us, hole_start_us)
            start_us = hole_end_us
            ahead += 1
        if start_us < end_us:
            yield (start_us, end_us)


NEVER = Spans()

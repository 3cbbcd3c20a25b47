"""Half-open spans of time in integer microseconds UTC, and sets of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple


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

    def contains(self, at_us: int) -> bool:
        """Return whether the instant lies in the span."""
        return self.start_us <= at_us < self.end_us


class Spans:
    """A set of instants: spans in order that neither overlap, touch nor are empty. Never changes."""

    __slots__ = ("_spans",)
    _spans: tuple[Span, ...]

    def __init__(self, spans: Iterable[tuple[int, int]] = ()) -> None:
        """Take any spans in any order; empty ones vanish, overlapping and touching ones join."""
        self._spans = tuple(_joined(sorted(spans)))

    @classmethod
    def _of(cls, spans: Iterable[Span]) -> Spans:
        """Take spans that are known to be in order, apart and not empty."""
        new = cls.__new__(cls)
        new._spans = tuple(spans)
        return new

    def __iter__(self) -> Iterator[Span]:
        return iter(self._spans)

    def __len__(self) -> int:
        return len(self._spans)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spans) and self._spans == other._spans

    def __hash__(self) -> int:
        return hash(self._spans)

    def __repr__(self) -> str:
        return f"Spans({[tuple(span) for span in self._spans]})"

    def __or__(self, other: Spans) -> Spans:
        return self.union(other)

    def __and__(self, other: Spans) -> Spans:
        return self.intersection(other)

    def __sub__(self, other: Spans) -> Spans:
        return self.subtract(other)

    @property
    def total_us(self) -> int:
        """Return how long all spans last together."""
        return sum(end_us - start_us for start_us, end_us in self._spans)

    def contains(self, at_us: int) -> bool:
        """Return whether the instant lies in one of the spans."""
        position = bisect_right(self._spans, at_us, key=_start) - 1
        return position >= 0 and at_us < self._spans[position].end_us

    def union(self, *others: Spans) -> Spans:
        """Return the instants that are in any of the sets."""
        if not any(others):
            return self
        every = [span for spans in (self, *others) for span in spans._spans]
        every.sort()
        return Spans._of(_joined(every))

    def intersection(self, other: Spans) -> Spans:
        """Return the instants that are in both sets."""
        return Spans._of(_common(self._spans, other._spans))

    def subtract(self, other: Spans) -> Spans:
        """Return the instants of this set that are not in the other."""
        if not (self._spans and other._spans):
            return self
        return Spans._of(_rest(self._spans, other._spans))

    def clip(self, window: Span) -> Spans:
        """Return the part that lies in the window."""
        if not self._spans or (
            window.start_us <= self._spans[0].start_us and self._spans[-1].end_us <= window.end_us
        ):
            return self
        first = max(bisect_right(self._spans, window.start_us, key=_start) - 1, 0)
        last = bisect_right(self._spans, window.end_us, key=_start)
        return Spans._of(_common(self._spans[first:last], (window,)))


def _start(span: Span) -> int:
    return span.start_us


def _joined(ordered: Iterable[tuple[int, int]]) -> Iterator[Span]:
    """Yield spans apart from spans in the order of their starts."""
    open_us = close_us = None
    for start_us, end_us in ordered:
        if end_us <= start_us:
            continue
        if open_us is None or close_us is None:
            open_us, close_us = start_us, end_us
        elif start_us > close_us:
            yield Span(open_us, close_us)
            open_us, close_us = start_us, end_us
        elif end_us > close_us:
            close_us = end_us
    if open_us is not None and close_us is not None:
        yield Span(open_us, close_us)


def _common(left: tuple[Span, ...], right: tuple[Span, ...]) -> Iterator[Span]:
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
            yield Span(both_us, until_us)


def _rest(left: tuple[Span, ...], right: tuple[Span, ...]) -> Iterator[Span]:
    position = 0
    for start_us, end_us in left:
        while position < len(right) and right[position].end_us <= start_us:
            position += 1
        ahead = position
        while ahead < len(right) and right[ahead].start_us < end_us:
            hole_start_us, hole_end_us = right[ahead]
            if start_us < hole_start_us:
                yield Span(start_us, hole_start_us)
            start_us = hole_end_us
            ahead += 1
        if start_us < end_us:
            yield Span(start_us, end_us)


NEVER = Spans()

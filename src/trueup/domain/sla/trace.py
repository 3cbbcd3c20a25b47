"""Any figure of a result, opened: the stretches of time that make it, each with what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from trueup.domain.budget import NOMINAL_US
from trueup.domain.interval import Spans
from trueup.domain.result import State
from trueup.domain.sla.case import Case, Exclusion, Maintenance, Part
from trueup.domain.sla.ground import first
from trueup.domain.sla.judge import SEPARATE, each_service, whole_service
from trueup.domain.sla.lost import Lost
from trueup.domain.sla.said import moved
from trueup.domain.sla.service import Service
from trueup.domain.timeline import Blip, Record

Layers = Sequence[tuple[Fraction, Spans]]


@dataclass(frozen=True, slots=True)
class Cause:
    """What is written about a stretch of time; component and check are empty for what lies over all."""

    component: str
    check: str
    what: Record | Blip | Maintenance | Exclusion


@dataclass(frozen=True, slots=True)
class Entry:
    """A stretch of time, microseconds UTC, how much of it enters the figure, and all that explains it.

    Without causes it is time of which nothing is written: the default state, or outside the hours.
    """

    start_us: int
    end_us: int
    weight: Fraction
    causes: tuple[Cause, ...]

    @property
    def part_us(self) -> Fraction:
        """Return what it adds to the figure."""
        return self.weight * (self.end_us - self.start_us)


def trace(case: Case, figure: str, component: str | None = None) -> tuple[Entry, ...]:
    """Return the entries that make a figure; their parts sum to it exactly.

    Args:
        case: What was judged.
        figure: A key of the result that is a length, a name of ``FIGURES``.
        component: Of which component, where each has a figure of its own.

    Raises:
        ValueError: There is no such figure, or no such component.
    """
    if figure not in FIGURES:
        raise ValueError(f"{figure!r} has no entries. Write one of {', '.join(FIGURES)}.")
    parts, of = _service(case, component)
    pieces = sorted(_pieces(case, parts, figure), key=lambda piece: piece[:2])
    layers = [layer for layer in _layers(case, of, figure) if layer[0]]
    return tuple(entry for weight, spans in layers for entry in _cut(spans, weight, pieces))


def _service(case: Case, component: str | None) -> tuple[Sequence[Part], Service]:
    if case.terms.aggregation.type not in SEPARATE:
        return case.components, whole_service(case)
    for part, (name, of) in zip(case.components, each_service(case), strict=True):
        if name == component:
            return (part,), of
    names = ", ".join(part.id for part in case.components)
    raise ValueError(
        f"{component!r} is no component, and each has a figure of its own. Write one of {names}."
    )


_Piece = tuple[int, int, Cause]


def _pieces(case: Case, parts: Sequence[Part], figure: str) -> Iterator[_Piece]:
    """Yield everything that is written, with the time it speaks of; plain uptime explains only uptime."""
    calm = figure not in _OF_EVERYTHING
    overlays: list[Maintenance | Exclusion] = [*case.maintenance, *case.exclusions]
    for each in overlays:
        yield each.start_us, each.end_us, Cause("", "", each)
    for part in parts:
        for own in part.maintenance:
            yield own.start_us, own.end_us, Cause(part.id, "", own)
        for position, check in enumerate(part.checks):
            open_us = case.known.end_us if check.covered_until_us is None else check.covered_until_us
            for record, start_us, end_us in _records(case, check.records, figure):
                if not (calm and record.state is State.UP):
                    cause = Cause(part.id, part.check_id(position), record)
                    yield start_us, open_us if end_us is None else end_us, cause
            if figure == "band_lo_seconds":
                for blip in check.blips:
                    start_us, end_us = (blip.a or blip.b).asked_us, (blip.d or blip.c).answered_us
                    yield start_us, end_us, Cause(part.id, part.check_id(position), blip)


def _records(case: Case, records: Sequence[Record], figure: str) -> Iterator[tuple[Record, int, int | None]]:
    """Yield each record as it was given, with where it lies in this figure."""
    edge = {"band_lo_seconds": "conservative", "band_hi_seconds": "lenient"}.get(figure, case.terms.edge)
    for record in records:
        if record.state is State.DOWN and edge != "observed":
            lies = next((each for each in moved([record], edge) if each.state is State.DOWN), None)
            if lies is not None:
                yield record, lies.start_us, lies.end_us
        else:
            yield record, record.start_us, record.end_us


def _cut(spans: Spans, weight: Fraction, pieces: Sequence[_Piece]) -> Iterator[Entry]:
    """Yield a set as stretches in each of which the same is written all through."""
    position, active = 0, list[_Piece]()
    for start_us, end_us in spans.pairs:
        while position < len(pieces) and pieces[position][0] < end_us:
            active.append(pieces[position])
            position += 1
        active = [piece for piece in active if piece[1] > start_us]
        inner = {at_us for piece in active for at_us in piece[:2] if start_us < at_us < end_us}
        for from_us, to_us in pairwise(sorted({start_us, end_us, *inner})):
            causes = tuple(
                what for begin_us, stop_us, what in active if begin_us <= from_us and stop_us >= to_us
            )
            yield Entry(from_us, to_us, weight, causes)


def _layers(case: Case, of: Service, figure: str) -> Layers:
    """Return the sets that make a figure, each with the weight of its time."""
    if figure in _PLAIN:
        return [(Fraction(1), _PLAIN[figure](of))]
    if figure in _WEIGHED:
        return _lost(_WEIGHED[figure](of), case.terms.degraded_weight)
    per_us, future = 1 - case.terms.objective_ratio, of.ground.future
    if figure == "allowed_seconds_compat":
        return [(per_us, first(of.counted | future, NOMINAL_US))]
    allowed = [(per_us, of.counted), (per_us, future)]
    if figure == "allowed_seconds":
        return allowed
    return [*allowed, *((-weight, spans) for weight, spans in _lost(of.point, case.terms.degraded_weight))]


def _lost(lost: Lost, weight: Fraction) -> Layers:
    return [(Fraction(1), lost.down), (weight, lost.degraded), (weight, lost.tolerated)]


def _up(service: Service) -> Spans:
    point = service.point
    return service.counted - point.down.union(point.degraded, point.tolerated)


_PLAIN: Mapping[str, Callable[[Service], Spans]] = {
    "window_seconds": lambda of: of.ground.window,
    "out_of_schedule_seconds": lambda of: of.ground.out_of_schedule,
    "excluded_exclusion_seconds": lambda of: of.ground.exclusion,
    "excluded_maintenance_seconds": lambda of: of.ground.maintenance,
    "excluded_component_seconds": lambda of: of.ground.component,
    "excluded_unknown_seconds": lambda of: of.ground.base - of.counted,
    "counted_seconds": lambda of: of.counted,
    "up_seconds": _up,
    "degraded_seconds": lambda of: of.point.degraded,
    "tolerated_seconds": lambda of: of.point.tolerated,
    "down_seconds": lambda of: of.point.down,
    "unknown_seconds": lambda of: of.unknown,
}
_WEIGHED: Mapping[str, Callable[[Service], Lost]] = {
    "downtime_seconds": lambda of: of.point,
    "downtime_seconds_min": lambda of: of.hi,
    "downtime_seconds_max": lambda of: of.lo,
    "band_lo_seconds": lambda of: of.band_lo,
    "band_hi_seconds": lambda of: of.band_hi,
}
FIGURES = (*_PLAIN, *_WEIGHED, "allowed_seconds", "allowed_seconds_compat", "remaining_seconds")
_OF_EVERYTHING = ("window_seconds", "counted_seconds", "up_seconds")

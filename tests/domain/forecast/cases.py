"""Small contracts for tests of what is to come: one component, instants as plain numbers."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from trueup.domain.interval import Span, Spans
from trueup.domain.result import State
from trueup.domain.sla import Case, Maintenance, Part
from trueup.domain.terms import read
from trueup.domain.timeline import Record, Timeline

SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
MONTH = 30 * DAY

Pairs = Iterable[tuple[int, int]]


def case(
    down: Pairs,
    as_of_us: int | None,
    end_us: int = MONTH,
    *,
    maintenance: Pairs = (),
    schedule: Pairs | None = None,
    fee: str | None = None,
    **terms: object,
) -> Case:
    """Return a contract over a window that begins at 0; what is not down is up."""
    records = [Record(State.DOWN, start_us, finish_us) for start_us, finish_us in down]
    return Case(
        terms=read({"window": {"type": "fixed"}, **terms}),
        window=Span(0, end_us),
        components=(Part("web", (Timeline(records),), default_state=State.UP),),
        maintenance=tuple(Maintenance(*span) for span in maintenance),
        schedule=None if schedule is None else Spans(schedule),
        as_of_us=as_of_us,
        fee=None if fee is None else Fraction(fee),
    )

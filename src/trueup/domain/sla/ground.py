"""Which time counts: the window less what lies outside business hours, is excluded, or is maintenance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from trueup.domain.interval import NEVER, Span, Spans
from trueup.domain.sla.case import LINE, Case, Part
from trueup.domain.sla.said import own_maintenance
from trueup.domain.sla.voices import everywhere


@dataclass(frozen=True, slots=True)
class Ground:
    """The window as far as it is known, cut into sets that have nothing in common and fill it.

    ``forgiven`` is a part of ``base``: what happens then is not held against anybody. ``future`` is
    the time to come that will count, and ``future_risk`` the part of it in which an outage does.
    """

    window: Spans
    out_of_schedule: Spans
    exclusion: Spans
    maintenance: Spans
    component: Spans
    base: Spans
    forgiven: Spans
    future: Spans
    future_risk: Spans


@dataclass(frozen=True, slots=True)
class Overlays:
    """What lies over a whole window, its end included, for every component alike."""

    window: Spans
    service: Spans
    exclusions: Spans
    maintenance: Spans


def overlays(case: Case) -> Overlays:
    """Return the business hours of a case, its exclusions and the maintenance that is admitted, in turn."""
    terms, window = case.terms, case.spans
    service = window if case.schedule is None else window & case.schedule
    exclusions = maintenance = NEVER
    if terms.exclusions_mode != "ignore":
        approved = Spans((each.start_us, each.end_us) for each in case.exclusions if each.approved)
        exclusions = service & approved
    if terms.maintenance.mode != "ignore":
        notice_us = terms.maintenance.notice_us
        planned = Spans((e.start_us, e.end_us) for e in case.maintenance if e.admitted(notice_us))
        maintenance = (planned & service) - exclusions
        if terms.maintenance.cap_us is not None:
            maintenance = first(maintenance, terms.maintenance.cap_us)
    return Overlays(window, service, exclusions, maintenance)


def ground(case: Case, over: Overlays, parts: Iterable[Part], removed: Spans) -> Ground:
    """Return which time counts; ``removed`` is when all components have left."""
    terms, known = case.terms, case.known
    gone_x = over.exclusions if terms.exclusions_mode == "exclude" else NEVER
    gone_m = over.maintenance if terms.maintenance.mode == "exclude" else NEVER
    excused_x = over.exclusions if terms.exclusions_mode == "count_as_up" else NEVER
    excused_m = over.maintenance if terms.maintenance.mode == "count_as_up" else NEVER
    staying = over.service - (gone_x | gone_m)
    base = (staying - removed).clip(known)
    forgiven = (excused_x | excused_m) & base
    future = risk = NEVER
    if case.as_of_us is not None:
        ahead = staying.clip(Span(case.as_of_us, LINE.end_us))
        future = ahead - everywhere([own_maintenance(part, terms) for part in parts]) if ahead else NEVER
        risk = future - (excused_x | excused_m)
    return Ground(
        over.window.clip(known),
        (over.window - over.service).clip(known),
        gone_x.clip(known),
        gone_m.clip(known),
        (staying & removed).clip(known),
        base,
        forgiven,
        future,
        risk,
    )


def first(spans: Spans, cap_us: int) -> Spans:
    """Return the first so many microseconds of a set, in the order of time."""
    kept = []
    for start_us, end_us in spans.pairs:
        if cap_us <= 0:
            break
        kept.append((start_us, min(end_us, start_us + cap_us)))
        cap_us -= end_us - start_us
    return Spans(kept)

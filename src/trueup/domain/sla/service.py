"""The components together over the time that counts: five readings, of which one is the figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from trueup.domain.interval import Spans
from trueup.domain.sla.case import Case, Part
from trueup.domain.sla.ground import Ground, Overlays, ground
from trueup.domain.sla.lost import Lost, lost
from trueup.domain.sla.result import Ratios, Sums
from trueup.domain.sla.voices import Said, Voice, everywhere, together


@dataclass(frozen=True, slots=True)
class Service:
    """Sets of instants; ``unknown`` is what nobody knew, before the terms say what that means."""

    ground: Ground
    counted: Spans
    unknown: Spans
    point: Lost
    lo: Lost  # all unknown time down
    hi: Lost  # all unknown time up
    band_lo: Lost  # and every outage as long as its probes allow
    band_hi: Lost  # and every outage as short


def service(case: Case, over: Overlays, parts: Sequence[Part], voices: Sequence[Voice]) -> Service:
    """Return how some components of a case are together."""
    terms = case.terms
    absents = [each.absent for each in voices]
    on = ground(case, over, parts, everywhere(absents))
    start_us = over.window.pairs[0][0]
    readings = _readings(terms.unknown, voices, absents, needed(case, len(parts)))
    point = readings["point"]
    counted = on.base - (point.unknown - on.forgiven)
    keys = {name: (said.down, said.degraded, on.base) for name, said in readings.items()}
    keys["point"] = (point.down, point.degraded, counted)
    found = {key: lost(terms, *key, on.forgiven, start_us) for key in set(keys.values())}
    return Service(
        on,
        counted,
        readings["raw"].unknown & on.base,
        *(found[keys[name]] for name in ("point", "lo", "hi", "band_lo", "band_hi")),
    )


def needed(case: Case, components: int) -> int:
    """Return how many components must be down to make the service so."""
    aggregation = case.terms.aggregation
    return min({"all": components, "quorum": aggregation.k}.get(aggregation.type, 1), components)


def sums(of: Service, weight: Fraction) -> Sums:
    """Return how long everything is."""
    on, point = of.ground, of.point
    counted_us, degraded_us, tolerated_us = (
        of.counted.total_us,
        point.degraded.total_us,
        point.tolerated.total_us,
    )
    down_us, committed_us = point.down.total_us, on.base.total_us
    return Sums(
        window_us=on.window.total_us,
        out_of_schedule_us=on.out_of_schedule.total_us,
        excluded_exclusion_us=on.exclusion.total_us,
        excluded_maintenance_us=on.maintenance.total_us,
        excluded_component_us=on.component.total_us,
        excluded_unknown_us=committed_us - counted_us,
        counted_us=counted_us,
        up_us=counted_us - degraded_us - tolerated_us - down_us,
        degraded_us=degraded_us,
        tolerated_us=tolerated_us,
        down_us=down_us,
        unknown_us=of.unknown.total_us,
        committed_us=committed_us,
        downtime_us=point.weighed_us(weight),
        downtime_min_us=of.hi.weighed_us(weight),
        downtime_max_us=of.lo.weighed_us(weight),
        downtime_least_us=of.band_hi.weighed_us(weight),
        downtime_most_us=of.band_lo.weighed_us(weight),
    )


def ratios(of: Sums) -> Ratios:
    """Return the sums divided, once."""
    whole_us = of.committed_us
    return Ratios(
        _rest(of.downtime_us, of.counted_us),
        _rest(of.downtime_max_us, whole_us),
        _rest(of.downtime_min_us, whole_us),
        _rest(of.downtime_most_us, whole_us),
        _rest(of.downtime_least_us, whole_us),
        _rest(Fraction(of.unknown_us), whole_us),
    )


def _rest(part_us: Fraction, whole_us: int) -> Fraction | None:
    return 1 - part_us / whole_us if whole_us else None


def _readings(policy: str, voices: Sequence[Voice], absents: Sequence[Spans], k: int) -> dict[str, Said]:
    """Return what the components say together, with unknown time as it is, down, up, and as the terms say."""
    raw = together([Said(each.down, each.degraded, each.unknown) for each in voices], absents, k)
    lo = hi = point = raw
    if any(each.unknown for each in voices):
        lo = together([Said(each.down | each.unknown, each.degraded) for each in voices], absents, k)
        hi = together([Said(each.down, each.degraded) for each in voices], absents, k)
        repeated = [each.repeats for each in voices if each.repeats is not None]
        point = together(repeated, absents, k) if repeated else {"down": lo, "up": hi}.get(policy, raw)
    band_lo = together([Said(each.low, each.soft_low) for each in voices], absents, k)
    band_hi = together([Said(each.high, each.soft_high) for each in voices], absents, k)
    return {"raw": raw, "point": point, "lo": lo, "hi": hi, "band_lo": band_lo, "band_hi": band_hi}

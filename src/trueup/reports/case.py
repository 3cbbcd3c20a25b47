"""A case as the document from which it is read again: with it, a result needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trueup.domain import terms
from trueup.domain.interval import Span, Spans
from trueup.domain.node import decimal, instant
from trueup.domain.sla import Blip, Case, Exclusion, Maintenance, Part, Probed, Record, Timeline
from trueup.reports.canonical import spelled

About = Mapping[str, Mapping[str, Any]]  # by id: who, when and why


def write_case(case: Case, about: About | None = None) -> dict[str, Any]:
    """Return the document of a case, whole: no zone data, no clock and no database is needed to judge it.

    Every number in it is a text, as ``canonical.spelled`` writes them.

    Args:
        case: What is judged.
        about: What is said beside components, maintenance and exclusions, by their ids; no figure
            depends on it.
    """
    said = about or {}
    window = Spans([case.window]) if isinstance(case.window, Span) else case.window
    optional = {
        "period": case.period,
        "as_of": _instant(case.as_of_us),
        "contract_from": _instant(case.contract_from_us),
        "contract_to": _instant(case.contract_to_us),
        "fee": None if case.fee is None else decimal(case.fee),
    }
    return {
        "contract": spelled(terms.document(case.terms)),
        "components": [_part(part, said) for part in case.components],
        "maintenance": [_maintenance(each, said) for each in _in_time(case.maintenance)],
        "exclusions": [_exclusion(each, said) for each in _in_time(case.exclusions)],
        "resolved": {
            "window": _pairs(window),
            "schedule": None if case.schedule is None else _pairs(case.schedule),
        },
        **{key: value for key, value in optional.items() if value is not None},
    }


def _part(part: Part, said: About) -> dict[str, Any]:
    return {
        "id": part.id,
        "down_when": part.down_when,
        "default_state": part.default_state.value,
        "checks": [
            {"id": part.check_id(position) or str(position), **_timeline(timeline)}
            for position, timeline in enumerate(part.checks)
        ],
        "maintenance": [_maintenance(each, said) for each in _in_time(part.maintenance)],
        **_about(part.id, said),
    }


def _timeline(timeline: Timeline) -> dict[str, Any]:
    existence = {
        "since": _instant(timeline.since_us),
        "until": _instant(timeline.until_us),
        "covered_until": _instant(timeline.covered_until_us),
    }
    records = sorted(timeline.records, key=lambda each: (each.start_us, each.end_us or 0, each.state.value))
    blips = sorted(timeline.blips, key=lambda each: (each.b, each.c, each.state.value))
    return {
        "intervals": [_record(each) for each in records],
        "blips": [{"state": each.state.value, **_edges(each)} for each in blips],
        **{key: value for key, value in existence.items() if value is not None},
    }


def _record(record: Record) -> dict[str, Any]:
    return {
        "state": record.state.value,
        "start": instant(record.start_us),
        "end": _instant(record.end_us),
        **_edges(record),
    }


def _edges(known: Record | Blip) -> dict[str, list[str]]:
    probed: dict[str, Probed | None] = {"a": known.a, "b": known.b, "c": known.c, "d": known.d}
    return {
        name: [instant(each.asked_us), instant(each.answered_us)]
        for name, each in probed.items()
        if each is not None
    }


def _maintenance(planned: Maintenance, said: About) -> dict[str, Any]:
    announced = {} if planned.announced_us is None else {"announced_at": instant(planned.announced_us)}
    return {
        **_named(planned.id),
        "start": instant(planned.start_us),
        "end": instant(planned.end_us),
        "cancelled": planned.cancelled,
        **announced,
        **_about(planned.id, said),
    }


def _exclusion(excluded: Exclusion, said: About) -> dict[str, Any]:
    return {
        **_named(excluded.id),
        "start": instant(excluded.start_us),
        "end": instant(excluded.end_us),
        "approved": excluded.approved,
        **({"reason": excluded.reason} if excluded.reason else {}),
        **_about(excluded.id, said),
    }


def _in_time(overlays: Sequence[Any]) -> list[Any]:
    """Return overlays in an order that depends on nothing but themselves."""
    return sorted(overlays, key=lambda each: (each.start_us, each.end_us, each.id))


def _named(name: str) -> dict[str, str]:
    return {"id": name} if name else {}


def _about(name: str, said: About) -> dict[str, Any]:
    return {"about": spelled(said[name])} if said.get(name) else {}


def _pairs(spans: Spans) -> list[list[str]]:
    return [[instant(start_us), instant(end_us)] for start_us, end_us in spans.pairs]


def _instant(at_us: int | None) -> str | None:
    return None if at_us is None else instant(at_us)

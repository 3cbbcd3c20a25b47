"""The terms of a contract as a statement tells them: what was agreed, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from trueup.domain import calendar
from trueup.reports.canonical import Document
from trueup.reports.speaking import length, percent

_EDGES = {
    "observed": "from the first probe that failed to the first that did not",
    "midpoint": "halfway between two probes",
    "conservative": "as long as it can have been",
    "lenient": "as long as it must have been",
}


def agreed(terms: Document, start: str, end: str) -> tuple[tuple[str, str], ...]:
    """Return each term with its meaning, and the tiers; of holidays those from ``start`` to ``end`` alone.

    What a contract leaves as it mostly is, such as rounding, is said only where it was agreed.
    """
    return (
        ("Promised", f"at least {percent(terms['objective'])}"),
        ("Window", _window(terms["window"])),
        *_hours(terms["schedule"], start, end),
        ("Components together", _together(terms["aggregation"])),
        *_maintenance(terms["maintenance"]),
        ("Exclusions", _words(terms["exclusions"]["mode"])),
        ("Time of which nothing is known", _words(terms["unknown"])),
        ("Paused time", _words(terms["paused"])),
        ("Shortest outage that counts", _shortest(terms["min_outage"])),
        ("Weight of degraded time", terms["degraded_weight"]),
        ("An outage lasts", _EDGES[terms["edge"]]),
        *_rarely(terms),
        *_tiers(terms),
    )


def _words(mode: str) -> str:
    return mode.replace("_", " ")


def _window(window: Document) -> str:
    said = [_words(window["type"]), *(window[key] for key in ("period", "timezone") if key in window)]
    return " ".join(said) + (f" {length(window['seconds'])}" if "seconds" in window else "")


def _hours(schedule: Document | None, start: str, end: str) -> Iterator[tuple[str, str]]:
    if schedule is None:
        yield "Hours", "around the clock"
        return
    zone = schedule["timezone"]
    said = (f"{' '.join(each['days'])} {each['from']}-{each['to']}" for each in schedule["weekly"])
    yield "Hours", f"{', '.join(said)} ({zone})"
    # A country has hundreds of holidays until 2050; a reader checks those that could touch this window.
    instants = datetime.fromisoformat(start), datetime.fromisoformat(end) - timedelta(microseconds=1)
    first, last = (each.astimezone(calendar.zone(zone)).date().isoformat() for each in instants)
    within = [each for each in schedule["holidays"] or () if first <= each <= last]
    yield "Holidays in this window", ", ".join(within) or "none"


def _together(aggregation: Document) -> str:
    said = _words(aggregation["type"])
    if "k" in aggregation:
        return f"{said} of {aggregation['k']}"
    weights = ", ".join(f"{name} {weight}" for name, weight in aggregation.get("weights", {}).items())
    return f"{said}: {weights}" if weights else said


def _maintenance(terms: Document) -> Iterator[tuple[str, str]]:
    yield "Maintenance", _words(terms["mode"])
    if terms["min_notice_seconds"] != "0":
        yield "Notice of maintenance", f"at least {length(terms['min_notice_seconds'])}"
    if terms["cap_seconds"] is not None:
        yield "Maintenance in a window", f"at most {length(terms['cap_seconds'])}"


def _shortest(terms: Document) -> str:
    said = length(terms["seconds"])
    if terms["seconds"] == "0":
        return said
    excess = ", and only what is longer" if terms["counting"] == "excess" else ""
    return f"{said}{excess}, by its {terms['basis']} length"


def _rarely(terms: Document) -> Iterator[tuple[str, str]]:
    if terms["slices"] is not None:
        slices = terms["slices"]
        yield "Judged by the slice", f"{length(slices['seconds'])}, lost when {slices['bad_when']} of it is"
    if terms["rounding"] is not None:
        rounding = terms["rounding"]
        yield "Rounded before it is decided", f"{_words(rounding['mode'])}, {rounding['digits']} digits"
    if terms["min_coverage"] is not None:
        yield "Time to be known for a verdict", f"at least {percent(terms['min_coverage'])}"


def _tiers(terms: Document) -> Iterator[tuple[str, str]]:
    for each in terms["tiers"]:
        label = f" ({each['label']})" if each.get("label") else ""
        yield f"From {percent(each['min'])} on", f"{percent(each['credit'])} credit{label}"

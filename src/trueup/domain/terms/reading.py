"""The terms that a document holds, or the place where they cannot be used."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

from trueup.domain import calendar
from trueup.domain.calendar import PERIODS, WEEKDAYS, Hours, Schedule
from trueup.domain.node import SECOND, DocumentError, Node, Path, decimal
from trueup.domain.terms.model import (
    Aggregation,
    MinOutage,
    Planned,
    Rounding,
    Slices,
    Terms,
    Tier,
    Window,
)

MODES = ("exclude", "count_as_up", "ignore")
UNKNOWN = ("exclude", "up", "down", "carry")
PAUSED = ("unknown", "exclude")
EDGES = ("observed", "midpoint", "conservative", "lenient")
AGGREGATIONS = ("single", "any", "all", "quorum", "weighted_mean", "worst")
ROUNDINGS = ("floor", "half_up", "half_even")


class TermsError(DocumentError):
    """Terms that cannot be used, with the place and the remedy."""


# The house's own profile, and what a key means that is left out.
DEFAULTS: dict[str, Any] = {
    "objective": "99.9",
    "window": {"type": "calendar", "period": "month", "timezone": "UTC"},
    "schedule": None,
    "maintenance": {"mode": "exclude", "min_notice_seconds": 0, "cap_seconds": None},
    "exclusions": {"mode": "exclude"},
    "paused": "unknown",
    "unknown": "exclude",
    "degraded_weight": "0",
    "min_outage": {"seconds": 0, "basis": "raw", "counting": "full"},
    "slices": None,
    "aggregation": {"type": "single"},
    "rounding": None,
    "tiers": [
        {"min": "99.9", "credit": "0", "label": "Excellent"},
        {"min": "99", "credit": "10", "label": "Good"},
        {"min": "95", "credit": "50", "label": "Acceptable"},
        {"min": "0", "credit": "100", "label": "Poor"},
    ],
    "min_coverage": None,
    "edge": "observed",
}


def read(document: Any) -> Terms:
    """Return the terms that a document holds; a key that is left out means what DEFAULTS says.

    Raises:
        TermsError: A key is not known, or a value cannot be used; the first such place.
    """
    try:
        return _read(Node(document))
    except DocumentError as error:
        raise TermsError(error.path, error.message) from None


def _read(node: Node) -> Terms:
    node.mapping(tuple(DEFAULTS))
    given = {
        key: node.get(key) if key in node.value else Node(each, (key,)) for key, each in DEFAULTS.items()
    }
    exclusions = given["exclusions"].mapping(("mode",), ("mode",))
    coverage = given["min_coverage"]
    return Terms(
        objective_ratio=_objective(given["objective"]),
        window=_window(given["window"]),
        schedule=None if given["schedule"].absent else _schedule(given["schedule"]),
        maintenance=_maintenance(given["maintenance"]),
        exclusions_mode=exclusions.get("mode").choice(MODES),
        paused=given["paused"].choice(PAUSED),
        unknown=given["unknown"].choice(UNKNOWN),
        degraded_weight=given["degraded_weight"].within(0, 1),
        min_outage=_min_outage(given["min_outage"]),
        slices=None if given["slices"].absent else _slices(given["slices"]),
        aggregation=_aggregation(given["aggregation"]),
        rounding=None if given["rounding"].absent else _rounding(given["rounding"]),
        tiers=_tiers(given["tiers"]),
        min_coverage_ratio=None if coverage.absent else coverage.within(0, 100) / 100,
        edge=given["edge"].choice(EDGES),
    )


def _objective(node: Node) -> Fraction:
    number = node.number()
    if not 0 < number <= 100:
        raise node.wrong(
            f"{node.shown} is no objective. Write a percentage above 0 and at most 100, such as 99.9."
        )
    return number / 100


def _window(node: Node) -> Window:
    kind = node.mapping().get("type").choice(("calendar", "rolling", "fixed"))
    if kind == "calendar":
        node.mapping(("type", "period", "timezone"), ("period", "timezone"))
        return Window(kind, node.get("period").choice(PERIODS), _zone(node.get("timezone")))
    if kind == "rolling":
        node.mapping(("type", "seconds"), ("seconds",))
        return Window(kind, length_us=node.get("seconds").length_us(least_us=1))
    node.mapping(("type",))
    return Window(kind)


def _zone(node: Node) -> str:
    name = node.text()
    try:
        return calendar.zone(name).key
    except ValueError as error:
        raise node.wrong(str(error)) from None


def _schedule(node: Node) -> Schedule:
    node.mapping(("timezone", "weekly", "holidays"), ("timezone", "weekly"))
    weekly = tuple(_hours(each) for each in node.get("weekly").each())
    if not weekly:
        raise node.get("weekly").wrong("no hours are written. Write some, or null for around the clock.")
    holidays = node.get("holidays")
    dates: set[date] = set() if holidays.absent else {each.date() for each in holidays.each()}
    return Schedule(_zone(node.get("timezone")), weekly, tuple(sorted(dates)))


def _hours(node: Node) -> Hours:
    node.mapping(("days", "from", "to"), ("days", "from", "to"))
    days = {WEEKDAYS.index(day.choice(WEEKDAYS)) for day in node.get("days").each()}
    if not days:
        raise node.get("days").wrong(f"no day is written. Write some of {', '.join(WEEKDAYS)}.")
    from_us, to_us = _clock(node.get("from")), _clock(node.get("to"))
    if from_us >= to_us:
        raise node.wrong(
            f"hours from {node.value['from']} to {node.value['to']} are none. "
            "Write hours that pass midnight as two entries, one to 24:00 and one from 00:00."
        )
    return Hours(tuple(sorted(days)), from_us, to_us)


def _clock(node: Node) -> int:
    written = node.value
    parts = written.split(":") if isinstance(written, str) else []
    if len(parts) == 2 and all(len(part) == 2 and part.isascii() and part.isdecimal() for part in parts):
        minutes = int(parts[0]) * 60 + int(parts[1])
        if int(parts[1]) < 60 and minutes <= 24 * 60:
            return minutes * 60 * SECOND
    raise node.wrong(f"{node.shown} is no time of day. Write one from 00:00 to 24:00, in quotes.")


def _maintenance(node: Node) -> Planned:
    node.mapping(("mode", "min_notice_seconds", "cap_seconds"), ("mode",))
    notice, cap = node.get("min_notice_seconds"), node.get("cap_seconds")
    return Planned(
        node.get("mode").choice(MODES),
        0 if notice.absent else notice.length_us(),
        None if cap.absent else cap.length_us(),
    )


def _min_outage(node: Node) -> MinOutage:
    node.mapping(("seconds", "basis", "counting"), ("seconds",))
    basis, counting = node.get("basis"), node.get("counting")
    return MinOutage(
        node.get("seconds").length_us(),
        "raw" if basis.absent else basis.choice(("raw", "counted")),
        "full" if counting.absent else counting.choice(("full", "excess")),
    )


def _slices(node: Node) -> Slices:
    node.mapping(("seconds", "bad_when"), ("seconds", "bad_when"))
    length_us, bad = node.get("seconds").length_us(least_us=1), node.get("bad_when")
    if bad.value in ("any", "all"):
        return Slices(length_us, Fraction(0) if bad.value == "any" else None)
    part = bad.number()
    if not 0 <= part < 1:
        raise bad.wrong(f"{bad.shown} is out of bounds. Write any, all, or a part from 0 to below 1: 1/20.")
    return Slices(length_us, part)


def _aggregation(node: Node) -> Aggregation:
    kind = node.mapping().get("type").choice(AGGREGATIONS)
    if kind == "quorum":
        node.mapping(("type", "k"), ("k",))
        return Aggregation(kind, k=node.get("k").whole(1, 100_000))
    if kind == "weighted_mean":
        node.mapping(("type", "weights"), ("weights",))
        weights = [(name, each.within(0, 10**9)) for name, each in node.get("weights").items()]
        if not any(weight for _, weight in weights):
            raise node.get("weights").wrong("no weight is above 0. Give one component a weight at least.")
        return Aggregation(kind, weights=tuple(sorted(weights)))
    node.mapping(("type",))
    return Aggregation(kind)


def _rounding(node: Node) -> Rounding:
    node.mapping(("digits", "mode"), ("digits", "mode"))
    return Rounding(node.get("digits").whole(0, 12), node.get("mode").choice(ROUNDINGS))


def _tiers(node: Node) -> tuple[Tier, ...]:
    tiers = tuple(_tier(each) for each in node.each())
    for position, (upper, lower) in enumerate(pairwise(tiers), 1):
        path: Path = (*node.path, position)
        above, below = decimal(upper.min_ratio * 100), decimal(lower.min_ratio * 100)
        if upper.min_ratio == lower.min_ratio:
            raise DocumentError(path, f"two tiers begin at {above}: they overlap. Leave one out.")
        if upper.min_ratio < lower.min_ratio:
            raise DocumentError(path, f"the tier from {below} stands below that from {above}. Swap them.")
        if upper.credit_ratio > lower.credit_ratio:
            paid = [decimal(each.credit_ratio * 100) for each in (upper, lower)]
            message = f"from {below} on the credit is {paid[1]}, less than the {paid[0]} from {above} on. "
            raise DocumentError(path, message + "Write credits that grow as availability falls.")
    if tiers and tiers[-1].min_ratio:
        lowest = decimal(tiers[-1].min_ratio * 100)
        raise node.wrong(f"between 0 and {lowest} no tier holds: a gap. Add a tier with min 0.")
    return tiers


def _tier(node: Node) -> Tier:
    node.mapping(("min", "credit", "label"), ("min", "credit"))
    label = node.get("label")
    return Tier(
        node.get("min").within(0, 100) / 100,
        node.get("credit").within(0, 100) / 100,
        None if label.absent else label.text(),
    )

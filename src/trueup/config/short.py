"""The short form of a contract's terms, as people write them, expanded to the one form that is kept."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from trueup.config import hours
from trueup.config.hours import ShortFormError
from trueup.config.presets import presets
from trueup.domain import duration, terms
from trueup.domain.calendar import PERIODS
from trueup.domain.node import SECOND, DocumentError, Node, Path, decimal

KEYS = tuple(terms.DEFAULTS)
_LONG = "type"  # the key by which the long form of a window and of an aggregation is known


@dataclass
class Expanded:
    """Terms as a document, where each part of it is written, and what is wrong, by where it is written."""

    document: dict[str, Any] = field(default_factory=dict)
    places: dict[Path, Path] = field(default_factory=dict)
    wrong: list[tuple[Path, str]] = field(default_factory=list)

    def read(self) -> terms.Terms:
        """Return the terms; what they refuse is added to ``wrong``, once a key, and counts as not written."""
        document = dict(self.document)
        while True:
            try:
                return terms.read(document)
            except terms.TermsError as error:
                key = str(error.path[0]) if error.path else ""
                if key not in document:
                    raise
                place = self._place(error.path)
                self.wrong.append((place, f"{_named(place)}: {error.message}"))
                del document[key]

    def _place(self, path: Path) -> Path:
        """Return where a part is written, or the nearest part around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.places:
                return (*self.places[path[:length]], *path[length:])
        return path


def expand(tree: Mapping[str, Any], timezone: str, years: tuple[int, int]) -> Expanded:
    """Return the terms that a contract's keys mean.

    Args:
        tree: The contract's keys with plain values, those of its preset included.
        timezone: The zone where none is written.
        years: The first and the last year for which a country's holidays are wanted.
    """
    found = Expanded()
    window = tree.get("window")
    if isinstance(window, Mapping) and isinstance(window.get("timezone"), str):
        timezone = window["timezone"]
    for key in KEYS:
        if key not in tree and key not in ("window", "aggregation", "tiers"):
            continue
        try:
            _expand(key, tree, timezone, years, found)
        except ShortFormError as error:
            found.wrong.append(((key, *error.path), f"{_named((key, *error.path))}: {error}"))
    return found


def _expand(
    key: str, tree: Mapping[str, Any], timezone: str, years: tuple[int, int], found: Expanded
) -> None:
    value = tree.get(key)
    if key == "window":
        if value is not None:
            found.document[key] = _window(value, timezone)
    elif key == "aggregation":
        found.document[key] = _aggregation("any" if value is None else value, tree, found)
    elif key == "tiers":
        found.document[key], places = _tiers(value, tree.get("objective"))
        found.places |= {("tiers", *path): ("tiers", *place) for path, place in places.items()}
    elif key == "schedule" and value is not None:
        found.document[key], places = hours.expand(value, timezone, years)
        found.places |= {("schedule", *path): ("schedule", *place) for path, place in places.items()}
    elif value is None and terms.DEFAULTS[key] is not None:
        raise ShortFormError((), "it is empty: write a value, or leave the key out")
    elif key in _PLACED:
        found.document[key] = None if value is None else _PLACED[key](value, found)
    else:
        found.document[key] = _SIMPLE[key](value) if key in _SIMPLE else value


def _window(value: Any, timezone: str) -> Any:
    if isinstance(value, str):
        value = {"calendar": value}
    if not isinstance(value, Mapping) or _LONG in value:
        return value
    _known(value, ("calendar", "rolling", "fixed", "timezone"), "window")
    forms = [each for each in ("calendar", "rolling", "fixed") if value.get(each) is not None]
    if len(forms) != 1:
        raise ShortFormError(
            (), "a window is exactly one of calendar: PERIOD, rolling: DURATION, fixed: {from, to}"
        )
    if forms == ["rolling"]:
        length_us = _length(value["rolling"], ("rolling",))
        if length_us < SECOND:
            raise ShortFormError(("rolling",), "it is shorter than a second: write one such as 30d")
        return {"type": "rolling", "seconds": _seconds(length_us)}
    if forms == ["fixed"]:
        return {"type": "fixed"}  # when it is stands beside the terms
    period = value["calendar"]
    if period not in PERIODS:
        near = difflib.get_close_matches(str(period), PERIODS, n=1)
        hint = f": did you mean '{near[0]}'?" if near else ""
        raise ShortFormError(("calendar",), f"'{period}' is none of {', '.join(PERIODS)}{hint}")
    return {"type": "calendar", "period": period, "timezone": value.get("timezone", timezone)}


def _aggregation(value: Any, tree: Mapping[str, Any], found: Expanded) -> Any:
    components = tree.get("components")
    shares = components if isinstance(components, Mapping) else None
    if isinstance(value, str):
        value = {_LONG: value}
    elif isinstance(value, Mapping) and _LONG not in value and len(value) == 1:
        ((kind, inner),) = value.items()
        name = {"quorum": "k", "weighted_mean": "weights"}.get(kind)
        if name is not None:
            found.places["aggregation", name] = ("aggregation", kind)
            value = {_LONG: kind, name: inner}
    if isinstance(value, Mapping) and value.get(_LONG) == "weighted_mean" and "weights" not in value:
        if shares is None:
            raise ShortFormError(
                (), "weighted_mean needs weights: write components: {frontend: 3, backend: 1}"
            )
        found.places["aggregation", "weights"] = ("components",)
        return {**value, "weights": shares}
    if shares is not None:
        raise ShortFormError(
            (),
            "the components have weights, which only weighted_mean uses: write it, or a list of components",
        )
    return value


def _tiers(value: Any, objective: Any) -> tuple[Any, dict[Path, Path]]:
    """Return the tiers: a list, a mapping of floors to credits, those of a preset, or the default ones."""
    if value is None:
        return _house_tiers(objective), {}
    if isinstance(value, str):
        known = presets()
        if value not in known:
            near = difflib.get_close_matches(value, known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known)}"
            raise ShortFormError((), f"no preset is called '{value}': {hint}")
        return known[value].contract["tiers"], {}
    if isinstance(value, Mapping):
        floors = _descending(value)
        places: dict[Path, Path] = {(number,): (key,) for number, key in enumerate(floors)}
        return [{"min": key, "credit": _percent(value[key])} for key in floors], places
    if isinstance(value, list):
        return [
            {**each, "credit": _percent(each["credit"])}
            if isinstance(each, Mapping) and "credit" in each
            else each
            for each in value
        ], {}
    return value, {}


def _descending(floors: Iterable[str]) -> list[str]:
    """Return the floors of a mapping, which has no order of its own, the highest first."""
    found = list(floors)
    try:
        return sorted(found, key=lambda each: Node(each).number(), reverse=True)
    except DocumentError:
        return found


def _house_tiers(objective: Any) -> list[dict[str, Any]]:
    """Return the default tiers, the highest at the objective: else a promise kept could cost a credit."""
    house: list[dict[str, Any]] = terms.DEFAULTS["tiers"]
    try:
        floor = Node(objective).number()
    except DocumentError:
        return house
    if not 0 < floor <= 100:
        return house
    below = [each for each in house[1:] if Fraction(each["min"]) < floor]
    return [{**house[0], "min": decimal(floor)}, *below]


def _maintenance(value: Any, found: Expanded) -> Any:
    if isinstance(value, str):
        return {"mode": value}
    if not isinstance(value, Mapping):
        return value
    _known(value, ("mode", "notice", "cap", "min_notice_seconds", "cap_seconds"), "maintenance")
    whole = {"mode": "exclude", **{key: each for key, each in value.items() if key not in ("notice", "cap")}}
    for short, long in (("notice", "min_notice_seconds"), ("cap", "cap_seconds")):
        if value.get(short) is not None:
            whole[long] = _seconds(_length(value[short], (short,)))
            found.places["maintenance", long] = ("maintenance", short)
    return whole


def _exclusions(value: Any) -> Any:
    return {"mode": value} if isinstance(value, str) else value


def _min_outage(value: Any, found: Expanded) -> Any:
    if not isinstance(value, Mapping):
        return {"seconds": _seconds(_length(value, ()))}
    _known(value, ("length", "basis", "counting", "seconds"), "min_outage")
    return _with_seconds(value, "min_outage", found)


def _slices(value: Any, found: Expanded) -> Any:
    if not isinstance(value, Mapping):
        return value
    _known(value, ("length", "bad_when", "seconds"), "slices")
    whole = _with_seconds(value, "slices", found)
    bad = whole.get("bad_when", "any")
    if isinstance(bad, str) and bad.endswith("%"):
        bad = decimal(_number(bad[:-1].strip(), ("bad_when",)) / 100)
    return {**whole, "bad_when": bad}


def _rounding(value: Any) -> Any:
    return None if value in ("none", "exact") else value


def _with_seconds(value: Mapping[str, Any], key: str, found: Expanded) -> dict[str, Any]:
    whole = {name: each for name, each in value.items() if name != "length"}
    if "length" in value:
        whole["seconds"] = _seconds(_length(value["length"], ("length",)))
        found.places[key, "seconds"] = (key, "length")
    return whole


def _percent(value: Any) -> Any:
    """Return a percentage without its sign: ``10 %`` is 10."""
    return value[:-1].strip() if isinstance(value, str) and value.endswith("%") else value


_PLACED: Mapping[str, Callable[[Any, Expanded], Any]] = {
    "maintenance": _maintenance,
    "min_outage": _min_outage,
    "slices": _slices,
}
_SIMPLE: Mapping[str, Callable[[Any], Any]] = {
    "exclusions": _exclusions,
    "rounding": _rounding,
    "min_coverage": _percent,
    "objective": _percent,
}


def _number(value: Any, path: Path) -> Fraction:
    try:
        return Node(value).number()
    except DocumentError as error:
        raise ShortFormError(path, error.message) from None


def _length(value: Any, path: Path) -> int:
    """Return a duration in microseconds."""
    if value == 0:
        return 0
    if not isinstance(value, str | int | Decimal) or isinstance(value, bool):
        raise ShortFormError(path, "must be a duration such as 30s, 5m, 48h or 30d")
    try:
        return duration.parse(str(value))
    except ValueError as error:
        raise ShortFormError(path, str(error)) from None


def _seconds(length_us: int) -> int | str:
    whole, rest = divmod(length_us, SECOND)
    return decimal(Fraction(length_us, SECOND)) if rest else whole


def _known(value: Mapping[str, Any], keys: Iterable[str], what: str) -> None:
    names = list(keys)
    for key in value:
        if key not in names:
            near = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
            hint = f"did you mean '{near[0]}'?" if near else f"possible are {', '.join(names)}"
            raise ShortFormError((key,), f"unknown key '{key}' in {what}: {hint}")


def _named(path: Path) -> str:
    """Return a path as people count: ``tiers.2.min``."""
    return ".".join(str(part) if isinstance(part, str) else str(part + 1) for part in path)

"""A figure opened: the stretches of time that make it, and what was seen at the edges of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from trueup.domain.node import exact, instant
from trueup.domain.sla import Blip, Exclusion, Maintenance, Record
from trueup.domain.sla.judge import SEPARATE
from trueup.domain.sla.trace import FIGURES, Cause, Entry, trace
from trueup.domain.text import from_json, render
from trueup.domain.timeline import Probed
from trueup.figures.sla.figure import Figure
from trueup.store.read import evidence
from trueup.store.read.evidence import Piece

_SECOND_US = 1_000_000
_EDGES = ("a", "b", "c", "d")  # last before, first of it, last of it, first after


def opened(figure: Figure, names: Iterable[str] = FIGURES) -> dict[str, Any]:
    """Return figures by name, each as its sum in exact seconds and the entries that make it.

    Where each component has figures of its own, they stand under its name. An entry says of each record
    that makes it when the probes at its edges were asked and answered, and what the first and the last of
    them saw, as far as that is kept.
    """
    case = figure.gathered.case
    if case.terms.aggregation.type in SEPARATE:
        return {part.id: _figures(figure, names, part.id) for part in case.components}
    return _figures(figure, names, None)


def _figures(figure: Figure, names: Iterable[str], component: str | None) -> dict[str, Any]:
    found = {name: trace(figure.gathered.case, name, component) for name in names}
    seen = _seen(figure, [cause for each in found.values() for entry in each for cause in entry.causes])
    return {
        name: {
            "seconds": exact(sum((entry.part_us for entry in entries), Fraction(0)) / _SECOND_US),
            "entries": [_entry(entry, seen) for entry in entries],
        }
        for name, entries in found.items()
    }


def _entry(entry: Entry, seen: Mapping[tuple[str, int], Piece]) -> dict[str, Any]:
    return {
        "start": instant(entry.start_us),
        "end": instant(entry.end_us),
        "seconds": exact(entry.part_us / _SECOND_US),
        "weight": exact(entry.weight),
        "causes": [_cause(cause, seen) for cause in entry.causes],
    }


def _cause(cause: Cause, seen: Mapping[tuple[str, int], Piece]) -> dict[str, Any]:
    what = cause.what
    found: dict[str, Any] = {"component": cause.component, "check": cause.check}
    if isinstance(what, Maintenance):
        return {**found, "maintenance": what.id, "announced": _at(what.announced_us)}
    if isinstance(what, Exclusion):
        return {**found, "exclusion": what.id, "reason": what.reason}
    found["blip" if isinstance(what, Blip) else "state"] = what.state.value
    edges = dict(_probes(what))
    found["edges"] = {name: {"asked": instant(a), "answered": instant(b)} for name, (a, b) in edges.items()}
    pieces = ((name, seen.get((cause.check, probed.asked_us))) for name, probed in edges.items())
    found["evidence"] = {name: _piece(piece) for name, piece in pieces if piece is not None}
    return found


def _piece(piece: Piece) -> dict[str, Any]:
    return {
        "state": piece.state,
        "cause": piece.cause or None,
        "status": piece.status or None,
        "why": render(from_json(piece.text)) if piece.text else None,
        "milliseconds": piece.duration_us / 1_000,
    }


def _seen(figure: Figure, causes: Iterable[Cause]) -> dict[tuple[str, int], Piece]:
    """Return what is kept of the probes at the edges of records, by check and by when they were asked."""
    asked: dict[str, set[int]] = {}
    for cause in causes:
        if isinstance(cause.what, Record | Blip):
            asked.setdefault(cause.check, set()).update(each.asked_us for _, each in _probes(cause.what))
    regions = {voice.check: voice.regions for row in figure.gathered.rows.values() for voice in row.voices}
    return {
        (check, piece.asked_us): piece
        for check, instants in asked.items()
        for piece in evidence.asked_at(regions.get(check, ()), instants)
    }


def _probes(what: Record | Blip) -> Iterator[tuple[str, Probed]]:
    for name in _EDGES:
        probed = getattr(what, name)
        if probed is not None:
            yield name, probed


def _at(at_us: int | None) -> str | None:
    return None if at_us is None else instant(at_us)

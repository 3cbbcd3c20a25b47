"""What is written of a ledger from an instant on: what late results may have to change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from trueup.domain.result import FailureClass, State
from trueup.domain.state import Blip
from trueup.domain.text import from_json
from trueup.domain.timeline import Probed
from trueup.store.models import Blip as BlipRow
from trueup.store.models import LedgerEntry
from trueup.store.words import text_json
from trueup.store.write.draft import Span

_WHICH = ("before", "first", "last", "after")
_EDGES: tuple[str, ...] = tuple(f"{which}_{what}_us" for which in _WHICH for what in ("asked", "answered"))
_COLUMNS = ("id", "state", "start_us", "end_us", "cause", "text", *_EDGES)


class Written(NamedTuple):
    """One entry in force."""

    id: int
    span: Span


class WrittenBlip(NamedTuple):
    """One blip in force."""

    id: int
    blip: Blip


def entries(series: int, from_us: int) -> list[Written]:
    """Return the entries in force that end after an instant, in order."""
    rows = _in_force(series).filter(Q(end_us__isnull=True) | Q(end_us__gt=from_us)).order_by("start_us")
    return [_written(row) for row in rows.values_list(*_COLUMNS)]


def corrected_away(series: int, from_us: int) -> list[Written]:
    """Return the entries that corrections superseded and that began at an instant or later, in order."""
    rows = LedgerEntry.objects.filter(series=series, start_us__gte=from_us, corrections__made=False)
    return [_written(row) for row in rows.order_by("start_us", "id").values_list(*_COLUMNS)]


def entry_at(series: int, at_us: int) -> Span:
    """Return the entry in force at an instant of the ledger."""
    rows = _in_force(series).filter(start_us__lte=at_us).order_by("-start_us")
    return _written(rows.values_list(*_COLUMNS)[0]).span


def pauses(series: int) -> list[tuple[int, int | None]]:
    """Return when a series was paused: from and until, None while it still is."""
    rows = _in_force(series).filter(state=State.PAUSED.value)
    return list(rows.order_by("start_us").values_list("start_us", "end_us"))


def blips(series: int, from_us: int) -> list[WrittenBlip]:
    """Return the blips in force whose first probe was asked from an instant on, in order."""
    rows = BlipRow.objects.filter(series=series, first_asked_us__gte=from_us, superseded_us__isnull=True)
    found = []
    for identity, state, cause, probes, *edges in rows.order_by("first_asked_us", "id").values_list(
        "id", "state", "cause", "probes", *_EDGES
    ):
        before, first, last, after = _pairs(edges)
        assert first is not None
        assert last is not None
        what = FailureClass(cause) if cause else None
        found.append(WrittenBlip(identity, Blip(State(state), what, before, first, last, after, probes)))
    return found


def _in_force(series: int) -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(series=series, superseded_us__isnull=True)


def _written(row: Sequence[Any]) -> Written:
    identity, state, start_us, end_us, cause, text, *edges = row
    words = None if text is None else text_json(from_json(text))
    what = FailureClass(cause) if cause else None
    return Written(identity, Span(State(state), start_us, end_us, what, words, *_pairs(edges)))


def _pairs(edges: Sequence[Any]) -> list[Probed | None]:
    return [
        None if asked_us is None else Probed(asked_us, answered_us)
        for asked_us, answered_us in zip(edges[::2], edges[1::2], strict=True)
    ]

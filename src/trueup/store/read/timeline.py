"""The ledger of many series at once, as the values that availability is computed from."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import starmap
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import OuterRef, Q, QuerySet, Subquery

from trueup.domain.result import State
from trueup.domain.timeline import Blip, Probed, Record
from trueup.store.models import Blip as BlipRow
from trueup.store.models import LedgerEntry, Series, SeriesState

_EDGES = (
    "before_asked_us",
    "before_answered_us",
    "first_asked_us",
    "first_answered_us",
    "last_asked_us",
    "last_answered_us",
    "after_asked_us",
    "after_answered_us",
)

_RECORD = ("series_id", "start_us", "end_us", "state", *_EDGES)


class Standing(NamedTuple):
    """Where one series stands."""

    state: State
    since_us: int
    covered_until_us: int
    silent_at_us: int | None  # from then on nothing covers it, if no result has come
    good_us: int | None  # the last good one
    good_latency_us: int | None


class News(NamedTuple):
    """A row that came lately: from which instant on it changes what is known of its series."""

    id: int
    series: int
    from_us: int


def records(series: Collection[int], from_us: int) -> dict[int, list[Record]]:
    """Return what holds of each series from an instant on, in order; one query."""
    begun = in_force().filter(series__in=series, start_us__gt=from_us)
    held = in_force().filter(id__in=held_at(series, from_us))
    return _records(series, held.values_list(*_RECORD).union(begun.values_list(*_RECORD), all=True))


def records_as_known(series: Collection[int], from_us: int, known_us: int) -> dict[int, list[Record]]:
    """Return what held of each series from an instant on, as the ledger was known at another instant.

    An entry closed after that is still open there; one superseded after that is still in force.
    """
    found: dict[int, list[Record]] = {identity: [] for identity in series}
    rows = LedgerEntry.objects.filter(
        Q(superseded_us__isnull=True) | Q(superseded_us__gt=known_us),
        series__in=series,
        recorded_us__lte=known_us,
    ).order_by("series_id", "start_us")
    for identity, state, start_us, end_us, closed_us, *edges in rows.values_list(
        "series_id", "state", "start_us", "end_us", "closed_us", *_EDGES
    ):
        a, b, c, d = _probes(edges)
        if closed_us is None or closed_us > known_us:
            end_us = c = d = None
        if end_us is None or end_us > from_us:
            found[identity].append(Record(State(state), start_us, end_us, a, b, c, d))
    return found


def records_begun(series: Collection[int], from_us: int) -> dict[int, list[Record]]:
    """Return what began to hold of each series at an instant or later, in order; one query."""
    return _records(series, in_force().filter(series__in=series, start_us__gte=from_us).values_list(*_RECORD))


def held_at(series: Collection[int], at_us: int) -> QuerySet[Series, Any]:
    """Return, as a query, the entry in force of each series at an instant, by id.

    Each is found by its start, from the index: entries never overlap, and a check may have 100,000.
    """
    begun = in_force().filter(series=OuterRef("pk"), start_us__lte=at_us).order_by("-start_us")
    found = Series.objects.filter(id__in=series).annotate(held=Subquery(begun.values("id")[:1]))
    return found.filter(held__isnull=False).values("held")


def in_force() -> QuerySet[LedgerEntry]:
    """Return, as a query, the entries that are not superseded."""
    return LedgerEntry.objects.filter(superseded_us__isnull=True)


def _records(series: Collection[int], rows: Iterable[Any]) -> dict[int, list[Record]]:
    found: dict[int, list[Record]] = {identity: [] for identity in series}
    for identity, start_us, end_us, state, *edges in sorted(rows, key=itemgetter(0, 1)):
        found[identity].append(Record(State(state), start_us, end_us, *_probes(edges)))
    return found


def blips(series: Collection[int], from_us: int) -> dict[int, list[Blip]]:
    """Return the blips of each series that began at an instant or later, in order; one query."""
    found: dict[int, list[Blip]] = {identity: [] for identity in series}
    rows = BlipRow.objects.filter(
        series__in=series, superseded_us__isnull=True, first_asked_us__gte=from_us
    ).order_by("series_id", "first_asked_us")
    for identity, state, *edges in rows.values_list("series_id", "state", *_EDGES):
        a, b, c, d = _probes(edges)
        assert b is not None
        assert c is not None
        found[identity].append(Blip(State(state), b, c, a, d))
    return found


def standings(series: Collection[int]) -> dict[int, Standing]:
    """Return where each series stands; one that has never been written is missing. One query."""
    rows = SeriesState.objects.filter(series__in=series).values_list(
        "series_id",
        "state",
        "since_us",
        "covered_until_us",
        "silent_at_us",
        "good_us",
        "good_latency_us",
    )
    return {row[0]: Standing(State(row[1]), *row[2:]) for row in rows}


def entries_after(newest: int) -> list[News]:
    """Return the entries written after one, by id: of each, where it may change what was known.

    That is its start, or the probe before it where that is earlier: edges and error bands reach there.
    """
    rows = LedgerEntry.objects.filter(id__gt=newest).order_by("id")
    return list(starmap(_news, rows.values_list("id", "series_id", "start_us", "before_asked_us")))


def blips_after(newest: int) -> list[News]:
    """Return the blips written after one, by id: of each, where it may change what was known."""
    rows = BlipRow.objects.filter(id__gt=newest).order_by("id")
    return list(starmap(_news, rows.values_list("id", "series_id", "first_asked_us", "before_asked_us")))


def _news(identity: int, series: int, at_us: int, before_us: int | None) -> News:
    return News(identity, series, at_us if before_us is None else min(at_us, before_us))


def _probes(edges: Iterable[int | None]) -> Iterable[Probed | None]:
    """Pair asked and answered: a, b, c, d; a probe that is not known is None."""
    instants = iter(edges)
    for asked_us, answered_us in zip(instants, instants, strict=True):
        yield None if asked_us is None or answered_us is None else Probed(asked_us, answered_us)

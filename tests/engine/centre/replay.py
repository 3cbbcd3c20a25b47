"""Compare what is stored of a check with the ledger by definition."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from django.db import connection
from tests import oracle
from tests.engine.centre.platform import T0, Made, S

from trueup.domain.result import FailureClass, Result, State
from trueup.domain.state import Rules
from trueup.store.models import Blip, CheckRevision, LedgerEntry, Series
from trueup.store.read.samples import samples

EVER_US = 4_000_000_000_000_000
_WHICH = ("before", "first", "last", "after")


def stored_results(series: int) -> list[Result]:
    """Return every result that is stored of a series, from journal and blocks."""
    return samples(series, 0, EVER_US)


def stored_entries(series: int) -> list[oracle.Entry]:
    """Return the entries in force."""
    found = []
    for row in LedgerEntry.objects.filter(series=series, superseded_us__isnull=True).order_by("start_us"):
        cause = FailureClass(row.cause) if row.cause else None
        edges = [_edge(row, which) for which in _WHICH]
        found.append(oracle.Entry(State(row.state), row.start_us, row.end_us, cause, *edges))
    return found


def stored_blips(series: int) -> list[oracle.Blip]:
    """Return the blips in force."""
    found = []
    for row in Blip.objects.filter(series=series, superseded_us__isnull=True):
        before, first, last, after = (_edge(row, which) for which in _WHICH)
        cause = FailureClass(row.cause) if row.cause else None
        assert first is not None
        assert last is not None
        found.append(oracle.Blip(first, last, State(row.state), row.probes, cause, before, after))
    return found


def expected(made: Made, *, ended: bool) -> oracle.Ledger:
    """Return what the ledger of a check must be, from its results, revisions and pauses."""
    revisions = [
        (row.valid_from_us, Rules(row.interval_us, row.confirm, row.recover))
        for row in CheckRevision.objects.filter(owner=made.check).order_by("valid_from_us", "number")
    ]

    def rules_at(asked_us: int) -> Rules:
        valid = [rules for from_us, rules in revisions if from_us <= asked_us]
        return valid[-1] if valid else revisions[0][1]

    created_us = Series.objects.get(id=made.series).created_us
    paused = [entry for entry in stored_entries(made.series) if entry.state is State.PAUSED]
    pauses = [(entry.start_us, entry.end_us) for entry in paused]
    return oracle.replay(stored_results(made.series), rules_at, created_us, pauses=pauses, ended=ended)


Over = tuple[int, int, State]  # from and until when a correction says what it was


def assert_replayed(made: Made, *, ended: bool = True, corrections: Iterable[Over] = ()) -> None:
    """Assert that ledger and blips of a check, and of its verdict, are what follows from its results.

    Corrections are laid over that, in the order in which they were taken.
    """
    follows = expected(made, ended=ended)
    for over in corrections:
        follows.entries = [piece for entry in follows.entries for piece in _under(entry, over)]
        follows.blips = {each for each in follows.blips if not over[0] <= each.first[0] < over[1]}
    for series in {made.series, made.verdict}:
        stands, ought = shown(stored_entries(series)), shown(follows.entries)
        if stands != ought:
            raise AssertionError("the ledger differs:\n" + "\n".join(difflib.ndiff(stands, ought)))
        blips = stored_blips(series)
        if set(blips) != follows.blips or len(blips) != len(follows.blips):
            differs = [f"{sign} {blip}" for sign, blip in _differing(blips, follows.blips)]
            raise AssertionError("the blips differ:\n" + "\n".join(differs))


def _under(entry: oracle.Entry, over: Over) -> Iterator[oracle.Entry]:
    """Yield what a correction leaves of an entry: before it, under it, after it."""
    from_us, until_us, state = over
    end_us = EVER_US if entry.end_us is None else entry.end_us
    if entry.state in (state, State.PAUSED) or until_us <= entry.start_us or end_us <= from_us:
        yield entry
        return
    if entry.start_us < from_us:
        yield replace(entry, end_us=from_us, last=None, after=None)
    yield oracle.Entry(state, max(entry.start_us, from_us), min(end_us, until_us))
    if until_us < end_us:
        yield replace(entry, start_us=until_us, before=None, first=None)


def _differing(stands: list[oracle.Blip], ought: set[oracle.Blip]) -> Iterator[tuple[str, oracle.Blip]]:
    for blip in stands:
        if blip not in ought or stands.count(blip) > 1:
            yield "-", blip
    for blip in ought - set(stands):
        yield "+", blip


def shown(entries: list[oracle.Entry]) -> list[str]:
    """Return entries as lines, so that a difference can be read; instants in seconds after the beginning."""

    def at(us: int | None) -> str:
        return "-" if us is None else f"{(us - T0) / S:.6f}".rstrip("0").rstrip(".")

    def edge(found: oracle.Edge | None) -> str:
        return "-" if found is None else "/".join(map(at, found))

    return [
        f"{one.state} {at(one.start_us)}..{at(one.end_us)} {one.cause} "
        + " ".join(f"{name}={edge(getattr(one, name))}" for name in _WHICH)
        for one in entries
    ]


def assert_sound() -> None:
    """Assert what must hold of any database, whatever happened to it."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            assert cursor.fetchall() == [("ok",)]
            cursor.execute("PRAGMA foreign_key_check")
            assert cursor.fetchall() == []


def _edge(row: LedgerEntry | Blip, which: str) -> oracle.Edge | None:
    asked_us = getattr(row, f"{which}_asked_us")
    return None if asked_us is None else (asked_us, getattr(row, f"{which}_answered_us"))

"""What was seen at the edges of outages, degraded spans and blips."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trueup.store.models import Evidence, Series

_AT_A_TIME = 200  # rows in memory
_ROLES = {"recent": "failing"}  # one of the last 20 is a failing one like the others


@dataclass(frozen=True, slots=True)
class Piece:
    """One result that is kept; instants in microseconds UTC."""

    run_us: int  # when the first probe of its run was asked
    role: str  # before | failing | after
    number: int  # of the failing ones of the run, from 0
    asked_us: int
    duration_us: int
    state: str
    cause: str
    status: int
    phases: Mapping[str, int | None]
    address: str
    text: Mapping[str, Any] | None
    certificate: Mapping[str, Any] | None
    body_sha256: str
    body_head: bytes
    picture: bytes  # JPEG; empty without one


def evidence(check: int, start_us: int, end_us: int) -> list[Piece]:
    """Return what is kept of the runs of a check, by id, that began in ``[start_us, end_us)``, by asking."""
    return list(pieces(Series.objects.filter(owner=check).values_list("id", flat=True), start_us, end_us))


def pieces(series: Iterable[int], start_us: int, end_us: int) -> Iterator[Piece]:
    """Yield what is kept of the runs of some series that began in ``[start_us, end_us)``, by asking."""
    rows = Evidence.objects.filter(series__in=list(series), run_us__gte=start_us, run_us__lt=end_us).order_by(
        "asked_us", "number"
    )
    yield from map(_piece, rows.iterator(_AT_A_TIME))


def seen(series: int, asked_us: int) -> Piece | None:
    """Return what is kept of one result of a series, by when it was asked."""
    row = Evidence.objects.filter(series=series, asked_us=asked_us).order_by("-run_us").first()
    return None if row is None else _piece(row)


def asked_at(series: Iterable[int], instants: Iterable[int]) -> list[Piece]:
    """Return what is kept of the results of some series that were asked at some instants."""
    rows = Evidence.objects.filter(series__in=list(series), asked_us__in=list(instants))
    return [_piece(row) for row in rows.order_by("asked_us", "run_us")]


def _piece(row: Evidence) -> Piece:
    return Piece(
        run_us=row.run_us,
        role=_ROLES.get(row.role, row.role),
        number=row.number,
        asked_us=row.asked_us,
        duration_us=row.duration_us,
        state=row.state,
        cause=row.cause,
        status=row.status,
        phases=row.phases,
        address=row.address,
        text=row.text,
        certificate=row.certificate,
        body_sha256=row.body_sha256,
        body_head=bytes(row.body_head),
        picture=bytes(row.picture or b""),
    )

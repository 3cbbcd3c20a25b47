"""Statements as they were signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from trueup.store.models import Statement

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One statement; instants in microseconds UTC, ``inputs`` and ``document`` as canonical JSON."""

    id: int
    public_id: str
    contract_id: int
    version_id: int
    seq: int
    period: str
    start_us: int
    end_us: int
    revision: int
    reason: str
    kernel: int
    inputs: str
    document: str
    digest: str
    key_id: str
    signature: str
    built_us: int
    superseded: bool  # there is a later revision


@dataclass(frozen=True, slots=True)
class Head:
    """What a statement is called, without what it holds; ``built_us`` in microseconds UTC."""

    public_id: str
    seq: int
    period: str
    revision: int
    reason: str
    digest: str
    key_id: str
    built_us: int
    superseded: bool  # there is a later revision


def heads(contract_id: int, most: int) -> list[Head]:
    """Return the newest statements of a contract, newest first, without their documents; one query."""
    later = Statement.objects.filter(supersedes=OuterRef("pk"))
    rows = Statement.objects.filter(contract_id=contract_id).annotate(later=Exists(later)).order_by("-seq")
    columns = ("public_id", "seq", "period", "revision", "reason", "digest", "key_id", "created_at", "later")
    return [_head(*row) for row in rows.values_list(*columns)[:most]]


def statements(contract_id: int) -> list[StatementRow]:
    """Return every statement of a contract, in the order of its chain."""
    return [_row(row) for row in _rows().filter(contract_id=contract_id).order_by("seq")]


def revisions(contract_id: int, start_us: int, end_us: int) -> list[StatementRow]:
    """Return the revisions of a contract's statement over a window, the first one first."""
    rows = _rows().filter(contract_id=contract_id, start_us=start_us, end_us=end_us)
    return [_row(row) for row in rows.order_by("revision")]


def windows(contract_id: int) -> frozenset[tuple[int, int]]:
    """Return start and end of every window for which a contract has a statement."""
    rows = Statement.objects.filter(contract_id=contract_id)
    return frozenset(rows.values_list("start_us", "end_us"))


def newest_ended_after(contract_id: int, end_us: int) -> list[StatementRow]:
    """Return the newest revisions of the windows of a contract that ended after an instant, in order."""
    rows = _rows().filter(contract_id=contract_id, end_us__gt=end_us, superseded_by__isnull=True)
    return [_row(row) for row in rows.order_by("start_us", "revision")]


def _rows() -> QuerySet[Statement]:
    return Statement.objects.select_related("superseded_by")


def _head(*columns: Any) -> Head:
    public_id, seq, period, revision, reason, digest, key_id, created_at, later = columns
    built_us = (created_at - _EPOCH) // timedelta(microseconds=1)
    return Head(public_id, seq, period, revision, reason, digest, key_id, built_us, later)


def _row(row: Statement) -> StatementRow:
    values = {
        name: getattr(row, name)
        for name in StatementRow.__dataclass_fields__
        if name not in ("built_us", "superseded")
    }
    return StatementRow(
        **values,
        built_us=(row.created_at - _EPOCH) // timedelta(microseconds=1),
        superseded=hasattr(row, "superseded_by"),
    )

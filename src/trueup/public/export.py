"""Rows as text, and the window of time they are taken from."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

from trueup.domain.text import instant
from trueup.public.fault import UptimeError
from trueup.public.result import HealthCheckResult

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_US = 86_400_000_000


def window(since: datetime | str | None, until: datetime | str | None, now_us: int) -> tuple[int, int]:
    """Return a window in microseconds UTC; by default the 24 hours that end now.

    Raises:
        UptimeError: An instant cannot be understood or has no time zone, or the end is not after the start.
    """
    end_us = now_us if until is None else _us("until", until)
    start_us = end_us - _DAY_US if since is None else _us("since", since)
    if end_us <= start_us:
        raise UptimeError(f"until ({instant(end_us)}) is not after since ({instant(start_us)}).")
    return start_us, end_us


def _us(name: str, at: datetime | str) -> int:
    try:
        found = datetime.fromisoformat(at) if isinstance(at, str) else at
    except ValueError:
        raise UptimeError(f"{name} {at!r} is no instant. Write 2026-11-23T16:00:00Z or a datetime.") from None
    if found.tzinfo is None:
        raise UptimeError(
            f"{name} {at!s} has no time zone, so it could mean many instants. "
            "Write 2026-11-23T16:00:00Z, or datetime.now(UTC)."
        )
    return (found - _EPOCH) // timedelta(microseconds=1)


def rows_as_text(rows: Iterable[Mapping[str, Any]], format: str) -> str:  # noqa: A002 (as callers write it)
    """Return rows as `json` (an array), `jsonl` (an object a line) or `csv`; lists in CSV as JSON.

    Raises:
        UptimeError: The format is not known.
    """
    if format not in FORMATS:
        raise UptimeError(f"{format!r} is no format. Write one of {', '.join(FORMATS)}.")
    return FORMATS[format](list(rows))


def results_as_text(found: Iterable[HealthCheckResult], format: str) -> str:  # noqa: A002 (as callers write it)
    """Return results as text; a CSV without a result has its heading.

    Raises:
        UptimeError: The format is not known.
    """
    names = [each.name for each in fields(HealthCheckResult)]
    rows = [each.to_dict() for each in found]
    return rows_as_text(rows, format) or (",".join(names) + "\n" if format == "csv" else "")


def _lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    return (json.dumps(row, ensure_ascii=False) for row in rows)


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return "[" + ",\n ".join(_lines(rows)) + "]\n"


def _jsonl(rows: Sequence[Mapping[str, Any]]) -> str:
    return "".join(f"{line}\n" for line in _lines(rows))


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return ""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return out.getvalue()


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value


FORMATS: Mapping[str, Callable[[Sequence[Mapping[str, Any]]], str]] = {
    "json": _json,
    "jsonl": _jsonl,
    "csv": _csv,
}

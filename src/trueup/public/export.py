"""Results as text, and the window of time they are taken from."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta

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


def _lines(found: Iterable[HealthCheckResult]) -> Iterator[str]:
    return (json.dumps(each.to_dict(), ensure_ascii=False) for each in found)


def _json(found: Iterable[HealthCheckResult]) -> str:
    return "[" + ",\n ".join(_lines(found)) + "]\n"


def _jsonl(found: Iterable[HealthCheckResult]) -> str:
    return "".join(f"{line}\n" for line in _lines(found))


def _csv(found: Iterable[HealthCheckResult]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, [each.name for each in fields(HealthCheckResult)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(each.to_dict() for each in found)
    return out.getvalue()


FORMATS: Mapping[str, Callable[[Iterable[HealthCheckResult]], str]] = {
    "json": _json,
    "jsonl": _jsonl,
    "csv": _csv,
}

"""Between instants as people's tables hold them and the microseconds that everything counts with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def at(instant_us: int) -> datetime:
    """Return an instant in microseconds UTC as an aware datetime."""
    return _EPOCH + timedelta(microseconds=instant_us)


def us(instant: datetime) -> int:
    """Return an aware datetime in microseconds UTC."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def us_or_none(instant: datetime | None) -> int | None:
    """Return an aware datetime in microseconds UTC, None as it is."""
    return None if instant is None else us(instant)

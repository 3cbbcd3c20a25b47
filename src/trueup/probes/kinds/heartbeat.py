"""Heartbeat: a job that calls when it has run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from trueup.domain import duration
from trueup.domain.heartbeat import Rules
from trueup.domain.option import OptionError, option
from trueup.probes.awaited import Awaited
from trueup.probes.base import register

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECOND_US, _YEAR_US = 1_000_000, 366 * 86_400_000_000
_EARLY_US = 30 * _SECOND_US  # the clocks of two machines differ: a call so early is that of the due instant
_EARLY_SHARE = 20  # but no earlier than this part of the time between two due instants
_A_DAY = 1_767_225_600_000_000  # 2026-01-01: from when on two due instants tell how far they are apart


@register
@dataclass(frozen=True, kw_only=True)
class HeartbeatProbe(Awaited):
    """Waits for a job to call when it has run; one that does not call in time is down.

    The target is what calls, in words, such as ``nightly backup``: it stands in every sentence about it.
    """

    kind: ClassVar[str] = "heartbeat"
    target_form: ClassVar[str] = "WHAT CALLS"
    provides: ClassVar[Mapping[str, type]] = {
        "runtime": timedelta,
        "latency": timedelta,
        "exit_code": int,
        "body": bytes,
    }

    period: str = option("", "How long after a call the next one is due, such as 1 h. This or cron.")
    cron: str = option("", "When a call is due, as crontab writes it, such as 0 3 * * *. This or period.")
    timezone: str = option("", "The time zone of cron, such as Europe/Moscow; UTC where none is named.")
    grace: str = option("5m", "How much later than due a call may come.")
    limit: str = option("", "How long a run may take from its start; unset: until the next one is due.")

    def __post_init__(self) -> None:
        if bool(self.period) == bool(self.cron):
            field = "cron" if self.cron else "period"
            raise OptionError(
                field,
                "a heartbeat needs either period or cron: write 'period: 1 h' or 'cron: \"0 3 * * *\"'.",
            )
        if self.timezone and not self.cron:
            raise OptionError(
                "timezone", "timezone: it belongs to cron, and a period needs none: leave it out."
            )
        _length("grace", self.grace, least_us=0)
        if self.limit:
            _length("limit", self.limit)
        self.interval_us  # noqa: B018 - reads period or cron, and refuses it

    @property
    def asks(self) -> str:
        """Return what is waited for."""
        return self.target

    @cached_property
    def interval_us(self) -> int:
        """Return how long it is between two due instants; of cron, between two at the begin of a year."""
        if self.period:
            return _length("period", self.period)
        first_us = self._next_us(_A_DAY)
        return self._next_us(first_us) - first_us

    def rules(self) -> Rules:
        """Return when calls are due."""
        limit_us = _length("limit", self.limit) if self.limit else None
        return Rules(self._after(), _length("grace", self.grace, least_us=0), limit_us)

    def _after(self) -> Callable[[int], int]:
        interval_us = self.interval_us
        if self.period:
            return lambda at_us: at_us + interval_us
        early_us = min(_EARLY_US, interval_us // _EARLY_SHARE)
        return lambda at_us: self._next_us(at_us + early_us)

    def _next_us(self, after_us: int) -> int:
        local = (_EPOCH + timedelta(microseconds=after_us)).astimezone(self._zone)
        try:
            return (next(CronSim(self.cron, local)) - _EPOCH) // _MICROSECOND
        except CronSimError as error:
            raise OptionError("cron", f"cron: {self.cron!r} is no schedule: {error}.") from error
        except StopIteration:
            raise OptionError("cron", f"cron: {self.cron!r} names no day that ever comes.") from None

    @cached_property
    def _zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.timezone or "UTC")
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise OptionError(
                "timezone", f"timezone: {self.timezone!r} is no time zone: write one such as Europe/Moscow."
            ) from error


def _length(name: str, written: str, least_us: int = _SECOND_US) -> int:
    try:
        length_us = duration.parse(written)
    except ValueError as error:
        raise OptionError(name, f"{name}: {error}.") from None
    if not least_us <= length_us <= _YEAR_US:
        raise OptionError(name, f"{name}: {written!r} is not from {duration.text(least_us)} to 366d.")
    return length_us

"""What one probe found out, as a value that can be sent and read back."""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from trueup.domain.result import FailureClass, Result, State
from trueup.domain.text import render

STATUSES = ("up", "degraded", "down", "unknown")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_GOOD = (State.UP, State.DEGRADED)
_REQUIRED = ("component", "status", "timestamp")


@dataclass(frozen=True, slots=True)
class HealthCheckResult:
    """What one probe of one check found out. It cannot be changed, and refuses what makes no sense.

    Args:
        component: The slug of the component, such as `frontend`.
        status: `up`, `degraded`, `down`, or `unknown` where the probe proves nothing.
        response_time_ms: How long the whole answer took; None without one, never 0.
        status_code: The protocol's own code, such as 200; None without one.
        error_message: Why it is not up, as a sentence.
        timestamp: When it was asked, with its time zone.
        check: The slug of the check; the component's where it has one check only.
        cause: The class of the failure, one word such as `timeout`; None where it is up.

    Raises:
        ValueError: A value makes no sense; the sentence names it and says what would.
    """

    component: str
    status: str
    response_time_ms: float | None = None
    status_code: int | None = None
    error_message: str | None = None
    timestamp: datetime = dataclasses.field(default_factory=lambda: datetime.now(UTC))
    check: str = ""
    cause: str | None = None

    def __post_init__(self) -> None:
        _slug("component", self.component)
        object.__setattr__(self, "check", self.check or self.component)
        _slug("check", self.check)
        if self.status not in STATUSES:
            raise ValueError(f"status {self.status!r} is none of {', '.join(STATUSES)}.")
        object.__setattr__(self, "response_time_ms", _milliseconds(self.response_time_ms))
        if self.status_code is not None and not _whole(self.status_code):
            raise ValueError(f"status_code {self.status_code!r} is no whole number. Write 200, or None.")
        _instant(self.timestamp)
        if self.cause is not None and self.cause not in set(FailureClass):
            raise ValueError(f"cause {self.cause!r} is none of {', '.join(FailureClass)}.")

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON can hold it; the timestamp is in UTC and ends in `Z`."""
        values = dataclasses.asdict(self)
        values["timestamp"] = self.timestamp.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> HealthCheckResult:
        """Return the result that `to_dict` described.

        Raises:
            ValueError: A key is missing or unknown, or a value makes no sense.
        """
        known = [each.name for each in dataclasses.fields(cls)]
        for name in values:
            if name not in known:
                near = difflib.get_close_matches(str(name), known, n=1)
                hint = f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(known)}."
                raise ValueError(f"{name!r} is no part of a result. {hint}")
        if missing := [name for name in _REQUIRED if name not in values]:
            raise ValueError(f"the result has no {missing[0]!r}. It needs {', '.join(_REQUIRED)}.")
        timestamp = values["timestamp"]
        if isinstance(timestamp, str):
            try:
                timestamp = datetime.fromisoformat(timestamp)
            except ValueError:
                raise ValueError(
                    f"timestamp {timestamp!r} is no instant. Write for instance 2026-11-23T17:00:00Z."
                ) from None
        return cls(**{**values, "timestamp": timestamp})


def of_engine(result: Result, component: str, check: str) -> HealthCheckResult:
    """Return the public form of a result of the engine."""
    text = result.detail.text if result.detail else None
    return HealthCheckResult(
        component=component,
        status=result.state.value,
        response_time_ms=result.duration_us / 1000 if result.state in _GOOD else None,
        status_code=result.status or None,
        error_message=render(text) if text else None,
        timestamp=_EPOCH + timedelta(microseconds=result.asked_us),
        check=check,
        cause=result.cause.value if result.cause else None,
    )


def _slug(name: str, value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} {value!r} is no name. Write a slug such as 'frontend'.")


def _instant(value: object) -> None:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError(f"timestamp {value!r} is no instant: it needs a time zone. Write datetime.now(UTC).")


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _milliseconds(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise ValueError(f"response_time_ms {value!r} is no length of time. Write milliseconds, or None.")
    return float(value)

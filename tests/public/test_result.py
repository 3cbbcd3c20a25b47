"""What one probe found out, as a value."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trueup import HealthCheckResult
from trueup.domain.result import FailureClass

AT = datetime(2025, 12, 27, 19, 30, tzinfo=UTC)


def result(**values: Any) -> HealthCheckResult:
    return HealthCheckResult(**{"component": "frontend", "status": "up", "timestamp": AT, **values})


def test_dictionary_has_the_names_and_types_that_clients_know() -> None:
    values = result(response_time_ms=245.3, status_code=200).to_dict()

    assert values == {
        "component": "frontend",
        "status": "up",
        "response_time_ms": 245.3,
        "status_code": 200,
        "error_message": None,
        "timestamp": "2025-12-27T19:30:00Z",
        "check": "frontend",
        "cause": None,
    }


def test_timestamp_is_written_in_utc_whatever_its_zone() -> None:
    moscow = AT.astimezone(timezone(timedelta(hours=3)))

    assert result(timestamp=moscow).to_dict()["timestamp"] == "2025-12-27T19:30:00Z"


def test_result_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        result().status = "down"  # type: ignore[misc]


def test_timestamp_is_now_unless_it_is_given() -> None:
    before = datetime.now(UTC)

    assert before <= HealthCheckResult("frontend", "up").timestamp <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"component": ""}, "component '' is no name"),
        ({"component": 7}, "component 7 is no name"),
        ({"status": "operational"}, "status 'operational' is none of up, degraded, down, unknown"),
        ({"response_time_ms": -1}, "response_time_ms -1 is no length of time"),
        ({"response_time_ms": float("nan")}, "response_time_ms nan is no length of time"),
        ({"response_time_ms": "12"}, "response_time_ms '12' is no length of time"),
        ({"response_time_ms": True}, "response_time_ms True is no length of time"),
        ({"status_code": 200.5}, "status_code 200.5 is no whole number"),
        ({"timestamp": datetime(2025, 12, 27)}, "it needs a time zone"),  # noqa: DTZ001
        ({"timestamp": None}, "timestamp None is no instant"),
        ({"cause": "gremlins"}, "cause 'gremlins' is none of dns, refused"),
    ],
)
def test_value_that_makes_no_sense_is_refused_with_its_name(values: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=next(iter(values))) as caught:
        result(**values)

    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"status": "up"}, "the result has no 'component'"),
        ({"component": "a", "status": "up"}, "the result has no 'timestamp'"),
        ({"componnent": "a"}, "Did you mean 'component'?"),
        ({"zzz": 1}, "Known are component, status"),
        ({"component": "a", "status": "up", "timestamp": "yesterday"}, "'yesterday' is no instant"),
        ({"component": "a", "status": "up", "timestamp": "2025-12-27T19:30:00"}, "it needs a time zone"),
    ],
)
def test_dictionary_that_is_no_result_is_refused(values: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=r"\bno\b|\bis\b|needs") as caught:
        HealthCheckResult.from_dict(values)

    assert told in str(caught.value)


@given(
    status=st.sampled_from(["up", "degraded", "down", "unknown"]),
    took=st.none() | st.floats(min_value=0, allow_infinity=False, allow_nan=False),
    code=st.none() | st.integers(0, 65_535),
    error=st.none() | st.text(),
    at=st.datetimes(timezones=st.just(UTC)),
    cause=st.none() | st.sampled_from(list(FailureClass)).map(str),
)
def test_what_is_sent_as_json_is_read_back_the_same(
    status: str, took: float | None, code: int | None, error: str | None, at: datetime, cause: str | None
) -> None:
    sent = HealthCheckResult("frontend", status, took, code, error, at, "frontend-http", cause)

    assert HealthCheckResult.from_dict(json.loads(json.dumps(sent.to_dict()))) == sent

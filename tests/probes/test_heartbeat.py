"""When a heartbeat is due: periods, and crontabs across both changes of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from trueup.domain.heartbeat import Rules
from trueup.probes import base
from trueup.probes.awaited import Awaited, awaited_kinds

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def us(text: str) -> int:
    """Return an instant of UTC in microseconds."""
    return (datetime.fromisoformat(text).replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)


def rules(**options: Any) -> Rules:
    probe = base.build("heartbeat", "nightly backup", options)
    assert isinstance(probe, Awaited)
    return probe.rules()


def dues(after: str, count: int, **options: Any) -> list[str]:
    """Return the due instants after an instant, each after the one before."""
    at_us, found = us(after), []
    for _ in range(count):
        at_us = rules(**options).after(at_us)
        found.append(f"{_EPOCH + timedelta(microseconds=at_us):%m-%d %H:%M}")
    return found


def test_it_is_a_kind_that_waits() -> None:
    assert awaited_kinds() == ["heartbeat"]


def test_a_period_counts_from_the_call() -> None:
    assert rules(period="90 m").after(us("2026-11-23 16:00:30")) == us("2026-11-23 17:30:30")


def test_a_crontab_names_instants_of_its_zone() -> None:
    assert dues("2026-06-01 12:00", 2, cron="0 3 * * mon-fri", timezone="Europe/Moscow") == [
        "06-02 00:00", "06-03 00:00",
    ]  # fmt: skip


def test_a_time_that_the_clocks_leave_out_is_due_at_its_end() -> None:
    berlin = {"cron": "30 2 * * *", "timezone": "Europe/Berlin"}

    assert dues("2026-03-27 12:00", 3, **berlin) == ["03-28 01:30", "03-29 01:00", "03-30 00:30"]


def test_a_time_that_comes_twice_is_due_the_first_time() -> None:
    berlin = {"cron": "30 2 * * *", "timezone": "Europe/Berlin"}

    assert dues("2026-10-24 12:00", 3, **berlin) == ["10-25 00:30", "10-26 01:30", "10-27 01:30"]


def test_each_hour_is_due_each_hour_across_both_changes_of_the_clocks() -> None:
    hourly = {"cron": "0 * * * *", "timezone": "Europe/Berlin"}

    assert dues("2026-03-28 23:30", 3, **hourly) == ["03-29 00:00", "03-29 01:00", "03-29 02:00"]
    assert dues("2026-10-24 23:30", 4, **hourly) == [
        "10-25 00:00", "10-25 01:00", "10-25 02:00", "10-25 03:00",
    ]  # fmt: skip


def test_a_call_by_a_clock_that_is_a_little_ahead_is_that_of_the_due_instant() -> None:
    daily = rules(cron="0 3 * * *")

    assert daily.after(us("2026-06-01 02:59:31")) == us("2026-06-02 03:00")
    assert daily.after(us("2026-06-01 02:59:29")) == us("2026-06-01 03:00")
    assert rules(cron="* * * * *").after(us("2026-06-01 02:59:50")) == us("2026-06-01 03:00")


def test_grace_and_limit_are_lengths_of_time() -> None:
    found = rules(period="1h", grace="0s", limit="10 m")

    assert (found.grace_us, found.limit_us) == (0, 600_000_000)
    assert rules(period="1h").grace_us == 300_000_000
    assert rules(period="1h").limit_us is None


@pytest.mark.parametrize(
    ("options", "field", "told"),
    [
        ({}, "period", "either period or cron"),
        ({"period": "1h", "cron": "0 3 * * *"}, "cron", "either period or cron"),
        ({"period": "1h", "timezone": "UTC"}, "timezone", "belongs to cron"),
        ({"period": "60"}, "period", "has no unit"),
        ({"period": "0.1s"}, "period", "from 1s to 366d"),
        ({"period": "1h", "grace": "400d"}, "grace", "from 0s to 366d"),
        ({"period": "1h", "limit": "soon"}, "limit", "is not a duration"),
        ({"cron": "61 * * * *"}, "cron", "is no schedule: Bad minute"),
        ({"cron": "nightly"}, "cron", "is no schedule"),
        ({"cron": "0 0 30 2 *"}, "cron", "is no schedule"),
        ({"cron": "0 3 * * *", "timezone": "Mars/Olympus"}, "timezone", "is no time zone"),
        ({"cron": "0 3 * * *", "timezone": "../etc"}, "timezone", "is no time zone"),
    ],
)
def test_what_cannot_be_waited_for_is_refused(options: dict[str, str], field: str, told: str) -> None:
    with pytest.raises(base.OptionError, match=told) as refused:
        base.build("heartbeat", "nightly backup", options)

    assert refused.value.field == field

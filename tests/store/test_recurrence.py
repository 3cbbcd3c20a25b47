"""When a maintenance that comes again begins, by the clock on the wall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trueup.store import recurrence
from trueup.store.recurrence import Recurrence, RuleError

DAY = 86_400_000_000
BERLIN = ZoneInfo("Europe/Berlin")


def us(text: str) -> int:
    at = datetime.fromisoformat(text)
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def rule(text: str, first: str, zone: str = "Europe/Berlin") -> Recurrence:
    return Recurrence(recurrence.read(text), ZoneInfo(zone), datetime.fromisoformat(first))


def starts(found: Recurrence, since: str, until: str) -> list[str]:
    return [
        (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=each)).strftime("%Y-%m-%d %H:%M")
        for each in found.starts(us(since), us(until))
    ]


def test_a_rule_is_followed_by_the_clock_on_the_wall() -> None:
    found = rule("FREQ=WEEKLY;BYDAY=SU", "2026-03-01T02:00")

    assert starts(found, "2026-03-15", "2026-04-06") == [
        "2026-03-15 01:00",
        "2026-03-22 01:00",
        "2026-03-29 01:00",  # 02:00 does not exist there: it moves to 03:00, which is 01:00 UTC
        "2026-04-05 00:00",
    ]


def test_a_wall_time_that_comes_twice_is_the_first() -> None:
    found = rule("FREQ=DAILY", "2026-10-24T02:30")

    assert starts(found, "2026-10-24", "2026-10-27") == [
        "2026-10-24 00:30",
        "2026-10-25 00:30",
        "2026-10-26 01:30",
    ]


def test_a_day_that_a_zone_skipped_gives_no_second_start() -> None:
    found = rule("FREQ=DAILY", "2011-12-28T12:00", "Pacific/Apia")

    assert starts(found, "2011-12-28", "2012-01-02") == [
        "2011-12-28 22:00",
        "2011-12-29 22:00",
        "2011-12-30 22:00",
        "2011-12-31 22:00",
        "2012-01-01 22:00",
    ]


def test_a_midnight_that_does_not_exist_moves_forward() -> None:
    zone = ZoneInfo("America/Havana")
    wall = datetime.fromisoformat("2026-03-08T00:00")

    assert recurrence.missing(wall, zone)
    assert recurrence.instant(wall, zone) == us("2026-03-08T01:00-04:00")
    assert not recurrence.missing(datetime.fromisoformat("2026-03-07T00:00"), zone)


def test_half_an_hour_of_daylight_saving_is_half_an_hour() -> None:
    found = rule("FREQ=DAILY", "2026-10-03T02:15", "Australia/Lord_Howe")

    assert starts(found, "2026-10-02T12:00", "2026-10-05") == [
        "2026-10-02 15:45", "2026-10-03 15:45", "2026-10-04 15:15",
    ]  # fmt: skip


def test_an_end_in_utc_is_read_on_the_walls_clock_and_a_date_means_all_of_that_day() -> None:
    by_instant = rule("FREQ=DAILY;UNTIL=20260103T010000Z", "2026-01-01T02:00")
    by_day = rule("FREQ=DAILY;UNTIL=20260103", "2026-01-01T02:00")

    assert len(starts(by_instant, "2026-01-01", "2026-02-01")) == 3
    assert len(starts(by_day, "2026-01-01", "2026-02-01")) == 3


def test_the_next_start_is_known_until_the_rule_has_ended() -> None:
    found = rule("FREQ=DAILY;COUNT=2", "2026-01-01T02:00")

    assert found.next(us("2025-06-01")) == us("2026-01-01T01:00")
    assert found.next(us("2026-01-01T01:00")) == us("2026-01-02T01:00")
    assert found.next(us("2026-01-02T01:00")) is None


def test_a_rule_may_bear_its_name_and_small_letters() -> None:
    assert recurrence.read("rrule:freq=monthly;byday=-1su") == "FREQ=MONTHLY;BYDAY=-1SU"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("FREQ=HOURLY", "a maintenance comes at most once a day"),
        ("BYDAY=SU", "does not say how often"),
        ("", "does not say how often"),
        ("FREQ=DAILY;BYHOUR=2", "BYHOUR does not belong into the rule"),
        ("FREQ=DAILY;DTSTART=20260101", "DTSTART does not belong into the rule"),
        ("FREQ=DAILY;EVERY=2", "'EVERY' is no part of a rule here"),
        ("FREQ=DAILY;FREQ=WEEKLY", "FREQ stands twice"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0 cannot be read"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20260101", "both say when it ends"),
        ("FREQ=WEEKLY;BYDAY=SUNDAY", "BYDAY=SUNDAY cannot be read"),
        ("FREQ=DAILY;UNTIL=20261399", "is no rule of RFC 5545"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused_with_the_remedy(written: str, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        recurrence.read(written)


@given(
    st.sampled_from(["Europe/Berlin", "Pacific/Apia", "America/Havana", "Australia/Lord_Howe", "UTC"]),
    st.integers(0, 23),
    st.integers(0, 800),
    st.integers(1, 100),
)
def test_two_stretches_hold_the_same_starts_as_one(zone: str, hour: int, day: int, length: int) -> None:
    found = rule("FREQ=DAILY", f"2011-01-01T{hour:02}:30", zone)
    since = us("2011-01-01") + day * DAY
    middle, until = since + length * DAY // 2, since + length * DAY

    whole = list(found.starts(since, until))
    assert whole == [*found.starts(since, middle), *found.starts(middle, until)]
    assert whole == sorted(set(whole))

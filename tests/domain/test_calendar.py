"""Periods and business hours by the clock on the wall, in zones whose nights are odd."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trueup.domain import calendar
from trueup.domain.calendar import DAY_US, Hours, Schedule
from trueup.domain.interval import Span, Spans
from trueup.domain.node import instant

HOUR_US = 3_600_000_000
ALWAYS = Hours(tuple(range(7)), 0, DAY_US)
# Zones with a skipped day, without or with two midnights, with half an hour or more of summer time, with a
# change a minute after midnight, with Ramadan, with double summer time, and plain ones.
ODD = (
    "Pacific/Apia", "America/Havana", "Australia/Lord_Howe", "America/Sao_Paulo", "America/St_Johns",
    "Africa/Casablanca", "Antarctica/Troll", "Asia/Kathmandu", "Pacific/Kwajalein", "Asia/Beirut", "UTC",
)  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """Look every zone up anew: what another test has found must not stand in for it."""
    calendar._offsets_of.cache_clear()


def us(text: str) -> int:
    return (datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def shown(spans: Spans) -> list[tuple[str, str]]:
    return [(instant(start_us), instant(end_us)) for start_us, end_us in spans.pairs]


@pytest.mark.parametrize(
    ("zone", "day", "spans"),
    [
        ("Pacific/Apia", "2011-12-29", [("2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z")]),
        ("Pacific/Apia", "2011-12-30", []),  # the day that Samoa left out
        ("Pacific/Apia", "2011-12-31", [("2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z")]),
        ("America/Havana", "2024-11-03", [("2024-11-03T04:00:00Z", "2024-11-04T05:00:00Z")]),  # two midnights
        ("America/Havana", "2026-03-08", [("2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z")]),
        (
            "America/Sao_Paulo",
            "2018-11-04",
            [("2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z")],
        ),  # no midnight
        ("America/Sao_Paulo", "2018-02-17", [("2018-02-17T02:00:00Z", "2018-02-18T03:00:00Z")]),  # 23 h twice
        ("Australia/Lord_Howe", "2026-04-05", [("2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z")]),
        # At a minute past midnight the clock goes back to the day before: its last hour comes again.
        (
            "America/St_Johns",
            "2009-10-31",
            [
                ("2009-10-31T02:30:00Z", "2009-11-01T02:30:00Z"),
                ("2009-11-01T02:31:00Z", "2009-11-01T03:30:00Z"),
            ],
        ),
    ],
)
def test_a_day_is_when_the_wall_shows_its_date(zone: str, day: str, spans: list[tuple[str, str]]) -> None:
    assert shown(calendar.period(day, "day", zone)) == spans


@settings(max_examples=60)
@given(st.sampled_from(ODD), st.dates(date(1993, 1, 1), date(2027, 12, 31)), st.integers(0, 86_399))
def test_every_instant_lies_in_the_day_that_the_wall_shows(zone: str, day: date, second: int) -> None:
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=second)
    at_us = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    local = at.astimezone(ZoneInfo(zone))

    assert calendar.label_of(at_us, "day", zone) == local.date().isoformat()
    assert calendar.period(local.date().isoformat(), "day", zone).clip(Span(at_us, at_us + 1))
    hours = Schedule(zone, (Hours((local.weekday(),), 9 * HOUR_US, 18 * HOUR_US),))
    is_open = bool(calendar.schedule(hours, Span(at_us, at_us + 1)))
    assert is_open == (9 <= local.hour < 18)


@settings(max_examples=40)
@given(
    st.sampled_from(ODD),
    st.sampled_from(calendar.PERIODS),
    st.integers(us("1992-01-01T00:00:00Z"), us("2027-01-01T00:00:00Z")),
    st.integers(1, 400),
)
def test_periods_follow_each_other_without_gaps_or_overlaps(
    zone: str, unit: str, from_us: int, days: int
) -> None:
    within = Span(from_us, from_us + min(days, 30 if unit == "day" else 400) * DAY_US)
    found = list(calendar.windows(unit, zone, within))

    assert sum(each.spans.clip(within).total_us for each in found) == within.length_us
    assert Spans(pair for each in found for pair in each.spans.clip(within).pairs) == Spans([within])
    assert all(calendar.label_of(each.spans.pairs[0][0], unit, zone) == each.label for each in found)
    assert [calendar.before(calendar.after(each.label, unit), unit) for each in found] == [
        e.label for e in found
    ]


@pytest.mark.parametrize("zone", ODD)
def test_hours_around_the_clock_are_all_of_time(zone: str) -> None:
    within = Span(us("2011-12-01T00:00:00Z"), us("2013-01-01T00:00:00Z"))

    assert calendar.schedule(Schedule(zone, (ALWAYS,)), within) == Spans([within])


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-29", 5), ("2026-10-25", 7), ("2026-06-07", 6)],  # spring, autumn, any Sunday
)
def test_a_skipped_hour_counts_not_at_all_and_a_repeated_one_twice(day: str, hours: int) -> None:
    night = Schedule("Europe/Berlin", (Hours((6,), 0, 6 * HOUR_US),))
    window = calendar.period(day, "day", "Europe/Berlin")

    assert calendar.schedule(night, Span(*window.pairs[0])).total_us == hours * HOUR_US


def test_holidays_are_dates_of_the_schedules_zone() -> None:
    hours = Schedule("Asia/Tokyo", (ALWAYS,), (date(2026, 1, 1),))
    within = Span(us("2025-12-31T00:00:00Z"), us("2026-01-02T00:00:00Z"))

    closed = Spans([within]) - calendar.schedule(hours, within)

    assert shown(closed) == [("2025-12-31T15:00:00Z", "2026-01-01T15:00:00Z")]


def test_only_periods_with_an_instant_in_the_span_are_named() -> None:
    midnight = us("2026-03-01T00:00:00Z")

    def labels(start_us: int, end_us: int) -> list[str]:
        return [each.label for each in calendar.windows("day", "UTC", Span(start_us, end_us))]

    assert labels(midnight, midnight) == []
    assert labels(midnight - 1, midnight) == ["2026-02-28"]
    assert labels(midnight, midnight + 1) == ["2026-03-01"]
    assert labels(midnight - 1, midnight + 1) == ["2026-02-28", "2026-03-01"]


def test_an_empty_span_has_no_hours_and_no_periods() -> None:
    nothing = Span(5, 5)

    assert calendar.schedule(Schedule("UTC", (ALWAYS,)), nothing) == Spans()
    assert list(calendar.windows("day", "UTC", nothing)) == []


@pytest.mark.parametrize(
    ("unit", "label", "following"),
    [
        ("day", "2024-02-28", "2024-02-29"), ("week", "2020-W53", "2021-W01"),
        ("month", "2025-12", "2026-01"),
        ("quarter", "2025-Q4", "2026-Q1"), ("quarter", "2025-Q1", "2025-Q2"), ("year", "1999", "2000"),
    ],
)  # fmt: skip
def test_labels_have_neighbours(unit: str, label: str, following: str) -> None:
    assert calendar.after(label, unit) == following
    assert calendar.before(following, unit) == label


@pytest.mark.parametrize(
    ("label", "unit"),
    [
        ("2025-13", "month"), ("2025-00", "month"), ("2025-1", "month"), ("2025-Q5", "quarter"),
        ("2025-W54", "week"),
        ("2025-W53", "week"), ("2025-02-29", "day"), ("25", "year"), ("1899", "year"), ("9991", "year"),
        ("2025-01 ", "month"), ("٢٠٢٥", "year"), ("2025", "month"),
    ],
)  # fmt: skip
def test_a_label_that_is_none_is_refused_with_an_example(label: str, unit: str) -> None:
    with pytest.raises(ValueError, match=f"is no {unit}. Write one such as"):
        calendar.period(label, unit, "UTC")


@pytest.mark.parametrize("unit", ["decade", "", "Month"])
def test_a_period_that_is_not_known_is_refused(unit: str) -> None:
    with pytest.raises(ValueError, match="day, week, month, quarter or year"):
        calendar.period("2025", unit, "UTC")
    with pytest.raises(ValueError, match="is no period"):
        calendar.label_of(0, unit, "UTC")


@pytest.mark.parametrize("name", ["Europe", "Europe/Berlim", "", "../UTC", "/etc/localtime", "CET "])
def test_a_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no time zone"):
        calendar.period("2025", "year", name)


def test_zones_are_those_of_the_package() -> None:
    assert {"UTC", "Europe/Berlin", "Pacific/Apia"} <= calendar.zones()
    assert calendar.tzdata_version()[:2] == "20"


def test_the_first_and_the_last_year_can_be_used() -> None:
    assert calendar.period("1900", "year", "UTC").total_us == 365 * DAY_US
    assert calendar.period("9990", "year", "Pacific/Auckland").total_us == 365 * DAY_US

"""Where the days of a place begin."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from tests.world import DAY, HOUR, at

from trueup.figures.days import days


@pytest.mark.parametrize(
    ("zone", "instant", "day", "hours"),
    [
        ("UTC", "2026-03-29 12:00", date(2026, 3, 29), 24),
        ("Europe/Berlin", "2026-03-29 12:00", date(2026, 3, 29), 23),
        ("Europe/Berlin", "2026-10-25 12:00", date(2026, 10, 25), 25),
        ("America/Havana", "2026-03-08 20:00", date(2026, 3, 8), 23),  # the clock skips its midnight
        ("America/Havana", "2026-11-01 20:00", date(2026, 11, 1), 25),  # the hour after midnight comes twice
        ("Australia/Lord_Howe", "2026-04-05 00:00", date(2026, 4, 5), 24.5),
    ],
)
def test_day_is_as_long_as_its_clock_says(zone: str, instant: str, day: date, hours: float) -> None:
    found = days(ZoneInfo(zone), at(instant), 3)

    assert found.date(found.today) == day
    assert found.edges_us[-1] - found.edges_us[-2] == hours * HOUR


def test_day_that_a_zone_left_out_has_no_length() -> None:
    found = days(ZoneInfo("Pacific/Apia"), at("2011-12-31 12:00"), 3)

    lengths = {found.date(index): end - start for index, (start, end) in enumerate(pairwise(found.edges_us))}

    assert lengths[date(2011, 12, 30)] == 0
    assert lengths[date(2011, 12, 29)] == DAY


def test_instant_lies_in_the_day_that_has_begun() -> None:
    found = days(ZoneInfo("Europe/Moscow"), at("2026-11-23 14:00"), 90)

    assert found.index(found.edges_us[-2]) == found.today
    assert found.index(found.edges_us[-2] - 1) == found.today - 1
    assert found.index(found.edges_us[0] - 1) == -1

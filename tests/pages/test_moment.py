"""Instants and lengths as people read them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from tests.world import DAY, HOUR, MINUTE, SECOND, at

from trueup.pages.moment import SiteClock, length

NOW = at("2026-11-23 14:32:05")


@pytest.mark.parametrize(
    ("length_us", "text"),
    [
        (0, "0 ms"),
        (999_999, "999 ms"),
        (SECOND, "1 s"),
        (59 * SECOND + 999_999, "59 s"),
        (MINUTE, "1 min"),
        (4 * MINUTE + 12 * SECOND, "4 min 12 s"),
        (HOUR + 59 * SECOND, "1 h"),
        (2 * HOUR + 3 * MINUTE, "2 h 3 min"),
        (3 * DAY + 4 * HOUR + 5 * MINUTE, "3 d 4 h"),
    ],
)
def test_length_is_cut_to_its_two_largest_units(length_us: int, text: str) -> None:
    assert length(length_us).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        ("2026-11-23 00:00:00", "00:00"),
        ("2026-11-22 23:59:59", "22 Nov, 23:59"),
        ("2025-12-31 08:00:00", "31 Dec 2025, 08:00"),
    ],
)
def test_day_and_year_are_named_when_they_are_others(instant: str, text: str) -> None:
    found = SiteClock(ZoneInfo("UTC"), NOW).since(at(instant))

    assert found.text.replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("UTC", "UTC"),
        ("Europe/Moscow", "Europe/Moscow (MSK, UTC+03:00)"),
        ("Asia/Kathmandu", "Asia/Kathmandu (UTC+05:45)"),
        ("America/St_Johns", "America/St_Johns (NST, UTC-03:30)"),
    ],
)
def test_zone_is_named_with_its_distance_from_utc(zone: str, text: str) -> None:
    assert SiteClock(ZoneInfo(zone), NOW).zone_text == text

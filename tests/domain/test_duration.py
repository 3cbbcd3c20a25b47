from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trueup.domain import duration


@pytest.mark.parametrize(
    ("written", "us"),
    [
        ("60s", 60_000_000),
        ("10 s", 10_000_000),
        ("800ms", 800_000),
        ("1.5s", 1_500_000),
        ("5m", 300_000_000),
        ("5 min", 300_000_000),
        ("12h", 43_200_000_000),
        ("1d", 86_400_000_000),
        ("7us", 7),
        (" 0s ", 0),
    ],
)
def test_a_duration_is_a_number_and_its_unit(written: str, us: int) -> None:
    assert duration.parse(written) == us


@pytest.mark.parametrize(
    "written", ["10", "1.5", "", "s", "-1s", "1e3s", "1 week", "1s 5ms", "10S", "٣s", "0.5us"]
)
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(
        ValueError, match=r"has no unit: write|is not a duration: write|finer than a microsecond"
    ):
        duration.parse(written)


@given(us=st.integers(0, 10**15))
def test_a_duration_reads_as_it_is_written(us: int) -> None:
    assert duration.parse(duration.text(us)) == us

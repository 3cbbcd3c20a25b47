"""Percentages as people read them."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trueup.domain.sla import Tally
from trueup.pages.percent import band, coverage, uptime, uptime_and_band

_US = st.integers(0, 90 * 86_400_000_000)


def _number(text: str) -> Decimal:
    return Decimal(text.removesuffix("\u00a0%"))


@given(_US, _US, _US)
def test_hundred_is_shown_only_when_nothing_was_lost(up_us: int, degraded_us: int, down_us: int) -> None:
    text = uptime(Tally(up_us=up_us, degraded_us=degraded_us, down_us=down_us))

    if not up_us + degraded_us + down_us:
        assert text == "no data"
    else:
        assert (text == "100\u00a0%") is (down_us == 0)
        assert _number(text) * (up_us + degraded_us + down_us) <= 100 * (up_us + degraded_us)


@given(_US, _US)
def test_coverage_is_whole_only_when_all_was_measured(up_us: int, unknown_us: int) -> None:
    text = coverage(Tally(up_us=up_us, unknown_us=unknown_us))

    if not up_us + unknown_us:
        assert text == ""
    else:
        assert (text == "100\u00a0%") is (unknown_us == 0)


def test_exact_figure_has_no_band() -> None:
    assert band(Tally(up_us=99, down_us=1, low_us=1, high_us=1)) == ""


def test_band_has_the_digits_that_tell_its_ends_apart() -> None:
    assert band(Tally(up_us=998_000, down_us=2_000, low_us=3_000, high_us=1_000)) == "99.70\u201399.90"
    assert band(Tally(up_us=999_900, down_us=100, low_us=103, high_us=101)) == "99.9897\u201399.9899"


def test_figure_and_band_stand_together() -> None:
    tally = Tally(up_us=998, down_us=2, low_us=3, high_us=0)

    assert uptime_and_band(tally) == "99.80\u00a0% (99.70\u2013100)"


def test_nothing_measured_is_no_data_and_has_no_band() -> None:
    tally = Tally(unknown_us=100, low_us=100)

    assert (uptime(tally), band(tally), coverage(tally)) == ("no data", "", "0\u00a0%")

"""How long an outage was: observed, at least, at most, and halfway."""

from __future__ import annotations

from fractions import Fraction

import pytest

from trueup.domain.outage import Outage, outages
from trueup.domain.result import State
from trueup.domain.timeline import Probed, Record


def at(instant_us: int, took_us: int = 0) -> Probed:
    return Probed(instant_us, instant_us + took_us)


def down(a: int | None, b: int, c: int, d: int | None, *, end: int | None = None, took_us: int = 0) -> Record:
    return Record(
        State.DOWN,
        b,
        d if end is None else end,
        None if a is None else at(a),
        at(b, took_us),
        at(c, took_us),
        None if d is None else at(d),
    )


@pytest.mark.parametrize(
    ("record", "observed", "least", "most", "middle"),
    [
        pytest.param(down(60, 120, 120, 180), 60, 0, 120, (90, 150), id="one failed probe"),
        pytest.param(down(120, 180, 240, 300), 120, 60, 180, (150, 270), id="two failed probes"),
        pytest.param(down(60, 120, 140, 150), 30, 20, 90, (90, 145), id="probed faster while down"),
        pytest.param(down(None, 0, 60, 120), 120, 60, 120, (0, 90), id="the first probe ever fails"),
        pytest.param(
            down(53, 119, 171, 242), 123, 52, 189, (86, Fraction(413, 2)), id="probes at odd instants"
        ),
    ],
)
def test_an_outage_is_as_long_as_the_probes_around_it_allow(
    record: Record, observed: int, least: int, most: int, middle: tuple[Fraction, Fraction]
) -> None:
    [outage] = outages([record], 10_000)

    assert outage.observed_us == observed
    assert (outage.least_us, outage.most_us) == (least, most)
    assert outage.middle == middle
    assert outage.middle_us == middle[1] - middle[0]
    assert outage.open_before == (record.a is None)
    assert not outage.open_after


def test_a_probe_that_times_out_widens_both_bounds() -> None:
    [outage] = outages([down(0, 60, 120, 180, took_us=30)], 1_000)

    assert outage.least_us == 120 - 90
    assert outage.most_us == 180 - 0


def test_an_outage_that_goes_on_is_cut_at_the_instant_it_is_looked_at() -> None:
    ongoing = Record(State.DOWN, 120, None, at(60), at(120))

    assert outages([ongoing], 500) == [Outage(120, 500, True, at(60), at(120))]
    assert outages([ongoing], 120) == []


def test_an_outage_that_ended_later_was_still_going_on_then() -> None:
    [outage] = outages([down(60, 120, 240, 300)], 200)

    assert outage.ongoing
    assert outage.open_after
    assert (outage.end_us, outage.observed_us) == (200, 80)


def test_an_outage_that_ends_in_silence_is_open_after() -> None:
    [outage] = outages([down(60, 120, 180, None, end=240)], 1_000)

    assert outage.open_after
    assert not outage.ongoing
    assert (outage.observed_us, outage.most_us) == (120, 180)


def test_splitting_a_record_changes_nothing() -> None:
    first = Record(State.DOWN, 120, 200, at(60), at(120))
    second = Record(State.DOWN, 200, 300, None, None, at(240), at(300))
    elsewhere = Record(State.UP, 300, None)

    assert outages([second, elsewhere, first], 1_000) == outages([down(60, 120, 240, 300)], 1_000)


def test_outages_with_up_between_stay_apart() -> None:
    records = [down(0, 60, 60, 120), Record(State.UP, 120, 180), down(120, 180, 240, 300)]

    assert [outage.start_us for outage in outages(records, 1_000)] == [60, 180]

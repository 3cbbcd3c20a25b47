"""How long an outage was: observed, at least, at most, and halfway."""

from __future__ import annotations

from fractions import Fraction

import pytest

from trueup.domain.outage import Outage
from trueup.domain.timeline import Probed


def at(instant_us: int, took_us: int = 0) -> Probed:
    return Probed(instant_us, instant_us + took_us)


def down(a: int | None, b: int, c: int, d: int | None, *, end: int = 0, took_us: int = 0) -> Outage:
    return Outage(
        b,
        end if d is None else d,
        False,
        None if a is None else at(a),
        at(b, took_us),
        at(c, took_us),
        None if d is None else at(d),
    )


@pytest.mark.parametrize(
    ("outage", "observed", "least", "most", "middle"),
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
    outage: Outage, observed: int, least: int, most: int, middle: tuple[Fraction, Fraction]
) -> None:
    assert outage.observed_us == observed
    assert (outage.least_us, outage.most_us) == (least, most)
    assert outage.middle == middle
    assert outage.open_before == (outage.a is None)
    assert not outage.open_after


def test_a_probe_that_times_out_widens_both_bounds() -> None:
    outage = down(0, 60, 120, 180, took_us=30)

    assert outage.least_us == 120 - 90
    assert outage.most_us == 180 - 0


def test_an_outage_that_goes_on_is_open_after() -> None:
    outage = Outage(120, 500, True, at(60), at(120))

    assert outage.open_after
    assert (outage.observed_us, outage.least_us, outage.most_us) == (380, 380, 440)


def test_an_outage_that_ends_in_silence_is_open_after() -> None:
    outage = down(60, 120, 180, None, end=240)

    assert outage.open_after
    assert not outage.ongoing
    assert (outage.observed_us, outage.most_us) == (120, 180)

"""A figure that is opened names what is written about each stretch of it, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from trueup.domain import terms
from trueup.domain.interval import Span
from trueup.domain.result import State
from trueup.domain.sla import Case, Exclusion, Maintenance, Part
from trueup.domain.sla.trace import Cause, Entry, trace
from trueup.domain.timeline import Blip, Probed, Record, Timeline

UP, LATE = Record(State.UP, 0, 100), Record(State.UP, 200)
FAULT = Record(State.DOWN, 100, 200, Probed(80, 82), Probed(100, 110), Probed(160, 170), Probed(200, 204))
SLOW = Record(State.DEGRADED, 150, 300)
MISS = Blip(State.DOWN, Probed(700, 701), Probed(702, 703), Probed(690, 691), Probed(710, 711))
SHORT = Blip(State.DOWN, Probed(800, 801), Probed(802, 803))
WORK, CALM = Maintenance(400, 410, id="m1"), Maintenance(500, 510, id="m2")
STORM = Exclusion(600, 610, id="e1")
HTTP = Timeline([UP, FAULT, LATE], [MISS, SHORT], covered_until_us=950)
SHOP = Part("shop", (HTTP,), maintenance=(WORK,), check_ids=("http",))


def case(*parts: Part, **words: Any) -> Case:
    document = {"window": {"type": "fixed"}, "aggregation": {"type": "any"}, "tiers": [], **words}
    return Case(terms.read(document), Span(0, 1000), parts, (CALM,), (STORM,))


def told(of: Case, figure: str, component: str | None = None) -> list[tuple[int, int, list[Any]]]:
    return [(e.start_us, e.end_us, [c.what for c in e.causes]) for e in trace(of, figure, component)]


def test_downtime_names_the_outage_with_its_component_and_check() -> None:
    assert trace(case(SHOP), "down_seconds") == (
        Entry(100, 200, Fraction(1), (Cause("shop", "http", FAULT),)),
    )


def test_all_that_lies_over_the_window_is_named_where_it_lies() -> None:
    http, own = ("shop", "http"), Cause("shop", "", WORK)

    found = [(e.start_us, e.end_us, e.causes) for e in trace(case(SHOP), "window_seconds")]

    assert found == [
        (0, 100, (Cause(*http, UP),)),
        (100, 200, (Cause(*http, FAULT),)),
        (200, 400, (Cause(*http, LATE),)),
        (400, 410, (Cause(*http, LATE), own)),
        (410, 500, (Cause(*http, LATE),)),
        (500, 510, (Cause(*http, LATE), Cause("", "", CALM))),
        (510, 600, (Cause(*http, LATE),)),
        (600, 610, (Cause(*http, LATE), Cause("", "", STORM))),
        (610, 950, (Cause(*http, LATE),)),
        (950, 1000, ()),
    ]


def test_an_open_record_goes_on_to_where_probes_covered_it_or_else_as_far_as_is_known() -> None:
    fresh = Record(State.DOWN, 900)
    still = replace(SHOP, checks=(Timeline([UP, fresh]),))
    seen = replace(SHOP, checks=(Timeline([UP, fresh], covered_until_us=940),))
    now = replace(case(still), as_of_us=960)

    assert told(case(still), "down_seconds") == [(900, 1000, [fresh])]
    assert told(now, "down_seconds") == [(900, 960, [fresh])]
    assert told(case(seen), "down_seconds") == [(900, 940, [fresh])]
    assert told(case(seen), "unknown_seconds")[-1] == (940, 1000, [])


def test_good_time_explains_uptime_alone() -> None:
    slow = replace(SHOP, checks=(HTTP, Timeline([Record(State.UP, 0), SLOW])), check_ids=("http", "slow"))

    assert told(case(slow), "degraded_seconds") == [(200, 300, [SLOW])]
    assert told(case(slow), "down_seconds") == [(100, 150, [FAULT]), (150, 200, [FAULT, SLOW])]
    assert told(case(SHOP), "up_seconds")[:2] == [(0, 100, [UP]), (200, 400, [LATE])]
    assert told(case(SHOP), "counted_seconds")[:2] == [(0, 100, [UP]), (100, 200, [FAULT])]
    assert [each.causes[1].check for each in trace(case(slow), "down_seconds")[1:]] == ["slow"]


def test_the_band_names_outages_as_long_and_as_short_as_their_probes_allow() -> None:
    covered = replace(SHOP, checks=(replace(HTTP, covered_until_us=None),))
    [first, *blips] = trace(case(covered), "band_lo_seconds")

    assert told(case(covered), "band_hi_seconds") == [(110, 160, [FAULT])]
    assert (first.start_us, first.end_us) == (80, 204)
    assert first.causes == (Cause("shop", "http", FAULT),)
    assert [(each.start_us, each.end_us, each.causes) for each in blips] == [
        (690, 711, (Cause("shop", "http", MISS),)),
        (800, 803, (Cause("shop", "http", SHORT),)),
    ]


def test_the_shortest_an_outage_can_have_been_is_named_for_that_time_alone() -> None:
    brief = replace(FAULT, b=Probed(100, 130), c=Probed(150, 170))
    both = Timeline([UP, FAULT, LATE]), Timeline([UP, brief, LATE])

    assert told(case(replace(SHOP, checks=both)), "band_hi_seconds") == [
        (110, 130, [FAULT]), (130, 150, [FAULT, brief]), (150, 160, [FAULT]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("edge", "start_us", "end_us"),
    [("observed", 100, 200), ("midpoint", 90, 180), ("conservative", 80, 204), ("lenient", 110, 160)],
)
def test_an_outage_is_named_where_the_terms_put_its_edges(edge: str, start_us: int, end_us: int) -> None:
    assert told(case(SHOP, edge=edge), "down_seconds") == [(start_us, end_us, [FAULT])]


def test_an_outage_that_the_terms_leave_nothing_of_is_not_named() -> None:
    single = replace(FAULT, b=Probed(100, 110), c=Probed(100, 110))
    blink = replace(SHOP, checks=(Timeline([UP, single, LATE]),))

    assert told(case(blink, edge="lenient"), "down_seconds") == []
    assert all(single not in whats for _, _, whats in told(case(blink, edge="lenient"), "counted_seconds"))


def test_records_that_follow_each_other_are_each_named_for_their_own_time() -> None:
    faults = [Record(State.DOWN, at, at + 10) for at in (100, 110, 300, 320, 330)]
    broken = replace(SHOP, checks=(Timeline([Record(State.UP, 0), *faults]),))

    assert told(case(broken), "down_seconds") == [(each.start_us, each.end_us, [each]) for each in faults]


def test_what_reaches_beyond_a_stretch_is_named_within_it() -> None:
    long = Record(State.DOWN, -50, 2000)
    dead = replace(SHOP, checks=(Timeline([long]),), maintenance=())

    assert told(case(dead), "down_seconds") == [
        (0, 500, [long]), (510, 600, [long]), (610, 1000, [long]),
    ]  # fmt: skip


def test_time_of_no_weight_is_left_out() -> None:
    slow = replace(SHOP, checks=(Timeline([UP, SLOW, LATE]),))

    assert trace(case(slow, degraded_weight=0), "downtime_seconds") == ()
    assert trace(case(slow, degraded_weight="1/2"), "downtime_seconds") == (
        Entry(150, 300, Fraction(1, 2), (Cause("shop", "http", SLOW),)),
    )


def test_components_that_are_judged_alone_are_opened_alone() -> None:
    fault = Record(State.DOWN, 300, 310)
    api = Part("api", (Timeline([Record(State.UP, 0), fault]),), check_ids=("ping",))
    worst = case(SHOP, api, aggregation={"type": "worst"})

    assert told(worst, "down_seconds", "shop") == [(100, 200, [FAULT])]
    assert told(worst, "down_seconds", "api") == [(300, 310, [fault])]
    with pytest.raises(
        ValueError, match=r"^'mail' is no component, and each has a figure of its own\. "
    ) as one:
        trace(worst, "down_seconds", "mail")
    assert str(one.value).endswith(" Write one of shop, api.")


def test_a_figure_without_entries_is_refused_with_those_that_have_some() -> None:
    with pytest.raises(ValueError, match=r"^'uptime' has no entries\. Write one of window_seconds, out_of_"):
        trace(case(SHOP), "uptime")


def test_a_check_without_a_name_is_named_by_nothing() -> None:
    [entry] = trace(case(replace(SHOP, check_ids=())), "down_seconds")

    assert entry.causes[0].check == ""

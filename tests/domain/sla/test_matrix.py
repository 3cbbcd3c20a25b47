"""Common cases in which other monitors are known to show a wrong number, and the right one.

The wrong figures are what the named program showed, or what its formula gives, as of August 2026.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trueup.domain import calendar
from trueup.domain.interval import Span, Spans
from trueup.domain.result import State
from trueup.domain.sla import Case, Maintenance, Part, truncate_percent
from trueup.domain.sla.judge import judge
from trueup.domain.sla.result import Result, Sums
from trueup.domain.terms import read
from trueup.domain.timeline import Record, Timeline

HOUR = 3_600_000_000
DAY = 24 * HOUR
MONTH = 30 * DAY
UP, DOWN, UNKNOWN = State.UP, State.DOWN, State.UNKNOWN
Pairs = Iterable[tuple[int, int]]


def watched(down: Pairs = (), since_us: int | None = None, until_us: int = 10**17) -> Timeline:
    """Return what is known of a check that was up but for its outages, while somebody watched."""
    begin_us = -DAY if since_us is None else since_us
    records = [Record(UP, begin_us, until_us), *(Record(DOWN, *span) for span in down)]
    return Timeline(records, since_us=since_us)


def contract(*checks: Timeline, window: Span | Spans, as_of_us: int | None = None, **terms: object) -> Case:
    parts = tuple(Part(f"c{number}", (check,)) for number, check in enumerate(checks))
    together = {"type": "any"} if len(parts) > 1 else {"type": "single"}
    return Case(read({"aggregation": together, **terms}), window, parts, as_of_us=as_of_us)


def sums(case: Case) -> Sums:
    found = judge(case).sums
    assert found is not None
    return found


def percent(result: Result, digits: int = 3) -> str:
    assert result.ratios.uptime is not None
    return truncate_percent(result.ratios.uptime, digits)


def test_twelve_blind_hours_are_unknown_and_said_so() -> None:
    """Uptime Kuma leaves the gap out silently: 91.667 % for one hour down of the twelve it saw."""
    half = Timeline([Record(UP, 0, 12 * HOUR), Record(DOWN, HOUR, 2 * HOUR)])
    case = contract(half, window=Span(0, DAY))
    shares = judge(case).ratios

    assert (shares.uptime, shares.coverage) == (Fraction(11, 12), Fraction(1, 2))
    assert (shares.lo, shares.hi) == (Fraction(11, 24), Fraction(23, 24))
    for policy, uptime in (("down", shares.lo), ("up", shares.hi), ("carry", shares.hi)):
        assert judge(replace(case, terms=replace(case.terms, unknown=policy))).ratios.uptime == uptime
    assert judge(
        replace(case, terms=replace(case.terms, objective_ratio=Fraction(9, 10)))
    ).decision.verdict == ("indeterminate")


@pytest.mark.parametrize("turned", [False, True])
def test_outages_that_overlap_count_once_and_wholly(turned: bool) -> None:
    """OneUptime cuts the longer one where the shorter one ends: 1,800 s of 7,200 s."""
    checks = [watched([(10 * HOUR, 10 * HOUR + HOUR // 2)]), watched([(10 * HOUR, 12 * HOUR)])]
    found = judge(contract(*(checks[::-1] if turned else checks), window=Span(0, DAY)))

    assert found.sums is not None
    assert found.sums.downtime_us == 2 * HOUR
    assert percent(found) == "91.666"


spans = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted).map(tuple), max_size=8)


@given(st.lists(spans, min_size=1, max_size=4), st.randoms())
def test_downtime_of_many_is_the_union_however_it_arrives(every: list[Pairs], chance: random.Random) -> None:
    checks = [watched(down) for down in every]
    seconds = sum(any(a <= t < b for down in every for a, b in down) for t in range(50))
    case = contract(*checks, window=Span(0, 50))
    late = []
    for check in checks:
        records = [*check.records, *chance.sample(list(check.records), 1)]  # one came twice
        chance.shuffle(records)
        late.append(replace(check, records=records))
    chance.shuffle(late)

    assert sums(case).downtime_us == seconds
    assert sums(contract(*late, window=Span(0, 50))) == sums(case)


@pytest.mark.parametrize(("hours", "percents"), [(4, "99.444"), (12, "98.333")])
def test_outage_of_hours_counts_so_many_hours(hours: int, percents: str) -> None:
    """openstatus adds the day's share of errors to the incident: 7.33 h for 4 h, 18 h for 12 h."""
    found = judge(contract(watched([(3 * DAY, 3 * DAY + hours * HOUR)]), window=Span(0, MONTH)))

    assert found.sums is not None
    assert found.sums.downtime_us == hours * HOUR
    assert percent(found) == percents


def test_maintenance_leaves_both_sides_of_the_ratio() -> None:
    """Kener and OneUptime count it as up, which inflates: 99.861 % for 48 h of it and one hour down."""
    case = contract(watched([(9 * DAY, 9 * DAY + HOUR)]), window=Span(0, MONTH))
    planned = replace(case, maintenance=(Maintenance(DAY, 3 * DAY),))
    as_up = replace(planned.terms, maintenance=replace(case.terms.maintenance, mode="count_as_up"))

    assert percent(judge(planned)) == "99.851"
    assert percent(judge(replace(planned, terms=as_up))) == "99.861"


def test_maintenance_entered_afterwards_counts_unless_notice_was_promised() -> None:
    """Uptime Kuma knows it forward only, Gatus not at all: both show 99.722 %."""
    case = contract(watched([(DAY, DAY + 2 * HOUR)]), window=Span(0, MONTH))
    afterwards = replace(case, maintenance=(Maintenance(DAY, DAY + HOUR, announced_us=5 * DAY),))
    notice = replace(case.terms.maintenance, notice_us=2 * DAY)

    assert sums(case).downtime_us == 2 * HOUR
    assert sums(afterwards).downtime_us == HOUR
    assert sums(afterwards).counted_us == MONTH - HOUR
    strict = replace(afterwards, terms=replace(case.terms, maintenance=notice))
    assert sums(strict).downtime_us == 2 * HOUR


@given(spans, spans)
def test_maintenance_takes_exactly_its_own_time_and_the_downtime_in_it(down: Pairs, planned: Pairs) -> None:
    case = contract(watched(down), window=Span(0, 60))
    case = replace(case, maintenance=tuple(Maintenance(*span) for span in planned))
    there = [t for t in range(60) if not any(a <= t < b for a, b in planned)]
    found = sums(case)

    assert found.counted_us == len(there)
    assert found.downtime_us == sum(any(a <= t < b for a, b in down) for t in there)


zones = st.sampled_from(sorted(calendar.zones()))
days = st.dates(date(1990, 1, 1), date(2035, 12, 1))


@given(zones, days, st.lists(st.tuples(st.integers(0, 8_000), st.integers(1, 90)), max_size=6))
def test_months_add_up_to_quarters_and_quarters_to_the_year(
    zone: str, day: date, lost: list[tuple[int, int]]
) -> None:
    """Kener takes steps of 86,400 s from the visitor's midnight, Upptime months of 30.42 days."""
    year = calendar.period(f"{day.year}", "year", zone)
    start_us = year.pairs[0][0]
    check = Timeline(
        [Record(UP, start_us - 400 * DAY, start_us + 800 * DAY)]
        + [Record(DOWN, start_us + at * HOUR, start_us + (at + hours) * HOUR) for at, hours in lost]
    )

    def parts(labels: Iterable[str], period: str) -> list[Sums]:
        return [sums(contract(check, window=calendar.period(label, period, zone))) for label in labels]

    whole = sums(contract(check, window=year))
    months = parts((f"{day.year}-{number:02}" for number in range(1, 13)), "month")
    quarters = parts((f"{day.year}-Q{number}" for number in range(1, 5)), "quarter")
    for figure in ("window_us", "counted_us", "up_us", "down_us", "downtime_us"):
        by_month, by_quarter = ([getattr(each, figure) for each in of] for of in (months, quarters))
        assert [sum(by_month[at : at + 3]) for at in range(0, 12, 3)] == by_quarter
        assert sum(by_quarter) == getattr(whole, figure)


@given(zones, days)
def test_every_instant_lies_in_the_day_of_its_own_wall_clock(zone: str, day: date) -> None:
    """Days have 23, 24 or 25 hours, or other odd lengths; none is lost or counted twice."""
    week = [day + timedelta(days=number) for number in range(8)]
    edges = [calendar.period(each.isoformat(), "day", zone) for each in week]
    together = Spans([span for each in edges for span in each])

    assert sum(each.total_us for each in edges) == together.total_us
    for left, right in pairwise(each for each in edges if each):
        assert left.pairs[-1][1] <= right.pairs[0][0] or len(left) + len(right) > 2


def test_february_is_as_long_as_it_is() -> None:
    """Upptime divides by 30.42 days: 96.71 % for one day down in February 2025."""
    window = calendar.period("2025-02", "month", "UTC")
    start_us = window.pairs[0][0]
    check = Timeline([Record(UP, 0, 10**17), Record(DOWN, start_us, start_us + DAY)])

    assert percent(judge(contract(check, window=window))) == "96.428"


def test_window_that_goes_on_is_divided_by_what_has_passed_of_it() -> None:
    """healthchecks divides by the whole month: 98.39 % after a first day with 12 hours down."""
    check = watched([(0, 12 * HOUR)])

    assert judge(contract(check, window=Span(0, 31 * DAY), as_of_us=DAY)).ratios.uptime == Fraction(1, 2)


def test_time_before_something_was_watched_does_not_count_as_up() -> None:
    """openstatus divides by 45 days: 99.44 % for a monitor that is one day old and was 6 hours down."""
    check = watched([(44 * DAY, 44 * DAY + 6 * HOUR)], since_us=44 * DAY)
    shares = judge(contract(check, window=Span(0, 45 * DAY))).ratios

    assert (shares.uptime, shares.coverage) == (Fraction(3, 4), Fraction(1, 45))


def test_bad_month_does_not_fade_with_the_age_of_the_check() -> None:
    """Checkmate shows the share since creation: 98.6 % here for a month with 5 days down."""
    check = watched([(360 * DAY, 365 * DAY)], since_us=0)

    assert percent(judge(contract(check, window=Span(335 * DAY, 365 * DAY)))) == "83.333"


def test_a_quarter_of_the_time_down_is_75_percent() -> None:
    """statping divides the failures by the good answers: 66.67 %, and 0 % for one half."""
    assert percent(judge(contract(watched([(0, 25)]), window=Span(0, 100)))) == "75.000"
    assert percent(judge(contract(watched([(0, 50)]), window=Span(0, 100)))) == "50.000"


def test_hundred_percent_is_shown_for_nothing_less() -> None:
    """Uptime Kuma's badge shows 100.0 for 99.996 %, Upptime 100.00 % for 99.995 %."""
    found = judge(contract(watched([(0, 4)]), window=Span(0, 100_000)))

    assert percent(found, 1) == "99.9"
    assert percent(found, 3) == "99.996"


@pytest.mark.parametrize(
    ("lost", "credit"),
    [(100, 0), (101, 10), (105, 10), (1_000, 10), (1_001, 50), (1_005, 50), (5_000, 50), (5_001, 100)],
)
def test_tiers_have_no_holes_and_are_decided_by_the_exact_ratio(lost: int, credit: int) -> None:
    """A table of 99-99.89 and 95-98.99 leaves out what lies between, and rounding gives 99.895 away."""
    found = judge(contract(watched([(0, lost)]), window=Span(0, 100_000)))

    assert found.decision.credit_ratio == Fraction(credit, 100)
    assert found.decision.breached is (lost > 100)


@pytest.mark.parametrize("check", [Timeline(()), watched(until_us=-1), Timeline([Record(UNKNOWN, 0, DAY)])])
def test_no_data_is_neither_nothing_nor_everything(check: Timeline) -> None:
    """Gatus shows 0 %, openstatus and OneUptime 100 %, Uptime Kuma the last value that it remembers."""
    found = judge(contract(check, window=Span(0, DAY)))

    assert found.decision.status == "no_data"
    assert (found.ratios.uptime, found.decision.breached, found.decision.credit_ratio) == (None, None, None)
    assert [found.ratios.lo, found.ratios.hi, found.ratios.coverage] == [
        Fraction(0),
        Fraction(1),
        Fraction(0),
    ]

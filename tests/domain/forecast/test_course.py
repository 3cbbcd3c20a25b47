"""When a budget is lost at the pace so far, and which tiers lie ahead: worked, and by every instant."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from tests.domain.forecast.cases import DAY, HOUR, MONTH, SECOND, case

from trueup.domain.forecast import Course, ahead, course, pace
from trueup.domain.interval import Span
from trueup.domain.result import State
from trueup.domain.sla import Case
from trueup.domain.sla.judge import judge, judged
from trueup.domain.terms import Planned
from trueup.domain.timeline import Record, Timeline

END = 40


def of(made: Case) -> Course:
    found = course(made)
    assert found is not None
    return found


def test_pace_of_an_outage_of_18_minutes_in_ten_days_loses_the_month_on_its_24th_day() -> None:
    found = of(case([(DAY, DAY + 1_080 * SECOND)], 10 * DAY))

    assert found.allowed_us == 2_592 * SECOND
    assert pace(found) == 24 * DAY + 1  # 1,080 s * 24/10 is the whole budget; one instant later it is lost


def test_pace_counts_business_hours_and_leaves_planned_maintenance_out() -> None:
    hours = [(day * DAY + 8 * HOUR, day * DAY + 18 * HOUR) for day in range(30)]
    plain = case([(8 * HOUR, 9 * HOUR)], 10 * DAY, schedule=hours, objective="99")
    planned = replace(plain, maintenance=case([], 0, maintenance=[(10 * DAY, 12 * DAY)]).maintenance)

    # 3 h of 300 h are allowed, 1 h of 100 h is lost: after 300 h, so never before the end.
    assert pace(of(plain)) is None
    # 2.8 h of 280 h are allowed: at that pace they are lost with the last instant of the 280th hour.
    assert pace(of(planned)) is None
    sooner = case(
        [(8 * HOUR, 10 * HOUR)], 10 * DAY, schedule=hours, maintenance=[(10 * DAY, 12 * DAY)], objective="99"
    )
    # 2 h of 100 h are lost, 2.8 h of 280 h allowed: after 140 h, as the fourth day from the 13th ends.
    assert pace(of(sooner)) == 16 * DAY + 8 * HOUR + 1


def test_nothing_lost_has_no_pace_and_too_much_is_lost_already() -> None:
    assert pace(of(case([], 10 * DAY))) is None
    assert pace(of(case([(0, HOUR)], 10 * DAY))) == "already"
    assert pace(of(case([], 10 * DAY, objective="100"))) is None
    assert pace(of(case([(0, 1)], 10 * DAY, objective="100"))) == "already"


def test_closed_windows_and_means_of_components_have_no_course() -> None:
    mean = {"type": "weighted_mean", "weights": {"web": "1"}}

    assert course(case([], None)) is None
    assert course(case([], MONTH)) is None
    assert course(case([], DAY, aggregation=mean)) is None


def test_course_of_a_case_that_was_just_judged_need_not_be_found_again() -> None:
    made = case([(0, HOUR)], 10 * DAY)

    assert course(made, judged(made)[1]) == course(made)


def test_tiers_ahead_tell_time_and_money() -> None:
    tiers = ahead(of(case([(0, 1_000 * SECOND)], 10 * DAY, fee="2000")))
    found: list[object] = [
        (each.credit_ratio, each.left_us // SECOND, each.amount, each.more) for each in tiers
    ]

    assert found == [
        (Fraction(1, 10), 1_592, 200, 200),
        (Fraction(1, 2), 24_920, 1_000, 1_000),
        (Fraction(1), 128_600, 2_000, 2_000),
    ]
    assert tiers[0].at_us == 10 * DAY + 1_592 * SECOND


def test_tier_that_is_lost_is_not_ahead_any_more_and_what_cannot_be_reached_has_no_instant() -> None:
    tiers = ahead(of(case([(0, 3_000 * SECOND)], MONTH - HOUR, fee="2000")))
    found: list[object] = [(each.credit_ratio, each.at_us, each.more) for each in tiers]

    assert found == [
        (Fraction(1, 2), None, 800),
        (Fraction(1), None, 1_800),
    ]


spans = st.lists(st.tuples(st.integers(0, END), st.integers(0, END)).map(sorted).map(tuple), max_size=3)
roundings = st.sampled_from(
    [None, *({"digits": d, "mode": m} for d in (0, 1) for m in ("floor", "half_up", "half_even"))]
)
objectives = st.sampled_from(["99", "90", "75", "62.5", "50", "33.3"])


@given(spans, st.integers(1, END - 1), spans, spans, objectives)
def test_pace_is_the_first_instant_by_definition(
    down: list[tuple[int, int]],
    now: int,
    hours: list[tuple[int, int]],
    planned: list[tuple[int, int]],
    objective: str,
) -> None:
    made = case(
        [s for s in down if s[0] < s[1]],
        now,
        END,
        schedule=hours or None,
        maintenance=planned,
        objective=objective,
    )
    found = of(made)
    counts = [
        any(a <= t < b for a, b in hours or [(0, END)]) and not any(a <= t < b for a, b in planned)
        for t in range(END)
    ]
    lost = sum(counts[t] and any(a <= t < b for a, b in down) for t in range(now))
    allowed = (1 - Fraction(objective) / 100) * sum(counts)
    first = next(
        (t for t in range(now, END + 1) if lost * sum(counts[:t]) > allowed * sum(counts[:now])), None
    )

    assert pace(found) == ("already" if first == now else first)


@given(spans, st.integers(1, END - 1), spans, roundings, st.booleans())
def test_each_tier_is_reached_one_instant_after_it_says(
    down: list[tuple[int, int]], now: int, planned: list[tuple[int, int]], rounding: object, forgiven: bool
) -> None:
    mode = "count_as_up" if forgiven else "exclude"
    tiers = [{"min": m, "credit": c} for m, c in (("90", "0"), ("75.5", "10"), ("50", "50"), ("0", "100"))]
    made = case(
        [s for s in down if s[0] < s[1]], now, END,
        maintenance=planned, rounding=rounding, tiers=tiers, objective="90",
    )  # fmt: skip
    made = replace(made, terms=replace(made.terms, maintenance=Planned(mode)))
    found = of(made)

    def credit_if_down_until(t: int) -> Fraction | None:
        records = [r for r in made.components[0].checks[0].records if r.start_us < now]
        records = [replace(r, end_us=min(r.end_us or now, now)) for r in records]
        longer = Timeline([*records, Record(State.DOWN, now, t)] if t > now else records)
        part = replace(made.components[0], checks=(longer,))
        return judge(replace(made, components=(part,), as_of_us=None)).decision.credit_ratio

    for tier in ahead(found):
        reached = [t for t in range(now, END + 1) if (credit_if_down_until(t) or 0) >= tier.credit_ratio]
        if tier.at_us is None:
            assert not reached
        else:
            assert all(t > tier.at_us for t in reached)
            assert not reached or found.risk.clip(Span(tier.at_us, reached[0])).total_us == 1

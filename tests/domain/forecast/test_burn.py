"""How fast a budget burns, when people are told, and the gauges."""

from __future__ import annotations

from fractions import Fraction

from tests.domain.forecast.cases import DAY, HOUR, MONTH, SECOND, Pairs, case

from trueup.domain.forecast import WINDOWS, Course, Gauge, alarms, burn, course, gauges
from trueup.domain.sla.judge import judge

MINUTE = 60 * SECOND
T = MINUTE


def of(down: Pairs, as_of_us: int, **more: object) -> Course:
    found = course(case(down, as_of_us, **more))  # type: ignore[arg-type]
    assert found is not None
    return found


def fired(down: Pairs, as_of_us: int, interval_us: int = T, **more: object) -> list[tuple[str, int]]:
    return [(each.severity, each.long_us // HOUR) for each in alarms(of(down, as_of_us, **more), interval_us)]


def test_rate_is_one_where_time_is_lost_just_as_fast_as_allowed() -> None:
    found = of([(9 * DAY, 9 * DAY + 3_600_000)], 9 * DAY + HOUR)

    assert burn(found, HOUR).rate == 1
    assert burn(found, 6 * HOUR).rate == Fraction(1, 6)


def test_outage_of_last_month_does_not_burn_the_new_one() -> None:
    found = of([(-HOUR, MINUTE)], HOUR)

    assert burn(found, 3 * DAY) == burn(found, HOUR)
    assert burn(found, 3 * DAY).downtime_us == MINUTE


def test_rate_counts_business_hours_and_degraded_time_by_its_weight() -> None:
    hours = [(day * DAY + 8 * HOUR, day * DAY + 18 * HOUR) for day in range(30)]
    found = of([(7 * HOUR, 9 * HOUR)], 10 * HOUR, schedule=hours, objective="90")

    assert burn(found, DAY).counted_us == 2 * HOUR
    assert burn(found, DAY).rate == 5


def test_no_time_and_no_budget_have_no_rate() -> None:
    assert burn(of([], 0), HOUR).rate is None
    assert burn(of([], DAY, objective="100"), HOUR).rate is None


def test_one_lost_packet_tells_nobody_although_its_rate_is_beyond_14() -> None:
    lost = [(9 * DAY, 9 * DAY + T)]

    assert burn(of(lost, 9 * DAY + 2 * T), HOUR).rate == Fraction(1000, 60)
    assert fired(lost, 9 * DAY + 2 * T) == []


def test_outage_of_two_intervals_pages_and_a_longer_one_more_so() -> None:
    assert fired([(9 * DAY, 9 * DAY + 2 * T)], 9 * DAY + 2 * T) == [("page", 1)]
    assert fired([(9 * DAY, 9 * DAY + 3 * T)], 9 * DAY + 3 * T) == [("page", 1), ("page", 6)]
    assert len(fired([(9 * DAY, 9 * DAY + 5 * T)], 9 * DAY + 5 * T)) == 4


def test_what_is_over_for_longer_than_the_short_window_tells_nobody() -> None:
    lost = [(9 * DAY, 9 * DAY + 2 * T)]

    assert fired(lost, 9 * DAY + 6 * T) == [("page", 1)]
    assert fired(lost, 9 * DAY + 8 * T) == []


def test_nobody_is_told_where_nothing_can_change_any_more() -> None:
    assert fired([(9 * DAY, 9 * DAY + HOUR)], 9 * DAY + HOUR) == []  # the budget is gone: see the next tier
    assert fired([(MONTH - 30 * MINUTE, MONTH - 20 * MINUTE)], MONTH - 20 * MINUTE) == []  # it cannot be lost


def test_gauges_are_the_figures_of_the_contract_exactly() -> None:
    made = case([(DAY, DAY + 1_080 * SECOND)], 10 * DAY)
    result = judge(made)
    found = {(each.name, each.label): each.value for each in gauges(result, course(made))}

    assert found["sla_uptime_ratio", ("bound", "point")] == result.ratios.uptime == Fraction(799, 800)
    assert found["sla_budget_seconds", ("kind", "allowed")] == 2_592
    assert found["sla_budget_seconds", ("kind", "used")] == 1_080
    assert found["sla_budget_seconds", ("kind", "remaining")] == 1_512
    assert found["sla_breach_eta_timestamp_seconds", None] == 24 * 86_400 + Fraction(1, 1_000_000)
    assert found["sla_coverage_ratio", None] == 1
    assert found["sla_credit_percent", None] == 10
    assert {label[1] for name, label in found if name == "sla_burn_rate" and label} == set(WINDOWS)


def test_breach_is_expected_when_an_outage_that_goes_on_will_have_used_the_budget() -> None:
    made = case([(10 * DAY - 592 * SECOND, 10 * DAY)], 10 * DAY)
    found = {each.name: each.value for each in gauges(judge(made), course(made))}

    assert found["sla_breach_eta_timestamp_seconds"] == 10 * 86_400 + 2_000


def test_what_cannot_be_said_is_no_gauge() -> None:
    made = case([], 0)
    names = {each.name for each in gauges(judge(made), course(made))}

    assert names == {"sla_budget_seconds"}
    assert Gauge("sla_credit_percent", Fraction(0)) in gauges(judge(case([], None)), None)

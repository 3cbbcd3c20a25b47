"""What holds for every contract, whatever its records: the invariants of the model."""

from __future__ import annotations

import os
import random
import time
from dataclasses import replace
from fractions import Fraction
from math import floor

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domain.sla.worlds import cases

from trueup.domain.interval import Span
from trueup.domain.result import State
from trueup.domain.sla import (
    Case,
    Maintenance,
    Part,
    Record,
    Sums,
    Timeline,
    evaluate_case,
    judge,
    truncate_percent,
)
from trueup.domain.sla.writing import percent
from trueup.domain.terms import Aggregation, Planned

LENGTHS = (
    "window_us", "out_of_schedule_us", "excluded_exclusion_us", "excluded_maintenance_us",
    "excluded_component_us", "excluded_unknown_us", "counted_us", "up_us", "degraded_us", "tolerated_us",
    "down_us", "unknown_us", "committed_us", "downtime_us", "downtime_min_us", "downtime_max_us",
    "downtime_least_us", "downtime_most_us",
)  # fmt: skip


def sums(case: Case) -> Sums:
    found = judge(case).sums
    assert found is not None
    return found


def with_terms(case: Case, **changed: object) -> Case:
    return replace(case, terms=replace(case.terms, **changed))  # type: ignore[arg-type]


def with_records(case: Case, more: list[Record]) -> Case:
    """Return a case in which the first component's first check has more records."""
    first, *rest = case.components
    check, *others = first.checks or (Timeline(()),)
    check = replace(check, records=[*check.records, *more])
    return replace(case, components=(replace(first, checks=(check, *others)), *rest))


@settings(max_examples=40)
@given(cases(edges=True, checks=True))
def test_the_parts_fill_the_window(case: Case) -> None:
    of = sums(case)
    left_out = (of.out_of_schedule_us, of.excluded_exclusion_us, of.excluded_maintenance_us)

    assert of.window_us == sum(left_out) + of.excluded_component_us + of.excluded_unknown_us + of.counted_us
    assert of.counted_us == of.up_us + of.degraded_us + of.tolerated_us + of.down_us
    assert of.committed_us == of.counted_us + of.excluded_unknown_us
    assert min(of.up_us, of.degraded_us, of.tolerated_us, of.down_us, of.excluded_unknown_us) >= 0


@settings(max_examples=40)
@given(cases(edges=True, checks=True))
def test_bounds_and_band_are_in_order(case: Case) -> None:
    ratios = judge(case).ratios
    found = (ratios.band_lo, ratios.lo, ratios.hi, ratios.band_hi)
    if ratios.lo is None:
        assert found == (None,) * 4
        return
    band_lo, lo, hi, band_hi = (Fraction(each or 0) for each in found)

    assert 0 <= band_lo <= lo <= hi <= 1
    if case.terms.edge == "observed" and not case.terms.degraded_weight:
        assert hi <= band_hi <= 1


@settings(max_examples=40)
@given(cases(plain=True, edges=True))
def test_the_figure_lies_within_its_bounds_and_its_band(case: Case) -> None:
    case = with_terms(case, degraded_weight=Fraction(0))
    ratios = judge(case).ratios
    if ratios.uptime is None or case.terms.unknown == "carry":
        return
    assert ratios.lo is not None
    assert ratios.hi is not None
    assert ratios.band_lo is not None
    assert ratios.band_hi is not None

    assert ratios.band_lo <= ratios.lo <= ratios.uptime <= ratios.hi
    if case.terms.unknown != "down":
        assert ratios.uptime <= ratios.band_hi


@settings(max_examples=40)
@given(cases(edges=True))
def test_unknown_taken_for_up_or_down_is_the_bound(case: Case) -> None:
    up, down = (judge(with_terms(case, unknown=policy)).ratios for policy in ("up", "down"))

    assert up.uptime == up.hi
    assert down.uptime == down.lo


@settings(max_examples=40)
@given(cases(edges=True, checks=True), st.randoms())
def test_order_and_repetition_change_nothing(case: Case, shuffler: random.Random) -> None:
    def shuffled(check: Timeline) -> Timeline:
        records = [*check.records, *check.records]
        shuffler.shuffle(records)
        return replace(check, records=records, blips=[*check.blips, *check.blips][::-1])

    parts = [
        replace(part, checks=tuple(map(shuffled, part.checks)), maintenance=part.maintenance[::-1] * 2)
        for part in case.components
    ]
    shuffler.shuffle(parts)
    other = replace(
        case,
        components=tuple(parts),
        maintenance=case.maintenance[::-1] + case.maintenance,
        exclusions=case.exclusions[::-1] + case.exclusions,
    )

    assert judge(other) == judge(case)


@settings(max_examples=40)
@given(cases(), st.integers(-6, 36))
def test_splitting_a_record_changes_nothing(case: Case, at: int) -> None:
    def cut(record: Record) -> list[Record]:
        if record.start_us < at and (record.end_us is None or at < record.end_us):
            return [replace(record, end_us=at), replace(record, start_us=at)]
        return [record]

    parts = tuple(
        replace(
            part,
            checks=tuple(replace(c, records=[p for r in c.records for p in cut(r)]) for c in part.checks),
        )
        for part in case.components
    )

    assert judge(replace(case, components=parts)) == judge(case)


@settings(max_examples=40)
@given(cases(edges=True, closed=True), st.integers(1, 29))
def test_adjacent_windows_add_up(case: Case, at: int) -> None:
    """Holds where thresholds look at whole outages, without a cap and without slices."""
    least = replace(case.terms.min_outage, basis="raw")
    planned = replace(case.terms.maintenance, cap_us=None)
    case = with_terms(case, min_outage=least, maintenance=planned, slices=None)
    left, right = (case.spans.clip(span) for span in (Span(-100, at), Span(at, 100)))
    if not left or not right:
        return
    first, second, both = (sums(replace(case, window=window)) for window in (left, right, case.spans))

    for name in LENGTHS:
        assert getattr(first, name) + getattr(second, name) == getattr(both, name), name


@settings(max_examples=40)
@given(cases(edges=False, closed=True), st.integers(-3, 30), st.integers(1, 9))
def test_one_more_outage_never_lowers_downtime(case: Case, start: int, length: int) -> None:
    """Holds where the counted time stays: evidence of down also makes unknown or paused time count."""
    before, more = judge(case), [Record(State.DOWN, start, start + length)]
    after = judge(with_records(case, more))
    assert before.sums is not None
    assert after.sums is not None
    if before.sums.counted_us != after.sums.counted_us or before.sums.committed_us != after.sums.committed_us:
        return

    assert after.sums.downtime_us >= before.sums.downtime_us
    if before.decision.breached:
        assert after.decision.breached


@settings(max_examples=40)
@given(cases(edges=True, closed=True), st.integers(0, 30), st.integers(1, 9))
def test_more_maintenance_never_raises_the_seconds_of_downtime(case: Case, start: int, length: int) -> None:
    """Holds without a cap, and with slices only while none is made of another mixture."""
    terms = replace(case.terms, maintenance=Planned(case.terms.maintenance.mode), slices=None)
    least = replace(terms.min_outage, basis="raw")
    case = replace(case, terms=replace(terms, min_outage=least))
    more = replace(case, maintenance=(*case.maintenance, Maintenance(start, start + length)))

    assert sums(more).downtime_us <= sums(case).downtime_us


@settings(max_examples=40)
@given(cases(edges=True, checks=True))
def test_the_more_must_be_down_the_less_downtime(case: Case) -> None:
    case = with_terms(case, unknown="up", degraded_weight=Fraction(0))
    count = len(case.components)
    rules = [Aggregation("any"), *(Aggregation("quorum", k) for k in range(1, count + 1)), Aggregation("all")]
    lost = [sums(with_terms(case, aggregation=rule)).downtime_us for rule in rules]

    assert lost == sorted(lost, reverse=True)
    assert lost[0] == lost[1]
    assert lost[-1] == lost[-2]


@settings(max_examples=40)
@given(cases(edges=True), st.fractions(min_value=Fraction(1, 7), max_value=9), st.randoms())
def test_only_the_proportion_of_weights_matters(case: Case, scale: Fraction, chance: random.Random) -> None:
    weights = [(part.id, Fraction(chance.randint(0, 3))) for part in case.components]
    scaled = [(name, weight * scale) for name, weight in weights]
    one, other = (
        judge(with_terms(case, aggregation=Aggregation("weighted_mean", weights=tuple(each))))
        for each in (weights, scaled)
    )

    assert one == other


@settings(max_examples=40)
@given(cases(edges=True, checks=True))
def test_judging_again_is_the_same_whatever_the_zone_of_the_machine(case: Case) -> None:
    before = judge(case)
    kept = os.environ.get("TZ")
    try:
        os.environ["TZ"] = "Pacific/Apia"
        time.tzset()
        assert judge(case) == before
    finally:
        os.environ.pop("TZ") if kept is None else os.environ.update(TZ=kept)
        time.tzset()


@settings(max_examples=40)
@given(cases(edges=True, closed=True))
def test_a_percentage_cut_off_reaches_the_objective_only_if_it_is_met(case: Case) -> None:
    case = with_terms(case, rounding=None, min_coverage_ratio=None)
    result = judge(case)
    if result.ratios.uptime is None:
        return

    for digits in (0, 2, 6):
        shown = Fraction(truncate_percent(result.ratios.uptime, digits))
        assert (shown < case.terms.objective_ratio * 100) == result.decision.breached


@given(st.fractions(min_value=0, max_value=1), st.integers(0, 1000), st.integers(0, 4))
def test_cutting_off_never_moves_a_value_across_a_floor(ratio: Fraction, step: int, digits: int) -> None:
    floor_ratio = Fraction(step, 10 ** (digits + 2))

    assert (Fraction(floor(ratio * 10 ** (digits + 2)), 10 ** (digits + 2)) >= floor_ratio) == (
        ratio >= floor_ratio
    )
    assert Fraction(percent(ratio, digits) or 0) <= ratio * 100


@settings(max_examples=40)
@given(cases(edges=True))
def test_a_result_says_nothing_where_it_knows_nothing(case: Case) -> None:
    found = evaluate_case(case)

    if found["status"] == "no_data":
        assert found["counted_seconds"] == "0"
        assert {found[key] for key in ("uptime_exact", "breached", "credit_percent", "burn_rate_exact")} == {
            None
        }
        assert "credit_amount" not in found
    if found["status"] == "insufficient_data":
        assert found["uptime_exact"] is not None
        assert (found["breached"], found["credit_percent"]) == (None, None)
    if found["breached"] is not None:
        assert "credit_amount" in found


@settings(max_examples=80)
@given(cases(plain=True))
def test_down_from_now_on_the_budget_is_used_up_at_the_stated_instant(case: Case) -> None:
    now = case.as_of_us
    if now is None:
        return
    case = replace(case, components=tuple(known_until(part, now) for part in case.components))
    at = judge(case).exhausted_at
    if not isinstance(at, int):
        return

    then = judge(
        replace(case, components=tuple(down_from(part, now) for part in case.components), as_of_us=at)
    )

    assert then.budget is not None
    assert 0 <= then.budget.remaining_us < 1


def known_until(part: Part, at: int) -> Part:
    """Return a component with what was known of it at an instant, and one check that stays."""
    records = [each for check in part.checks for each in check.records if each.start_us < at]
    ended = [replace(each, end_us=at if each.end_us is None else min(each.end_us, at)) for each in records]
    return replace(part, checks=(Timeline(ended),), down_when="any")


def down_from(part: Part, at: int) -> Part:
    """Return a component that is down from an instant on."""
    return replace(part, checks=(Timeline([*part.checks[0].records, Record(State.DOWN, at)]),))

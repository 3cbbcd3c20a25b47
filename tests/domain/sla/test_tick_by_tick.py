"""Every figure of every kind of contract, against a reading of the model that looks at each tick."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.domain.sla.brute import Answer, answer
from tests.domain.sla.worlds import cases

from trueup.domain.sla import Case, Sums, judge
from trueup.domain.sla.trace import trace
from trueup.domain.terms import Aggregation

# What fails here is explained by the tick at which it does; tracing every line would take minutes.
PHASES = [phase for phase in settings().phases if phase is not Phase.explain]


def as_counted(sums: Sums) -> Answer:
    return Answer(
        sums.window_us, sums.out_of_schedule_us, sums.excluded_exclusion_us, sums.excluded_maintenance_us,
        sums.excluded_component_us, sums.committed_us, sums.counted_us, sums.up_us, sums.degraded_us,
        sums.tolerated_us, sums.down_us, sums.unknown_us,
        downtime={
            "point": sums.downtime_us, "lo": sums.downtime_max_us, "hi": sums.downtime_min_us,
            "band_lo": sums.downtime_most_us, "band_hi": sums.downtime_least_us,
        },
    )  # fmt: skip


def check(case: Case) -> None:
    result, expected = judge(case), answer(case)
    assert result.sums is not None
    assert result.budget is not None
    future, risk, exhausted = expected.future, expected.risk, expected.exhausted

    assert as_counted(result.sums) == replace(expected, future=0, risk=0, exhausted=None)
    assert (result.ratios.uptime, result.ratios.lo) == (expected.uptime(), expected.uptime("lo"))
    assert (result.ratios.band_lo, result.ratios.band_hi) == (
        expected.uptime("band_lo"),
        expected.uptime("band_hi"),
    )
    allowed = (1 - case.terms.objective_ratio) * (expected.counted + future)
    assert result.budget.allowed_us == allowed
    assert result.exhausted_at == exhausted
    if not result.closed:
        lost = expected.downtime["point"]
        saved = lost + risk + expected.tolerated <= allowed
        assert result.decision.outcome == ("breached" if lost > allowed else "met" if saved else "open")


@settings(phases=PHASES)
@given(cases())
def test_figures_of_plain_records_are_those_of_every_tick(case: Case) -> None:
    check(case)


@settings(phases=PHASES)
@given(cases(edges=True))
def test_figures_of_records_with_probes_are_those_of_every_tick(case: Case) -> None:
    check(case)


@settings(phases=PHASES)
@given(cases(edges=True, checks=True))
def test_figures_of_components_with_several_checks_are_those_of_every_tick(case: Case) -> None:
    check(case)


@settings(phases=PHASES, max_examples=settings().max_examples // 2)
@given(cases(edges=True), st.lists(st.integers(0, 3), min_size=3, max_size=3), st.booleans())
def test_means_and_the_worst_are_made_of_components_judged_alone(
    case: Case, weights: list[int], worst: bool
) -> None:
    shares = tuple((part.id, Fraction(weights[at])) for at, part in enumerate(case.components))
    how = Aggregation("worst") if worst else Aggregation("weighted_mean", weights=shares)
    case = replace(case, terms=replace(case.terms, aggregation=how))
    alone = [answer(case, (part,)) for part in case.components]
    result = judge(case)

    for reading in ("point", "lo", "hi", "band_lo", "band_hi"):
        both = [(weight, each.uptime(reading)) for (_, weight), each in zip(shares, alone, strict=True)]
        pairs = [(weight, ratio) for weight, ratio in both if ratio is not None]
        found = getattr(result.ratios, {"point": "uptime"}.get(reading, reading))
        if worst:
            assert found == min((ratio for _, ratio in pairs), default=None)
        elif any(weight for weight, _ in pairs):
            whole = sum((weight for weight, _ in pairs), Fraction(0))
            assert found == sum((weight * ratio for weight, ratio in pairs), Fraction(0)) / whole
        else:
            assert found is None
    assert [(each.id, each.sums.down_us) for each in result.components] == [
        (part.id, each.down) for part, each in zip(case.components, alone, strict=True) if each.counted
    ]


@settings(phases=PHASES, max_examples=settings().max_examples // 2)
@given(cases(edges=True, checks=True))
def test_the_entries_of_a_figure_sum_to_it_in_any_world(case: Case) -> None:
    result = judge(case)
    assert result.sums is not None
    assert result.budget is not None

    for figure, total in {
        "window_seconds": result.sums.window_us,
        "excluded_unknown_seconds": result.sums.excluded_unknown_us,
        "up_seconds": result.sums.up_us,
        "tolerated_seconds": result.sums.tolerated_us,
        "unknown_seconds": result.sums.unknown_us,
        "downtime_seconds": result.sums.downtime_us,
        "band_lo_seconds": result.sums.downtime_most_us,
        "band_hi_seconds": result.sums.downtime_least_us,
        "allowed_seconds": result.budget.allowed_us,
        "remaining_seconds": result.budget.remaining_us,
    }.items():
        assert sum(entry.part_us for entry in trace(case, figure)) == total, figure

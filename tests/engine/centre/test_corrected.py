"""Corrections: what people decided that a check was, laid over what its results say."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.centre.platform import T0, Made, S, make_check, result
from tests.engine.centre.replay import Over, assert_replayed, stored_entries
from tests.engine.centre.test_ingest import ledger
from tests.engine.centre.test_replay import shuffled, weather

from trueup.domain.result import State
from trueup.engine.centre.corrected import lay
from trueup.engine.centre.ingest import Centre
from trueup.store.models import CorrectedEntry, Correction, Evidence, LedgerEntry
from trueup.store.read.correction import Corrected
from trueup.store.read.timeline import records_as_known
from trueup.store.write import correction
from trueup.store.write.compact import compact
from trueup.store.write.draft import Span

database = pytest.mark.usefixtures("database")
UP, DOWN, UNKNOWN = State.UP, State.DOWN, State.UNKNOWN


def approve(made: Made, from_s: float, until_s: float, state: State = UP, now_us: int = T0) -> Correction:
    start_us, end_us = T0 + round(from_s * S), T0 + round(until_s * S)
    name = correction.ask(made.check.id, start_us, end_us, state.value, "false alarm", "", "anna", now_us)
    assert correction.decide(name, "approved", "bob", "seen", now_us)
    return Correction.objects.get(public_id=name)


def outage(made: Made, centre: Centre) -> None:
    """Let a check be up until 120 s, down until 300 s, and up."""
    states = [(at, DOWN if 120 <= at < 300 else UP) for at in range(0, 600, 60)]
    centre.take("outage", [result(made.series, at, state) for at, state in states], T0 + 541 * S)


@database
def test_a_false_alarm_becomes_up_and_the_old_ledger_stays_readable() -> None:
    made, centre = make_check(), Centre()
    outage(made, centre)
    before = ledger(made.series)
    evidence = Evidence.objects.count()
    row = approve(made, 120, 300)

    assert centre.reload(T0 + 600 * S)

    for series in (made.series, made.verdict):
        assert ledger(series) == [("up", 0, 120), ("up", 120, 300), ("up", 300, None)]
    known = records_as_known([made.series], T0, T0 + 599 * S)[made.series]
    shown = [(str(each.state), (each.start_us - T0) // S) for each in known if each.start_us >= T0]
    assert shown == [(state, start) for state, start, _ in before]
    row.refresh_from_db()
    assert row.applied_us == T0 + 600 * S
    assert sorted(CorrectedEntry.objects.values_list("entry__state", "made")) == [
        ("down", False), ("down", False), ("up", True), ("up", True),
    ]  # fmt: skip
    assert Evidence.objects.count() == evidence > 0
    assert not centre.reload(T0 + 601 * S)


@database
def test_bounds_inside_an_outage_split_it_exactly_and_keep_the_other_edges() -> None:
    made, centre = make_check(), Centre()
    outage(made, centre)
    approve(made, 150, 200.5, UNKNOWN)

    centre.reload(T0 + 600 * S)

    found = {
        round((each.start_us - T0) / S, 1): each
        for each in LedgerEntry.objects.filter(series=made.series, superseded_us__isnull=True)
        if each.start_us > T0
    }
    assert {start: each.state for start, each in found.items()} == {
        120: "down", 150: "unknown", 200.5: "down", 300: "up",
    }  # fmt: skip
    assert found[120].first_asked_us == T0 + 120 * S
    assert (found[120].after_asked_us, found[150].first_asked_us, found[150].last_asked_us) == (None,) * 3
    assert (found[200.5].first_asked_us, found[200.5].after_asked_us) == (None, T0 + 300 * S)


@database
@pytest.mark.parametrize("restarted", [False, True])
def test_an_open_outage_is_corrected_up_to_an_instant_and_goes_on(restarted: bool) -> None:
    made, centre = make_check(), Centre()
    results = [result(made.series, at, UP if at < 120 else DOWN) for at in range(0, 360, 60)]
    centre.take("a", results, T0 + 301 * S)
    approve(made, 120, 250)
    centre.reload(T0 + 310 * S)
    assert ledger(made.series)[-2:] == [("up", 120, 250), ("down", 250, None)]

    centre = Centre() if restarted else centre
    centre.take("b", [result(made.series, 360), result(made.series, 420)], T0 + 421 * S)

    assert ledger(made.series) == [("up", 0, 120), ("up", 120, 250), ("down", 250, 360), ("up", 360, None)]


@database
def test_late_results_a_compaction_and_a_restart_leave_a_correction_in_force() -> None:
    made, centre = make_check(), Centre()
    outage(made, centre)
    approve(made, 120, 300)
    centre.reload(T0 + 600 * S)
    compact()
    centre = Centre()

    centre.take("late", [result(made.series, 150, DOWN, number=1), result(made.series, 330, DOWN, number=1),
                         result(made.series, 335, DOWN, number=2)], T0 + 610 * S)  # fmt: skip

    assert ledger(made.series)[1:] == [
        ("up", 120, 300),
        ("up", 300, 330),
        ("down", 330, 360),
        ("up", 360, None),
    ]


@database
@pytest.mark.parametrize("point", ["before superseded", "after superseded", "after entries", "before commit"])
def test_a_correction_is_taken_whole_or_not_at_all(point: str) -> None:
    made = make_check()
    outage(made, Centre())
    before = ledger(made.series)
    approve(made, 150, 250)

    def fail(name: str) -> None:
        if name == point:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Centre(failpoint=fail).reload(T0 + 600 * S)
    assert (ledger(made.series), CorrectedEntry.objects.count()) == (before, 0)
    assert Correction.objects.get().applied_us is None

    assert Centre().reload(T0 + 601 * S)
    assert ledger(made.series)[1:3] == [("down", 120, 150), ("up", 150, 250)]


def random_life(seed: int) -> None:
    """Let a check live with results in any order and corrections at any time."""
    rng = random.Random(seed)
    made = make_check(f"check-{seed}", interval_s=10, confirm=rng.randint(1, 3), recover=rng.randint(1, 3))
    results = weather(rng, made.series, 10, rng.randint(10, 50))
    centre, now_us = Centre(), T0
    corrections: list[Over] = []
    for index, batch in enumerate(shuffled(rng, results)):
        now_us = max(now_us, *(one.answered_us for one in batch)) + S
        centre.take(f"{seed}-{index}", batch, now_us)
        chance = rng.random()
        if chance < 0.25 and now_us > T0 + 60 * S:
            ago_s = (now_us - T0) // S
            from_s = rng.randrange(ago_s - 30)
            row = approve(made, from_s, rng.randrange(from_s + 1, ago_s), rng.choice([UP, UNKNOWN]), now_us)
            centre.reload(now_us)
            corrections.append((row.start_us, row.end_us, State(row.state)))
        elif chance < 0.35:
            compact()
        elif chance < 0.45:
            centre = Centre()
        elif chance < 0.55:
            centre.tick(now_us + rng.randint(0, 60) * S)
    centre.tick(4_000_000_000_000_000)
    entries = stored_entries(made.series)
    assert entries == stored_entries(made.verdict)
    assert [each.end_us for each in entries[:-1]] == [each.start_us for each in entries[1:]]
    assert entries[-1].end_us is None
    assert_replayed(made, corrections=corrections)


@database
@pytest.mark.parametrize("part", range(2))
def test_whatever_comes_later_the_ledger_is_what_follows_with_its_corrections(part: int) -> None:
    for seed in range(part * 4, part * 4 + 4):
        random_life(seed)


STATES = [UP, DOWN, UNKNOWN, State.DEGRADED, State.PAUSED]


@given(
    st.lists(st.tuples(st.sampled_from(STATES), st.integers(1, 9)), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(-5, 60), st.integers(1, 40), st.sampled_from([UP, UNKNOWN])), max_size=4),
)
def test_a_total_timeline_stays_total(
    states: list[tuple[State, int]], corrections: list[tuple[int, int, State]]
) -> None:
    spans, at = [], 0
    for state, length in states:
        spans.append(Span(state, at, at + length, None, None, None, None, None, None))
        at += length
    wanted = [Corrected(0, 0, start, start + length, state) for start, length, state in corrections]

    laid = lay(spans, wanted)

    assert (laid[0].start_us, laid[-1].end_us) == (0, at)
    assert all(one.end_us == other.start_us for one, other in pairwise(laid))
    for instant in range(at):
        state = next(one.state for one in spans if one.start_us <= instant < (one.end_us or 0))
        for one in wanted:
            if state is not State.PAUSED and one.start_us <= instant < one.end_us:
                state = one.state
        assert next(one.state for one in laid if one.start_us <= instant < (one.end_us or 0)) is state

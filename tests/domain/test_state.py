"""The state machine, against examples and against the ledger by definition."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from tests import oracle

from trueup.domain.result import FailureClass, Result, State
from trueup.domain.state import (
    Blip,
    Change,
    Rules,
    Step,
    Track,
    fits,
    gap,
    interrupt,
    opened,
    silence,
    silent_at_us,
    steady,
    step,
)
from trueup.domain.timeline import Probed

UP, DEGRADED, DOWN, UNKNOWN, PAUSED = State.UP, State.DEGRADED, State.DOWN, State.UNKNOWN, State.PAUSED
S = 1_000_000
MINUTE = Rules(60 * S)


def result(at_s: float, state: State = UP, duration_us: int = 0, number: int = 0) -> Result:
    asked_us = round(at_s * 1000) * 1000
    cause = None if state is UP else FailureClass.TIMEOUT
    return Result(1, asked_us // S, number, 0, asked_us, duration_us, state, cause)


def walk(
    results: Sequence[Result], rules: Rules = MINUTE, track: Track | None = None
) -> tuple[Track, list[Change], list[Blip]]:
    track = track or opened(0)
    changes: list[Change] = []
    blips: list[Blip] = []
    for one in results:
        made = step(track, one, rules)
        track = made.track
        changes += made.changes
        blips += made.blips
    return track, changes, blips


def starts(changes: Sequence[Change]) -> list[tuple[State, float]]:
    return [(change.state, change.start_us / S) for change in changes]


def seen(*states: State, every_s: float = 60) -> list[Result]:
    return [result(every_s * index, state) for index, state in enumerate(states, 1)]


def test_worse_needs_confirm_results_and_is_backdated_to_the_first() -> None:
    track, changes, blips = walk(seen(UP, DOWN, DOWN, DOWN, UP))

    assert starts(changes) == [(UP, 60), (DOWN, 120), (UP, 300)]
    assert (track.state, track.since_us, track.pending, blips) == (UP, 300 * S, (), [])


def test_degraded_then_down_makes_two_changes_each_from_its_own_first_result() -> None:
    track, changes, _ = walk(seen(UP, DEGRADED, DOWN))
    assert starts(changes) == [(UP, 60), (DEGRADED, 120)]

    _, changes, blips = walk([result(240, DOWN)], track=track)
    assert starts(changes) == [(DOWN, 180)]
    assert changes[0].before == (120 * S, 120 * S)
    assert blips == []


def test_a_down_among_degraded_is_a_blip_of_its_own() -> None:
    _, changes, blips = walk(seen(UP, DOWN, DEGRADED, DEGRADED))

    assert starts(changes) == [(UP, 60), (DEGRADED, 120)]
    assert [(blip.state, blip.first[0], blip.probes) for blip in blips] == [(DOWN, 120 * S, 1)]


def test_an_opposite_result_ends_the_run_which_becomes_a_blip() -> None:
    _, changes, blips = walk(seen(UP, DOWN, UP, UP))

    assert starts(changes) == [(UP, 60)]
    edge = {at: Probed(at * S, at * S) for at in (60, 120, 180)}
    assert blips == [Blip(DOWN, FailureClass.TIMEOUT, edge[60], edge[120], edge[120], edge[180], 1)]


def test_recovery_waits_for_recover_results() -> None:
    _, changes, blips = walk(seen(UP, DOWN, DOWN, UP, DOWN, UP, UP), Rules(60 * S, 2, 2))

    assert starts(changes) == [(DOWN, 120), (UP, 360)]
    assert [(blip.state, blip.first[0]) for blip in blips] == [(UP, 60 * S), (UP, 240 * S)]


def test_silence_of_more_than_one_and_a_half_intervals_is_unknown_from_the_last_covered_instant() -> None:
    _, changes, _ = walk([result(0), result(90), result(180.001)])

    assert starts(changes) == [(UP, 0), (UNKNOWN, 150), (UP, 180.001)]
    assert changes[1].before == (90 * S, 90 * S)
    assert changes[2].before is None


def test_an_unconfirmed_run_before_a_gap_is_a_blip_and_is_not_up() -> None:
    _, changes, blips = walk([result(0), result(60, DOWN), result(600)])

    assert starts(changes) == [(UP, 0), (UNKNOWN, 120), (UP, 600)]
    assert changes[1].before == (0, 0)
    assert [(blip.state, blip.after) for blip in blips] == [(DOWN, None)]


def test_a_withdrawn_result_covers_nothing() -> None:
    track, *_ = walk([result(0)])

    assert step(track, result(60, UNKNOWN), MINUTE).track == track
    assert step(track, result(600, UNKNOWN), MINUTE).track == track


def test_silence_is_told_once_at_the_instant_that_was_foretold() -> None:
    rules = Rules(60 * S, patience_us=10 * S)
    track, *_ = walk([result(0, duration_us=S)], rules)
    due_us = silent_at_us(track, rules.patience_us)
    assert due_us == 61 * S + 30 * S + 10 * S + 1

    assert silence(track, due_us - 1, rules).changes == ()
    made = silence(track, due_us, rules)
    assert starts(made.changes) == [(UNKNOWN, 61)]
    assert silent_at_us(made.track, rules.patience_us) is None
    assert silence(made.track, due_us + 10**12, rules).changes == ()


def test_a_result_within_the_coverage_is_late_once_silence_was_told() -> None:
    track, *_ = walk([result(0)])
    silent = silence(track, 10**12, MINUTE).track

    assert fits(track, 60 * S)
    assert not fits(silent, 60 * S)
    assert not fits(track, 0)
    assert fits(silent, 90 * S + 1)


def test_a_pause_begins_after_the_last_probe_and_resuming_is_unknown() -> None:
    track, *_ = walk([result(0), result(60, DOWN)])

    made = interrupt(track, 30 * S, PAUSED)
    assert starts(made.changes) == [(PAUSED, 60.000001)]
    assert [blip.state for blip in made.blips] == [DOWN]
    assert interrupt(made.track, 70 * S, PAUSED).changes == ()
    assert step(made.track, result(100), MINUTE).track == made.track
    again = interrupt(made.track, 200 * S, UNKNOWN)
    assert starts(again.changes) == [(UNKNOWN, 200)]
    assert not fits(again.track, 199 * S)


def test_a_pause_after_silence_leaves_unknown_between() -> None:
    track, *_ = walk([result(0)])

    assert starts(interrupt(track, 90 * S, PAUSED).changes) == [(PAUSED, 90)]
    assert starts(interrupt(track, 91 * S, PAUSED).changes) == [(UNKNOWN, 60), (PAUSED, 91)]


# What may happen next: a result after some time, or an interruption.
_AFTER = st.one_of(
    st.sampled_from([1, 10, 30, 59, 60, 61, 89, 90]), st.integers(91, 400), st.sampled_from([45.5, 0.001])
)
_RESULT = st.tuples(
    _AFTER, st.sampled_from([UP, UP, UP, DOWN, DOWN, DEGRADED, UNKNOWN]), st.integers(0, 3 * S)
)
_RULES = st.builds(
    Rules, st.sampled_from([60 * S, 30 * S]), confirm=st.integers(1, 4), recover=st.integers(1, 4)
)


@settings(max_examples=400, deadline=None)
@given(
    parts=st.lists(st.tuples(_RULES, st.lists(_RESULT, max_size=12)), min_size=1, max_size=3),
    pauses=st.lists(st.tuples(st.integers(0, 2_000), st.integers(1, 300)), max_size=2),
    ended=st.booleans(),
)
def test_it_agrees_with_the_ledger_by_definition(
    parts: list[tuple[Rules, list[tuple[float, State, int]]]],
    pauses: list[tuple[int, int]],
    ended: bool,
) -> None:
    results: list[Result] = []
    revised: list[tuple[int, Rules]] = []
    at_ms = 0
    for rules, found in parts:
        revised.append((at_ms * 1_000 + 501, rules))
        for after_s, state, duration_us in found:
            at_ms += int(after_s * 1_000)
            results.append(result(at_ms / 1_000, state, duration_us, number=len(results)))
            at_ms += -(-duration_us // 1_000)  # at most one probe is in flight

    def rules_at(asked_us: int) -> Rules:
        return [rules for from_us, rules in revised if from_us <= asked_us or from_us == revised[0][0]][-1]

    track = opened(0)
    ledger = oracle.Ledger([oracle.Entry(UNKNOWN, 0)])
    blips: list[Blip] = []
    taken: list[tuple[int, int | None]] = []

    def note(made_track: Track, changes: Sequence[Change], ended_blips: Sequence[Blip]) -> Track:
        for change in changes:
            entry = oracle.Entry(change.state, change.start_us, cause=change.cause)
            entry.before, entry.first = change.before, change.first
            ledger.go_on(entry, change.before)
        blips.extend(ended_blips)
        return made_track

    stops = sorted((int(start_s * S), int((start_s + length_s) * S)) for start_s, length_s in pauses)
    stops = [stop for index, stop in enumerate(stops) if index == 0 or stops[index - 1][1] < stop[0]]
    for one in [*results, None]:
        while stops and (one is None or stops[0][0] <= one.asked_us):
            start_us, end_us = stops.pop(0)
            track = note(*interrupt(track, start_us, PAUSED))
            taken.append((track.since_us, end_us))
            track = note(*interrupt(track, end_us, UNKNOWN))
        if one is not None and one.asked_us >= track.floor_us:
            track = note(*step(track, one, rules_at(one.asked_us)))
    if ended:
        track = note(*silence(track, 10**15, MINUTE))

    expected = oracle.replay(results, rules_at, 0, pauses=taken, ended=ended)
    assert ledger.entries == expected.entries
    told = {
        oracle.Blip(one.first, one.last, one.state, one.probes, one.cause, one.before, one.after)
        for one in blips
    }
    assert len(told) == len(blips)
    assert told == expected.blips


@given(rules=_RULES, found=st.lists(_RESULT, max_size=12))
def test_a_result_of_the_same_state_takes_the_short_way_to_the_same_track(
    rules: Rules, found: list[tuple[float, State, int]]
) -> None:
    track, at_ms = opened(0), 0
    for number, (_, state, _) in enumerate(found):
        at_ms += (30_000, 60_000, 100_000)[number % 3]
        one = result(at_ms / 1_000, state, 1_500, number)
        made = step(track, one, rules)
        short = steady(track, one.asked_us, one.answered_us, rules.interval_us)
        if state is track.state:
            assert short is None or made == Step(short)
            plain = not track.pending and not track.silent and track.last is not None
            assert (short is not None) == (
                plain and state in (UP, DEGRADED, DOWN) and not gap(track, one.asked_us)
            )
        track = made.track

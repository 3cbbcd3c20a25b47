"""A heartbeat's states follow from its calls alone, however often it is looked at in between."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from trueup.domain import heartbeat
from trueup.domain.heartbeat import Call, Rules
from trueup.domain.result import State
from trueup.domain.state import Step, opened
from trueup.domain.text import Text

S = 1_000_000
PERIOD, GRACE = 60 * S, 10 * S
RULES = Rules(lambda at_us: at_us + PERIOD, GRACE)
calls = st.lists(
    st.tuples(st.integers(1, 300), st.sampled_from([State.UP, State.DEGRADED, State.DOWN])), max_size=12
)
Spans = list[tuple[State, int]]


def followed(gaps: Iterable[tuple[int, State]], looks: frozenset[int]) -> Spans:
    """Return the states with their starts, walking from call to call."""
    track, spans, now_us = opened(0), [(State.UNKNOWN, 0)], 0

    def apply(made: Step) -> None:
        nonlocal track
        track = made.track
        spans.extend((change.state, change.start_us) for change in made.changes)

    def wait(until_us: int) -> None:
        while (due := heartbeat.awaited(track, RULES)) is not None and until_us >= due.late_us:
            apply(heartbeat.miss(track, due, Text("late.call"), RULES, 0))

    for number, (gap_s, state) in enumerate(gaps):
        if number in looks:
            wait(now_us + gap_s * S // 2)
        now_us += gap_s * S
        wait(now_us)
        apply(heartbeat.end(track, Call(now_us, now_us, state), RULES))
    wait(now_us + 1000 * S)
    return spans


def expected(gaps: Iterable[tuple[int, State]]) -> Spans:
    """Return the same, told by the words of the documentation alone."""
    spans, last_us, now = [(State.UNKNOWN, 0)], 0, State.UNKNOWN

    def become(state: State, at_us: int) -> None:
        nonlocal now
        if state is not now:
            spans.append((state, at_us))
            now = state

    for gap_s, state in gaps:
        at_us = last_us + gap_s * S
        if at_us > last_us + PERIOD + GRACE:
            become(State.DOWN, last_us + PERIOD)
        become(state, at_us)
        last_us = at_us
    become(State.DOWN, last_us + PERIOD)
    return spans


@given(calls, st.frozensets(st.integers(0, 11)))
def test_states_are_those_of_the_calls_and_of_the_due_instants_without_one(
    gaps: list[tuple[int, State]], looks: frozenset[int]
) -> None:
    assert followed(gaps, looks) == expected(gaps)


def test_many_runs_are_not_remembered_for_ever() -> None:
    track = opened(0)
    for number in range(100):
        track = heartbeat.begin(track, number + 1, f"run-{number}", RULES).track

    assert len(heartbeat.runs(track)) == heartbeat.MOST_RUNS


def test_nothing_is_waited_for_while_it_is_paused() -> None:
    track = heartbeat.begin(opened(0), S, "", RULES).track

    paused = heartbeat.stop(track, 2 * S, State.PAUSED)

    assert heartbeat.awaited(paused.track, RULES) is None
    assert not paused.blips
    assert heartbeat.stop(paused.track, 3 * S, State.PAUSED).changes == ()


@given(st.integers(0, 119 * 60), st.integers(0, 30))
def test_what_was_due_while_no_call_could_be_heard_is_settled_once(until_s: int, grace_min: int) -> None:
    hourly = Rules(lambda at_us: (at_us // (3600 * S) + 1) * 3600 * S, grace_min * 60 * S)
    track = opened(0)
    due = heartbeat.awaited(track, hourly)
    assert due is not None

    # Its schedule names the same instant again to whoever asks from before it.
    track = heartbeat.unheard(track, due.at_us, until_s * S, hourly).track

    following = heartbeat.awaited(track, hourly)
    assert following is not None
    assert following.at_us > max(due.at_us, until_s * S)
    assert (track.state, track.since_us) == (State.UNKNOWN, 0)

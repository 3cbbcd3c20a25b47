"""What calls, and their absence, make of a heartbeat.

A heartbeat waits to be called. Each call, good or bad, says when the next one is due; one that has not
come by then, and not within the grace either, is late, and the state is down from the due instant on. A run
that was begun is waited for instead: until its limit, or until the due instant after its start.

The track is that of any series (``domain.state``): it is covered up to the due instant, ``last`` is the
last call or missed due instant, and ``pending`` holds the runs that have begun and not ended.
Everything here is pure: instants are integer microseconds UTC and are passed in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from trueup.domain.result import FailureClass, State
from trueup.domain.state import Change, Seen, Step, Track, interrupt
from trueup.domain.text import Text
from trueup.domain.timeline import Probed

MILLISECOND_US = 1_000  # calls count in whole ones, so that every stored form holds them exactly
MOST_RUNS = 20  # that are remembered; of more the oldest are forgotten
_BLIND = (State.UNKNOWN, State.PAUSED)
_RUN = "heartbeat.run"


class Rules(NamedTuple):
    """What a check's revision says about its calls."""

    after: Callable[[int], int]  # the due instant that follows an instant
    grace_us: int
    limit_us: int | None = None  # how long a run may take
    since_us: int = 0  # from when on they hold: nothing is due before they were known


class Due(NamedTuple):
    """What is waited for: a call, or the end of a run."""

    at_us: int
    grace_us: int
    begun_us: int | None = None  # when the run began that should have ended

    @property
    def late_us(self) -> int:
        """Return the first instant at which it is late."""
        return self.at_us + self.grace_us + 1


class Call(NamedTuple):
    """The end of a run as it was judged, or a call without a start: then both instants are one."""

    begun_us: int
    at_us: int
    state: State  # up, degraded or down
    cause: FailureClass | None = None
    text: Text | None = None
    run: str = ""


def awaited(track: Track, rules: Rules) -> Due | None:
    """Return what is waited for next; None while it is paused."""
    if track.state is State.PAUSED:
        return None
    heard_us = track.floor_us if track.last is None else track.last.answered_us
    runs = [seen.asked_us for seen in track.pending if seen.asked_us > heard_us]
    if runs:
        return min((_end(begun_us, rules) for begun_us in runs), key=_late_us)
    return Due(_due_us(max(heard_us, rules.since_us), rules), rules.grace_us)


def runs(track: Track) -> dict[str, int]:
    """Return the runs that have begun and not ended, by their names: when each began."""
    return {_name(seen): seen.asked_us for seen in track.pending}


def begin(track: Track, at_us: int, run: str, rules: Rules) -> Step:
    """Return what the start of a run makes of a track: its state is that of the run's end."""
    seen = Seen(at_us, at_us, State.UP, None, Text(_RUN, {"run": run}))
    others = tuple(one for one in track.pending if _name(one) != run)
    return Step(_covered(track._replace(pending=(*others, seen)[-MOST_RUNS:]), rules))


def end(track: Track, call: Call, rules: Rules) -> Step:
    """Return what a call makes of a track: its state holds at once, from the call on."""
    probed = Probed(call.begun_us, call.at_us)
    pending = tuple(one for one in track.pending if _name(one) != call.run)
    heard = track._replace(last=probed, steady=probed, pending=pending)
    if call.state is track.state:
        return Step(_covered(heard, rules))
    change = Change(call.state, call.at_us, _before(track), probed, call.cause, call.text)
    return Step(_covered(heard._replace(state=call.state, since_us=call.at_us), rules), (change,))


def miss(track: Track, due: Due, text: Text, rules: Rules, patience_us: int) -> Step:
    """Return what a due instant without a call makes of a track: down from that instant on.

    While it is late it stays known to be, up to the instant at which the next one is decided.
    """
    probed = Probed(due.at_us, due.at_us)
    missed = track._replace(state=State.DOWN, last=probed, steady=probed)
    following = awaited(missed, rules)
    assert following is not None, "it is down, and not paused"
    missed = missed._replace(covered_until_us=following.late_us + patience_us)
    if track.state is State.DOWN:
        return Step(missed)
    start_us = max(due.at_us, track.since_us)
    change = Change(State.DOWN, start_us, _before(track), probed, FailureClass.LATE, text)
    return Step(missed._replace(since_us=start_us), (change,))


def unheard(track: Track, from_us: int, until_us: int, rules: Rules) -> Step:
    """Return a track of which nothing is known from an instant on, since no call could be heard.

    What is due next counts from ``until_us``, when calls could be heard again, and not from before
    ``from_us``: what was due there is settled.
    """
    floor_us = max(until_us, from_us, track.since_us)
    start_us = track.since_us if track.state is State.UNKNOWN else max(from_us, track.since_us)
    deaf = Track(State.UNKNOWN, start_us, start_us, floor_us)
    if track.state is State.UNKNOWN:
        return Step(_covered(deaf, rules))
    return Step(_covered(deaf, rules), (Change(State.UNKNOWN, start_us, _before(track)),))


def stop(track: Track, at_us: int, state: State) -> Step:
    """Return a track that people paused or resumed at an instant; no run goes on across that."""
    made = interrupt(track._replace(pending=()), at_us, state)
    return Step(track) if not made.changes else made


def _due_us(after_us: int, rules: Rules) -> int:
    at_us = rules.after(after_us)
    return at_us - at_us % MILLISECOND_US


def _end(begun_us: int, rules: Rules) -> Due:
    if rules.limit_us is not None:
        return Due(begun_us + rules.limit_us, 0, begun_us)
    return Due(_due_us(max(begun_us, rules.since_us), rules), rules.grace_us, begun_us)


def _late_us(due: Due) -> int:
    return due.late_us


def _name(seen: Seen) -> str:
    return str(seen.text.params.get("run", "")) if seen.text is not None else ""


def _before(track: Track) -> Probed | None:
    return None if track.state in _BLIND else track.steady


def _covered(track: Track, rules: Rules) -> Track:
    """Return a track that is covered up to what is waited for."""
    due = awaited(track, rules)
    return track if due is None else track._replace(covered_until_us=due.at_us)

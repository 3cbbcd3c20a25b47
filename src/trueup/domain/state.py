"""What a series is, result by result: confirmation, backdating, coverage and silence.

Two questions are asked of every result, each with a memory of its own: *is it degraded or worse?* and
*is it down?* An answer turns when it has come ``confirm`` times in a row (to worse) or ``recover`` times
(to better), and then holds from the first of that run. The state is what both answers amount to. A run
that ended before it was confirmed is a blip.

Everything here is pure: instants are integer microseconds UTC and are passed in.
"""

from __future__ import annotations

from typing import NamedTuple

from trueup.domain.result import FailureClass, Result, State
from trueup.domain.text import Text
from trueup.domain.timeline import Probed

_LEVEL = {State.UP: 0, State.DEGRADED: 1, State.DOWN: 2}
_BY_LEVEL = (State.UP, State.DEGRADED, State.DOWN)
_BLIND = (State.UNKNOWN, State.PAUSED)


class Seen(NamedTuple):
    """One result of a run that is not confirmed yet."""

    asked_us: int
    answered_us: int
    state: State
    cause: FailureClass | None = None
    text: Text | None = None

    @property
    def probed(self) -> Probed:
        """Return its two instants."""
        return Probed(self.asked_us, self.answered_us)


class Rules(NamedTuple):
    """What a check's revision says about its states."""

    interval_us: int
    confirm: int = 2
    recover: int = 1
    patience_us: int = 0  # how much later than it was asked a result may still arrive


class Track(NamedTuple):
    """Where one series stands: all that the next step has to know."""

    state: State
    since_us: int  # the start of the open entry
    covered_until_us: int  # the last answer plus its interval; ``since_us`` without one
    floor_us: int  # probes asked before this instant do not count: creation, or the last pause or resume
    last: Probed | None = None  # the last probe that counted since the floor
    steady: Probed | None = None  # the probe before ``pending``: in a known state the last one of that state
    pending: tuple[Seen, ...] = ()
    silent: bool = False  # coverage has run out, and that is told


class Change(NamedTuple):
    """The open entry ends and a new one begins at the same instant.

    ``before`` is probe c of the old entry and a of the new, ``first`` is d of the old and b of the new.
    """

    state: State
    start_us: int
    before: Probed | None = None
    first: Probed | None = None
    cause: FailureClass | None = None
    text: Text | None = None


class Blip(NamedTuple):
    """A run that was never confirmed; ``state`` is what it would have become."""

    state: State
    cause: FailureClass | None
    before: Probed | None
    first: Probed
    last: Probed
    after: Probed | None  # None: silence or a pause ended it
    probes: int


class Step(NamedTuple):
    """What one result, a silence or an interruption made of a track."""

    track: Track
    changes: tuple[Change, ...] = ()
    blips: tuple[Blip, ...] = ()


def opened(at_us: int, state: State = State.UNKNOWN) -> Track:
    """Return the track of a series whose ledger begins at an instant."""
    return Track(state, at_us, at_us, at_us)


def fits(track: Track, asked_us: int) -> bool:
    """Return whether a probe asked at this instant may be taken by ``step``: it comes after all it knows.

    One that does not is late: it may change what is written, so the ledger is made again from there.
    """
    last = track.last
    if last is None:
        return asked_us >= track.floor_us
    if asked_us <= last[0]:
        return False
    return not track.silent or gap(track, asked_us)


def gap(track: Track, asked_us: int) -> bool:
    """Return whether a probe asked at an instant comes more than half an interval after the coverage."""
    if track.last is None:
        return False
    covered_us = track.covered_until_us
    return 2 * (asked_us - covered_us) > covered_us - track.last.answered_us


def steady(track: Track, asked_us: int, answered_us: int, interval_us: int) -> Track | None:
    """Return the track after one more probe of its own state; None where that may be more than that.

    It is what ``step`` makes of such a result, which is nearly every one.
    """
    state, since_us, covered_us, floor_us, last, _, pending, silent = track
    if pending or silent or last is None or state in _BLIND or asked_us <= last[0]:
        return None
    if 2 * (asked_us - covered_us) > covered_us - last[1]:
        return None
    probed = Probed(asked_us, answered_us)
    return Track(state, since_us, answered_us + interval_us, floor_us, probed, probed)


def step(track: Track, result: Result, rules: Rules) -> Step:
    """Return what a result makes of a track; the rules are those valid when it was asked.

    A withdrawn result, and any result while paused, changes nothing. ``fits`` must hold.
    """
    state, since_us, covered_us, floor_us, last, _, pending, _ = track
    asked_us = result.asked_us
    answered_us = asked_us + result.duration_us
    if last is not None and 2 * (asked_us - covered_us) > covered_us - last[1]:
        if result.state in _BLIND:
            return Step(track)
        lapsed = _lapse(track)
        after = _further(lapsed.track, result, rules)
        return Step(after.track, lapsed.changes + after.changes, lapsed.blips + after.blips)
    if result.state is state and not pending:
        if state in _BLIND:
            return Step(track)
        probed = Probed(asked_us, answered_us)
        return Step(Track(state, since_us, answered_us + rules.interval_us, floor_us, probed, probed))
    if state is State.PAUSED or result.state in _BLIND:
        return Step(track)
    return _further(track, result, rules)


def silent_at_us(track: Track, patience_us: int) -> int | None:
    """Return the first instant at which ``silence`` would act; None when only a result can change it."""
    if track.last is None or track.silent or (track.state in _BLIND and not track.pending):
        return None
    half = (track.covered_until_us - track.last.answered_us) // 2
    return track.covered_until_us + half + patience_us + 1


def silence(track: Track, now_us: int, rules: Rules) -> Step:
    """Return what the passing of time makes of a track: unknown from where its coverage ended."""
    due_us = silent_at_us(track, rules.patience_us)
    return Step(track) if due_us is None or now_us < due_us else _lapse(track)


def interrupt(track: Track, at_us: int, state: State) -> Step:
    """Return a track that people paused (or archived: ``PAUSED``) or resumed (``UNKNOWN``) at an instant.

    It takes effect after the last probe that counted, and a pause lasts at least a microsecond. Doing it
    twice changes nothing.
    """
    if (state is State.PAUSED) == (track.state is State.PAUSED):
        return Step(track)
    at_us = max(at_us, track.since_us + (state is not State.PAUSED))
    if track.last is not None:
        at_us = max(at_us, track.last.asked_us + 1)
    lapsed = _lapse(track) if track.last is not None and gap(track, at_us) else Step(track)
    blips = lapsed.blips + _ended(lapsed.track, None, None)
    change = Change(state, at_us, before=_last_of(lapsed.track))
    return Step(opened(at_us, state), (*lapsed.changes, change), blips)


def _lapse(track: Track) -> Step:
    """End the coverage: unknown from its last instant; a run not confirmed is a blip."""
    blips = _ended(track, None, None)
    covered_us = track.covered_until_us
    lapsed = track._replace(steady=None, pending=(), silent=True)
    if track.state in _BLIND:
        return Step(lapsed, (), blips)
    change = Change(State.UNKNOWN, covered_us, before=track.steady)
    return Step(lapsed._replace(state=State.UNKNOWN, since_us=covered_us), (change,), blips)


def _last_of(track: Track) -> Probed | None:
    """Return the last probe of the state, None of a state that no probe tells."""
    return None if track.state in _BLIND else track.steady


def _answers(state: State) -> tuple[bool | None, bool]:
    """Return the confirmed answers to the two questions; of the unknown, only "not down"."""
    level = _LEVEL.get(state)
    return (None, False) if level is None else (level >= 1, level >= 2)


def _run(pending: tuple[Seen, ...], level: int, answer: bool | None) -> int:
    """Return how many results at the end of ``pending`` contradict the answer to one question."""
    if not pending:
        return 0
    if answer is None:
        answer = _LEVEL[pending[-1].state] < level
    count = 0
    for seen in reversed(pending):
        if (_LEVEL[seen.state] >= level) is answer:
            break
        count += 1
    return count


def _further(track: Track, result: Result, rules: Rules) -> Step:
    """Take in one result that is not plain: it begins, extends, confirms or ends a run."""
    detail = result.detail
    text = detail.text if detail is not None else None
    asked_us, state = result.asked_us, result.state
    seen = Seen(asked_us, asked_us + result.duration_us, state, result.cause, text)
    for one in track.pending:
        if one.state is not state:
            return _advance(track, seen, rules)
    return _alike(track, seen, rules) if state is not track.state else _advance(track, seen, rules)


def _alike(track: Track, seen: Seen, rules: Rules) -> Step:
    """Take in a result that differs from the state, all that is pending being like it: nearly always so.

    Both questions then have the same run, so that there is one change at most and never a blip.
    """
    pending = (*track.pending, seen)
    state = track.state
    worse = _LEVEL[seen.state] > _LEVEL.get(state, 0)
    covered_us = seen.answered_us + rules.interval_us
    probed = seen.probed
    if len(pending) < (rules.confirm if worse else rules.recover):
        return Step(Track(state, track.since_us, covered_us, track.floor_us, probed, track.steady, pending))
    first = pending[0]
    before = None if state is State.UNKNOWN else track.steady  # no probe is ever one of the unknown
    change = Change(seen.state, first.asked_us, before, first.probed, first.cause, first.text)
    return Step(Track(seen.state, first.asked_us, covered_us, track.floor_us, probed, probed), (change,))


def _advance(track: Track, seen: Seen, rules: Rules) -> Step:
    """Take in a result where results of several kinds are pending: both questions are asked of all."""
    blips = _ended(track, seen.state, seen.probed)
    every = (*track.pending, seen)
    answers = list(_answers(track.state))
    flips: dict[int, list[int]] = {}  # where in ``every`` a run that is now confirmed begins
    for level in (1, 2):
        run = _run(every, level, answers[level - 1])
        worse = _LEVEL[seen.state] >= level
        if run and run >= (rules.confirm if worse else rules.recover):
            flips.setdefault(len(every) - run, []).append(level)
    changes: list[Change] = []
    for start in sorted(flips):
        for level in flips[start]:
            answers[level - 1] = _LEVEL[seen.state] >= level
        now_is = _BY_LEVEL[bool(answers[0]) + bool(answers[1])]
        changes.append(_change(track, every, start, now_is, first=not changes))
    state = changes[-1].state if changes else track.state
    since_us = changes[-1].start_us if changes else track.since_us
    now = _settled(track, state, since_us, every)
    return Step(now._replace(covered_until_us=seen.answered_us + rules.interval_us), tuple(changes), blips)


def _settled(track: Track, state: State, since_us: int, every: tuple[Seen, ...]) -> Track:
    """Return the track with what still contradicts its state pending, and the probe before that steady."""
    one, two = _answers(state)
    left = max(_run(every, 1, one), _run(every, 2, two))
    steady = every[len(every) - left - 1].probed if left < len(every) else track.steady
    pending = every[len(every) - left :]
    return Track(state, since_us, 0, track.floor_us, every[-1].probed, steady, pending)


def _change(track: Track, every: tuple[Seen, ...], start: int, state: State, *, first: bool) -> Change:
    """Describe the change to a state whose confirmed run begins at an index of ``every``."""
    one = every[start]
    before = every[start - 1].probed if start else track.steady
    if first and track.state is State.UNKNOWN:
        before = None  # no probe is ever one of the unknown
    return Change(state, one.asked_us, before, one.probed, one.cause, one.text)


def _ended(track: Track, state: State | None, after: Probed | None) -> tuple[Blip, ...]:
    """Return the runs that a result of some state ends before they were confirmed; None ends all."""
    pending = track.pending
    if not pending:
        return ()
    ends: dict[int, State] = {}  # the length of a run: what it would have become
    for level, answer in zip((1, 2), _answers(track.state), strict=True):
        run = _run(pending, level, answer)
        worse = _LEVEL[pending[-1].state] >= level
        if not run or (state is not None and (_LEVEL[state] >= level) is worse):
            continue
        if worse:
            ends[run] = _BY_LEVEL[level]  # the second question is the farther one from up
        else:
            ends.setdefault(run, _BY_LEVEL[level - 1])  # and the first the farther one from down
    return tuple(_blip(track, len(pending) - run, ends[run], after) for run in sorted(ends, reverse=True))


def _blip(track: Track, start: int, state: State, after: Probed | None) -> Blip:
    """Describe the run that begins at an index of the pending one."""
    first, last = track.pending[start], track.pending[-1]
    before = track.pending[start - 1].probed if start else track.steady
    probes = len(track.pending) - start
    return Blip(state, first.cause, before, first.probed, last.probed, after, probes)

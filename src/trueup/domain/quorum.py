"""Several voices, one state: strong Kleene logic, in which what is not known stays not known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from trueup.domain.result import State


class Stretch(NamedTuple):
    """A state from one instant to another, microseconds UTC, half-open."""

    start_us: int
    end_us: int
    state: State


def threshold(voices: Sequence[State], needed: int) -> State:
    """Return what the voices say together when ``needed`` of them make it down.

    Down when enough are down; unknown when the unknown ones could make it so; else degraded when
    any is down or degraded; else up. Paused voices say nothing: those who call leave them out.
    """
    down = voices.count(State.DOWN)
    if down >= needed:
        return State.DOWN
    if down + voices.count(State.UNKNOWN) >= needed:
        return State.UNKNOWN
    return State.DEGRADED if down or State.DEGRADED in voices else State.UP


def verdict(states: Sequence[State], k: int) -> State:
    """Return the verdict of the regions on one check: down when ``k`` of them say so.

    A paused region has no voice, and fewer voices than ``k`` must all agree. All paused is paused,
    none at all is unknown.

    Raises:
        ValueError: ``k`` is not at least 1.
    """
    if k < 1:
        raise ValueError(f"a quorum of {k} decides nothing: it must be at least 1.")
    voices = [state for state in states if state is not State.PAUSED]
    if not voices:
        return State.PAUSED if states else State.UNKNOWN
    return threshold(voices, min(k, len(voices)))


def timeline(timelines: Sequence[Iterable[Stretch]], k: int) -> list[Stretch]:
    """Return the verdict at every instant that any of the regions' timelines covers.

    Each timeline is in order and without overlaps. Where one has nothing to say while another
    has, it is unknown. Neighbours of one state become one stretch.

    Raises:
        ValueError: ``k`` is not at least 1.
    """
    changes = sorted(_changes(timelines))
    states: list[State | None] = [None] * len(timelines)
    merged: list[Stretch] = []
    for position, (at_us, _, voice, state) in enumerate(changes):
        states[voice] = state
        until_us = changes[position + 1][0] if position + 1 < len(changes) else at_us
        if until_us > at_us and any(states):
            said = [voice_state or State.UNKNOWN for voice_state in states]
            _append(merged, Stretch(at_us, until_us, verdict(said, k)))
    return merged


def _changes(timelines: Sequence[Iterable[Stretch]]) -> Iterator[tuple[int, int, int, State | None]]:
    for voice, stretches in enumerate(timelines):
        for start_us, end_us, state in stretches:
            if end_us > start_us:
                yield start_us, 1, voice, state
                yield end_us, 0, voice, None  # before a start at the same instant


def _append(merged: list[Stretch], stretch: Stretch) -> None:
    if merged and merged[-1].end_us == stretch.start_us and merged[-1].state is stretch.state:
        stretch = Stretch(merged.pop().start_us, stretch.end_us, stretch.state)
    merged.append(stretch)

"""From the states of checks to what a component, and the whole, is called."""

from __future__ import annotations

from collections.abc import Sequence

from trueup.domain import quorum
from trueup.domain.result import State

MAINTENANCE = "maintenance"  # an overlay on a component's state, never an entry of a ledger

OVERALL = ("operational", "degraded", "partial_outage", "major_outage", "maintenance", "unknown")


def needed(down_when: str, checks: int) -> int:
    """Return how many of ``checks`` must be down: ``any`` is 1, ``all`` all, a number at most all.

    Raises:
        ValueError: It is none of these.
    """
    if down_when == "any":
        return 1
    if down_when == "all":
        return checks
    if not (down_when.isascii() and down_when.isdecimal() and int(down_when) > 0):
        raise ValueError(f"down_when is {down_when!r}: write any, all or a number from 1 on.")
    return min(int(down_when), checks)


def component_state(states: Sequence[State], down_when: str = "any") -> State:
    """Return the state of a component from those of its checks that count.

    Down when as many as ``down_when`` says are down, unknown when unknown ones could make it so,
    else degraded when any is down or degraded. A paused check has no voice; all paused is paused;
    no check at all is unknown.

    Raises:
        ValueError: ``down_when`` is not ``any``, ``all`` or a number.
    """
    return quorum.verdict(states, max(needed(down_when, len(states)), 1))


def overall(statuses: Sequence[str]) -> str:
    """Return one name of ``OVERALL`` for the statuses of all components.

    A status is a state or ``maintenance``. Worst first: every watched component down is a major
    outage, some down a partial one, then degraded; then unknown, since nobody may call operational
    what nobody knows; then maintenance. Paused ones have no voice; if none is left, it is unknown.
    """
    voices = [status for status in statuses if status != State.PAUSED]
    watched = [status for status in voices if status != MAINTENANCE]
    if State.DOWN in watched:
        return "partial_outage" if set(watched) != {State.DOWN} else "major_outage"
    if State.DEGRADED in watched:
        return "degraded"
    if State.UNKNOWN in watched or not voices:
        return "unknown"
    return "maintenance" if MAINTENANCE in voices else "operational"

"""The sentence at the top of the page, and the notice below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from trueup.domain.result import State
from trueup.domain.status import MAINTENANCE
from trueup.figures.component import Component
from trueup.figures.view import View
from trueup.pages.moment import SiteClock
from trueup.pages.row import plain_name

_NAMED = 2  # so many components are named, more are counted
_IN = {MAINTENANCE: "in maintenance"}


class Answer(NamedTuple):
    """The state that colours the page, its sentence, and what else is to be said."""

    state: str
    sentence: str
    detail: str = ""


def answer(view: View) -> Answer:
    """Return the answer to the question that people come with."""
    planned = [each for each in view.components if each.maintenance is not None]
    watched = [
        each for each in view.components if each.state is not State.PAUSED and each.maintenance is None
    ]
    if not view.components:
        return Answer(State.UNKNOWN, "Nothing is watched yet.")
    if not watched and planned:
        names = "Everything" if len(planned) > 1 else plain_name(planned[0].name)
        return Answer(MAINTENANCE, f"{names} is in maintenance.")
    if not watched:
        return Answer(State.PAUSED, "Everything is paused.")
    for state in (State.DOWN, State.DEGRADED, State.UNKNOWN):
        hit = [each for each in watched if each.state is state]
        if hit:
            return Answer(state, _sentence(state, hit, watched), _others(view.components, state))
    return Answer(State.UP, "Everything is up.", _others(view.components, State.UP))


def notice(view: View, clock: SiteClock) -> str:
    """Return what is wrong with the watching itself; empty when nothing is."""
    if view.engine.alive or not view.components:
        return ""
    if view.engine.seen_us is None:
        return "Nobody is measuring: the engine has never run. It starts with trueup up."
    since = clock.moment(view.engine.seen_us).text
    return f"Nobody is measuring: the engine has been silent since {since}. What came after is not known."


def _sentence(state: State, hit: Sequence[Component], watched: Sequence[Component]) -> str:
    if len(hit) == len(watched) > 1:
        return "Nothing is known right now." if state is State.UNKNOWN else f"Everything is {state}."
    if len(hit) > _NAMED:
        return f"{len(hit)} of {len(watched)} components are {state}."
    names = " and ".join(plain_name(each.name) for each in hit)
    return f"{names} {'is' if len(hit) == 1 else 'are'} {state}."


def _others(components: Sequence[Component], told: State) -> str:
    """Return how many components are in each other state that is not up."""
    statuses = [each.status for each in components]
    counts = {status: statuses.count(status) for status in (*State, MAINTENANCE)}
    told_of = (told, State.UP)
    parts = [
        f"{count} {_IN.get(name, name)}" for name, count in counts.items() if count and name not in told_of
    ]
    return ", ".join(parts)

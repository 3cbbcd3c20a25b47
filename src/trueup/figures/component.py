"""One component as the public sees it: its state, since when, its last answer, its days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar, cast

from trueup.domain.interval import Spans
from trueup.domain.outage import Outage
from trueup.domain.quorum import Stretch
from trueup.domain.result import State
from trueup.domain.sla import Tally
from trueup.domain.status import MAINTENANCE, component_state
from trueup.figures.days import Days
from trueup.figures.history import History
from trueup.figures.outages import outages, stretches
from trueup.figures.past import Past
from trueup.store.read.component import ComponentRow
from trueup.store.read.maintenance import Current
from trueup.store.read.pauses import Pause
from trueup.store.read.timeline import Standing

_LATELY = 400  # records of a check that are searched for outages: a flapping one has too many to show
Made = TypeVar("Made")
_BLIND = (State.UNKNOWN, State.PAUSED)


class Answer(NamedTuple):
    """The last good answer of the slowest check: when it was complete and how long it took."""

    at_us: int
    latency_us: int


class Component:
    """The read model of one component; ``refresh`` brings it up to an instant."""

    def __init__(self, row: ComponentRow, history: History, days: Days) -> None:
        """Begin without figures."""
        self.row = row
        self.public_id = row.public_id
        self.slug = row.slug
        self.name = row.name
        self.description = row.description
        self.created_us = row.created_us
        self.state = State.UNKNOWN
        self.since_us: int | None = None
        self.answer: Answer | None = None
        self.outages: list[Outage] = []
        self.is_called = False  # by jobs: nothing of it is asked
        self.due_us: int | None = None  # the next call, where it is called and nothing is late
        self.pause: Pause | None = None  # as people entered it
        self.maintenance: Current | None = None  # that goes on
        # Since when it is watched; None: no check that counts has been asked to.
        self.watched_us = min((voice.since_us for voice in row.voices), default=None)
        self._history = history
        self._past = Past(row, history, days)
        self._stretches: list[Stretch] | None = None
        self._kept_for: Sequence[Tally] | None = None
        self._kept: dict[str, object] = {}
        self.as_of_us = 0

    def refresh(self, now_us: int, changed_us: int | None) -> None:
        """Read where its checks stand; ``changed_us`` says from where on their history is another."""
        present = [voice for voice in self.row.voices if voice.until_us is None or voice.until_us > now_us]
        standings = [self._history.verdict(voice) for voice in present]
        # Between two probes the newest may be on its way: figures end where the last one's cover does.
        self.as_of_us = min((as_of_us(standing, now_us) for standing in standings), default=now_us)
        known = min((known_us(standing, now_us) for standing in standings), default=now_us)
        self._past.refresh(self.as_of_us, known, changed_us)
        states = [_state(standing, now_us) for standing in standings]
        self.state = component_state(states, self.row.down_when) if states else State.UNKNOWN
        self.answer = self._answer()
        self.due_us = self._due(standings, now_us) if self.is_called else None
        self._refresh_stretches(changed=changed_us is not None)

    @property
    def start_us(self) -> int:
        """Return since when there may be figures of it."""
        return self.created_us if self.watched_us is None else self.watched_us

    @property
    def status(self) -> str:
        """Return what the public is told it is: its state, or ``maintenance`` while some goes on."""
        return self.state if self.maintenance is None else MAINTENANCE

    @property
    def status_since_us(self) -> int | None:
        """Return since when it has that status; None if nothing has been recorded."""
        return self.since_us if self.maintenance is None else self.maintenance.start_us

    def plan(self, maintenance: Spans) -> int | None:
        """Take what was planned for it; return from when on its figures are others, None if they are not."""
        before, self._past.maintenance = self._past.maintenance, maintenance
        other = (before - maintenance) | (maintenance - before)
        return other.pairs[0][0] if other else None

    @property
    def today(self) -> Tally:
        """Return today as far as it has passed."""
        return self._past.today

    def closed(self, name: str, make: Callable[[Sequence[Tally]], Made]) -> Made:
        """Return what ``make`` makes of the days that are over; kept by name until one of them changes."""
        if self._kept_for is not self._past.closed:
            self._kept_for, self._kept = self._past.closed, {}
        if name not in self._kept:
            self._kept[name] = make(self._past.closed)
        return cast("Made", self._kept[name])

    def over(self, length_us: int) -> Tally:
        """Return the window of a length that ends now."""
        return self._past.over(length_us)

    def _refresh_stretches(self, *, changed: bool) -> None:
        parts = self._stretches
        if parts and not changed and parts[-1].state is self.state:
            parts[-1] = parts[-1]._replace(end_us=self.as_of_us)
        else:
            parts = self._read_stretches()
        if parts is not self._stretches or self.state is State.DOWN:
            self.outages = self._find_outages(parts)
        self._stretches = parts
        self.since_us = parts[-1].start_us if parts and parts[-1].state is self.state else None

    def _read_stretches(self) -> list[Stretch]:
        voices = self.row.voices
        start_us = self._history.begin_us(voices, _LATELY)
        if start_us is None:
            return []
        checks = [self._history.near(voice, start_us, self.as_of_us) for voice in voices]
        return stretches(checks, start_us, self.as_of_us, self.row.down_when)

    def _find_outages(self, parts: Sequence[Stretch]) -> list[Outage]:
        if not parts:
            return []
        checks = [self._history.near(voice, parts[0].start_us, self.as_of_us) for voice in self.row.voices]
        return outages(checks, parts, self.as_of_us)

    def _due(self, standings: Sequence[Standing | None], now_us: int) -> int | None:
        if self.state not in (State.UP, State.DEGRADED):
            return None
        dues = (each.covered_until_us for each in standings if each is not None)
        return min((due_us for due_us in dues if due_us > now_us), default=None)

    def _answer(self) -> Answer | None:
        found: Answer | None = None
        for voice in self.row.voices:
            if voice.until_us is None:
                newest = max(filter(None, map(self._good, voice.series)), default=None)
                if newest is not None and (found is None or newest.latency_us > found.latency_us):
                    found = newest
        return found

    def _good(self, series: int) -> Answer | None:
        standing = self._history.standing(series)
        if standing is None or standing.good_us is None or standing.good_latency_us is None:
            return None
        return Answer(standing.good_us, standing.good_latency_us)


def _lapsed(standing: Standing, now_us: int) -> bool:
    """Tell whether coverage has run out although the ledger does not say so yet."""
    if standing.state in _BLIND or standing.silent_at_us is None:
        return False
    return now_us >= standing.silent_at_us


def _state(standing: Standing | None, now_us: int) -> State:
    return State.UNKNOWN if standing is None or _lapsed(standing, now_us) else standing.state


def as_of_us(standing: Standing | None, now_us: int) -> int:
    """Return where figures end: where coverage does, or now if that has run out."""
    if standing is None or _lapsed(standing, now_us):
        return now_us
    return min(now_us, known_us(standing, now_us))


def known_us(standing: Standing | None, now_us: int) -> int:
    """Return what cannot change without a word in the ledger: results that come late lengthen coverage."""
    if standing is None or standing.state in _BLIND:
        return now_us
    return standing.covered_until_us

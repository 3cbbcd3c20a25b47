"""Everything that is watched, at one revision; what one audience of it sees is a ``View``."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from trueup.domain.interval import NEVER, Span, Spans
from trueup.domain.status import overall
from trueup.figures import engine
from trueup.figures.component import Component
from trueup.figures.days import Days, days
from trueup.figures.engine import EngineHealth
from trueup.figures.history import History
from trueup.figures.sla.book import Book
from trueup.figures.told import Told
from trueup.probes.awaited import awaited_kinds
from trueup.store.read import component, maintenance, pauses
from trueup.store.read.component import ComponentRow, SiteRow, Voice
from trueup.store.read.position import Position

DAYS = 90  # that are shown
_KEPT = DAYS + 2  # a window of 90 days begins in the day before them, or two where the clocks change


@dataclass(frozen=True, slots=True)
class Page:
    """One revision of the whole installation: no document shows it, each shows a ``View`` of it."""

    site: SiteRow
    zone: ZoneInfo
    as_of_us: int  # the instant of the revision
    days: Days
    overall: str  # a name of ``domain.status.OVERALL``
    components: tuple[Component, ...]
    engine: EngineHealth
    book: Book  # what contracts come to at the same instant; reads when it is asked
    told: Told  # what people say of it; reads when it is asked


class PageReader:
    """Reads the page from the store again and again, keeping what cannot have changed."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._config: int | None = None
        self._site = SiteRow("", "", "UTC")
        self._zone = ZoneInfo("UTC")
        self._rows: list[ComponentRow] = []
        self._called: set[str] = set()
        self._days: Days | None = None
        self._history = History()
        self._components: list[Component] = []
        self._planned: dict[int, Spans] = {}
        self._planned_at: tuple[int, int, Span] | None = None
        self._book = Book()
        self._told = Told()

    def read(self, now_us: int, at: Position) -> Page:
        """Return the page at an instant, microseconds UTC; ``at`` is the position just read."""
        health = engine.health(now_us)
        # Where the wall clock was set back, the engine's goes on, and the ledger is written on that one.
        now_us = max(now_us, health.seen_us or 0)
        fresh = self._read_config(at)
        if (
            fresh
            or self._days is None
            or now_us >= self._days.edges_us[-1]
            or now_us < self._days.edges_us[-2]
        ):
            self._days = days(self._zone, now_us, _KEPT)
            fresh = True
        voices = [voice for row in self._rows for voice in row.voices]
        changed = self._history.refresh(voices, self._days.edges_us[0], at)
        if fresh:
            self._components = [Component(row, self._history, self._days) for row in self._rows]
        paused, planned = pauses.of_components(), maintenance.current(now_us)
        self._read_planned(at)
        for row, each in zip(self._rows, self._components, strict=True):
            each.is_called, each.pause = each.slug in self._called, paused.get(each.slug)
            each.maintenance = planned.get(row.id)
            other_us = each.plan(self._planned.get(row.id, NEVER))
            news = (_earliest(row.voices, changed), other_us)
            each.refresh(now_us, min((us for us in news if us is not None), default=None))
        self._book.turn(now_us, at)
        self._told.turn(at)
        return Page(
            site=self._site,
            zone=self._zone,
            as_of_us=now_us,
            days=self._days,
            overall=overall([each.status for each in self._components]),
            components=tuple(self._components),
            engine=health,
            book=self._book,
            told=self._told,
        )

    def _read_planned(self, at: Position) -> None:
        """Read what was planned for each component, where any of it, or the days that are shown, changed."""
        assert self._days is not None, "the days are read first"
        within = Span(self._days.edges_us[0], self._days.edges_us[-1])
        if self._planned_at == (at.config, at.maintenance, within):
            return
        found: dict[int, list[tuple[int, int]]] = {row.id: [] for row in self._rows}
        for each in maintenance.announced(list(found), within):
            if not each.cancelled:
                for component_id in each.components:
                    found[component_id].append((each.start_us, each.end_us))
        self._planned = {row: Spans(spans) for row, spans in found.items()}
        self._planned_at = (at.config, at.maintenance, within)

    def _read_config(self, at: Position) -> bool:
        if at.config == self._config:
            return False
        self._site = component.site()
        self._zone = _zone(self._site.timezone)
        self._rows = component.components()
        self._called = pauses.called(awaited_kinds())
        self._config = at.config
        return True


def _earliest(voices: tuple[Voice, ...], changed: dict[int, int]) -> int | None:
    found = [changed[voice.verdict] for voice in voices if voice.verdict in changed]
    return min(found, default=None)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        # It was known where it was configured; this machine's zone data is older. UTC is better than nothing.
        return ZoneInfo("UTC")

"""What the components of contracts were: their ledgers, mirrored in memory for as long as is asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from trueup.domain.interval import Span
from trueup.domain.result import State
from trueup.domain.sla.case import LINE
from trueup.domain.timeline import Record, Timeline
from trueup.figures.component import as_of_us, known_us
from trueup.figures.history import History
from trueup.store.read import component, revisions
from trueup.store.read.component import ComponentRow, Voice
from trueup.store.read.position import Position
from trueup.store.read.revisions import Revision

# Around a window, more is read than lies in it: edges reach over its borders, and blips begin before.
MARGIN_US = 3 * 86_400_000_000


class Ledger:
    """The timelines of some components, from an instant on; asked for more, it reads all anew."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._history = History()
        self._rows: dict[str, ComponentRow] = {}
        self._revisions: Mapping[str, Sequence[Revision]] = {}
        self._wanted: frozenset[str] = frozenset()
        self._from_us = LINE.end_us
        self._at: Position | None = None

    def refresh(self, wanted: Collection[str], from_us: int, at: Position) -> Mapping[str, int]:
        """Read what is new of components, by public id; return from when on each may be another.

        A component whose checks were configured anew may be another from the beginning of time.
        """
        before = self._rows
        if not self._wanted.issuperset(wanted) or self._at is None or self._at.config != at.config:
            self._wanted |= frozenset(wanted)
            self._rows = {row.public_id: row for row in component.components(self._wanted)}
            self._revisions = revisions.of_components([row.id for row in self._rows.values()])
        self._from_us = min(self._from_us, from_us)
        voices = [voice for row in self._rows.values() for voice in row.voices]
        changed = self._history.refresh(voices, self._from_us, at)
        self._at = at
        found = {}
        for public_id, row in self._rows.items():
            since = [changed[voice.verdict] for voice in row.voices if voice.verdict in changed]
            if before.get(public_id) != row:
                since.append(LINE.start_us)
            if since:
                found[public_id] = min(since)
        return found

    def covers(self, wanted: Collection[str], from_us: int) -> bool:
        """Return whether so many components are held from so early on."""
        return from_us >= self._from_us and self._wanted.issuperset(wanted)

    @property
    def from_us(self) -> int:
        """Return from when on it is held."""
        return self._from_us

    @property
    def ids(self) -> list[int]:
        """Return the components that are held, by the ids of their rows."""
        return [row.id for row in self._rows.values()]

    def row(self, public_id: str) -> ComponentRow | None:
        """Return a component, None where there is none."""
        return self._rows.get(public_id)

    def as_of_us(self, public_ids: Iterable[str], now_us: int) -> int:
        """Return where figures end: now, or before where the next result is on its way."""
        present = self._present(public_ids, now_us)
        return min((as_of_us(self._history.verdict(voice), now_us) for voice in present), default=now_us)

    def known_us(self, public_ids: Iterable[str], now_us: int) -> int:
        """Return until when nothing can change without a word in the ledger."""
        present = self._present(public_ids, now_us)
        return min((known_us(self._history.verdict(voice), now_us) for voice in present), default=now_us)

    def revisions(self, row: ComponentRow, within: Span) -> dict[str, tuple[Revision, ...]]:
        """Return by the slug of each check what it asked between two instants."""
        return {
            voice.check: tuple(_held(self._revisions.get(voice.check, ()), within)) for voice in row.voices
        }

    def timelines(self, row: ComponentRow, within: Span, *, leaves: bool) -> tuple[Timeline, ...]:
        """Return what is known of the checks of a component, as far as it can matter between two instants.

        ``leaves``: time in which a check is not there counts as paused, so that it has no voice.
        """
        found = []
        for voice in row.voices:
            near = self._history.near(voice, within.start_us, within.end_us)
            found.append(_left_out(near) if leaves else near)
        return tuple(found)

    def _voices(self, public_ids: Iterable[str]) -> Iterable[Voice]:
        return (voice for each in public_ids if each in self._rows for voice in self._rows[each].voices)

    def _present(self, public_ids: Iterable[str], now_us: int) -> list[Voice]:
        return [each for each in self._voices(public_ids) if each.until_us is None or each.until_us > now_us]


def _held(every: Sequence[Revision], within: Span) -> Iterator[Revision]:
    ends = [*(each.valid_from_us for each in every[1:]), LINE.end_us]
    for each, end_us in zip(every, ends, strict=False):
        if each.valid_from_us < within.end_us and end_us > within.start_us:
            yield each


def _left_out(timeline: Timeline) -> Timeline:
    records = list(timeline.records)
    if timeline.since_us is not None:
        records.append(Record(State.PAUSED, LINE.start_us, timeline.since_us))
    if timeline.until_us is not None:
        records.append(Record(State.PAUSED, timeline.until_us, LINE.end_us))
    return replace(timeline, records=records, since_us=None, until_us=None)

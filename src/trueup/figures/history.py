"""The ledger of what the public sees, mirrored in memory: read whole once, then only what is new.

Nothing is decided here: a web process reads what the engine has written.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from trueup.domain.timeline import Blip, Record, Timeline
from trueup.store.read import timeline
from trueup.store.read.component import Voice
from trueup.store.read.position import Position
from trueup.store.read.timeline import News, Standing

# A record's error band reaches to the probes at its edges, and these lie in its neighbours.
_NEIGHBOURS = 2
_FEW = 12  # so many are not worth a search

_Item = TypeVar("_Item")


class History:
    """Records, blips and standings of a set of series, from an instant on."""

    def __init__(self) -> None:
        """Begin with nothing; the first ``refresh`` reads all."""
        self._series: frozenset[int] = frozenset()
        self._from_us = 0
        self._position = Position(0, 0, 0)
        self._records: dict[int, list[Record]] = {}
        self._blips: dict[int, list[Blip]] = {}
        self._standings: dict[int, Standing] = {}

    def refresh(self, voices: Collection[Voice], from_us: int, position: Position) -> dict[int, int]:
        """Read what is new; return from which instant on each changed verdict may differ from before.

        Everything is read anew when the voices or ``from_us`` are others, or the position went back.
        """
        wanted = frozenset(voice.verdict for voice in voices if voice.verdict is not None)
        self._standings = timeline.standings({series for voice in voices for series in voice.series})
        before, self._position = self._position, position
        back = position.entry < before.entry or position.blip < before.blip
        if wanted != self._series or from_us != self._from_us or back:
            self._series, self._from_us = wanted, from_us
            self._records = timeline.records(wanted, from_us)
            self._blips = timeline.blips(wanted, from_us)
            return dict.fromkeys(wanted, from_us)
        return self._take(before, position)

    def standing(self, series: int) -> Standing | None:
        """Return where a series stands, None when nothing has been written for it."""
        return self._standings.get(series)

    def verdict(self, voice: Voice) -> Standing | None:
        """Return where a voice stands, None when nothing has been written for it.

        A verdict over one region has no row of its own: it stands where that region's series stands.
        """
        found = [self._standings[series] for series in voice.series if series in self._standings]
        return max(found, key=_covered_us, default=None)

    def near(self, voice: Voice, start_us: int, end_us: int) -> Timeline:
        """Return what is known of a voice, as far as it can matter between two instants."""
        standing = self.verdict(voice)
        return Timeline(
            _near(self._held(voice), _begins, start_us, end_us),
            _near(self._blips.get(voice.verdict or 0, ()), _fails, start_us, end_us),
            since_us=voice.since_us,
            until_us=voice.until_us,
            covered_until_us=None if standing is None else standing.covered_until_us,
        )

    def begin_us(self, voices: Sequence[Voice], most: int) -> int | None:
        """Return from when on all voices can be read, each with at most so many records; None: no record."""
        held = [found for found in map(self._held, voices) if found]
        cut = [found[-most].start_us for found in held if len(found) > most]
        # What began before we read, and is not over, began when its record says.
        cut += [found[0].start_us for found in held if found[0].start_us <= self._from_us]
        return max(cut) if cut else min((found[0].start_us for found in held), default=None)

    def _held(self, voice: Voice) -> Sequence[Record]:
        return self._records.get(voice.verdict or 0, ())

    def _take(self, before: Position, now: Position) -> dict[int, int]:
        news: list[News] = []
        if now.entry > before.entry:
            news += timeline.entries_after(before.entry)
        if now.blip > before.blip:
            news += timeline.blips_after(before.blip)
        changed: dict[int, int] = {}
        for each in news:
            if each.series in self._series:
                changed[each.series] = min(each.from_us, changed.get(each.series, each.from_us))
        if changed:
            self._replace(changed)
        return changed

    def _replace(self, changed: Mapping[int, int]) -> None:
        """Read again what each changed series has from the record on in which the change lies."""
        low_us = min(self._cut_us(series, from_us) for series, from_us in changed.items())
        records = timeline.records_begun(changed, low_us)
        blips = timeline.blips(changed, low_us)
        for series in changed:
            kept = bisect_left(self._records[series], low_us, key=_begins)
            self._records[series][kept:] = records[series]
            kept = bisect_left(self._blips[series], low_us, key=_fails)
            self._blips[series][kept:] = blips[series]

    def _cut_us(self, series: int, from_us: int) -> int:
        held = self._records[series]
        if not held:
            return from_us
        # What was open is closed where its successor begins: that start lies in it, or at its end.
        return held[max(bisect_right(held, from_us, key=_begins) - 1, 0)].start_us


def _covered_us(standing: Standing) -> int:
    return standing.covered_until_us


def _begins(record: Record) -> int:
    return record.start_us


def _fails(blip: Blip) -> int:
    return blip.b.asked_us


def _near(items: Sequence[_Item], at: Callable[[_Item], int], start_us: int, end_us: int) -> Sequence[_Item]:
    if len(items) <= _FEW:
        return items
    first = bisect_right(items, start_us, key=at) - 1 - _NEIGHBOURS
    return items[max(first, 0) : bisect_left(items, end_us, key=at) + _NEIGHBOURS]

"""The figures of all contracts, kept in memory: made when asked for, and again when there is news."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches

from trueup.domain.interval import Span
from trueup.domain.sla.case import LINE
from trueup.figures import engine
from trueup.figures.sla import case, deal, overlay, window
from trueup.figures.sla.case import Gathered
from trueup.figures.sla.deal import Contract
from trueup.figures.sla.fault import UnknownContractError, WindowError
from trueup.figures.sla.figure import Figure, figure
from trueup.figures.sla.ledger import Ledger
from trueup.figures.sla.overlay import Overlays
from trueup.figures.sla.window import Looked
from trueup.store.read import component, position
from trueup.store.read.position import Position

_AHEAD_US = 400 * 86_400_000_000  # a year's window may have just begun; maintenance is known as far ahead


def now(now_us: int) -> tuple[int, Position]:
    """Return the instant to speak for, at an instant of the machine's clock, and the position to it.

    Where that clock was set back, the engine's goes on, and the ledger is written on that one.
    """
    return max(now_us, engine.health(now_us).seen_us or 0), position.newest()


class Book:
    """What contracts come to at an instant; ``turn`` brings it to the next. Not safe for threads."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._ledger = Ledger()
        self._overlays = Overlays()
        self._overlaid: tuple[int, ...] = ()
        self._contracts: dict[str, Contract] = {}
        self._built_in: Contract | None = None
        self._now_us = 0
        self._at: Position | None = None
        self._read: Position | None = None
        self._done: dict[tuple[str, str], Figure] = {}  # windows that time changes no more
        self._open: dict[tuple[str, str], Figure] = {}
        self._followed = False  # the ledger is that of this instant

    @property
    def now_us(self) -> int:
        """Return the instant for which it speaks."""
        return self._now_us

    def turn(self, now_us: int, at: Position) -> None:
        """Speak for another instant, microseconds UTC; ``at`` is the position just read."""
        if now_us != self._now_us or at != self._at:
            self._now_us, self._at, self._open, self._followed = now_us, at, {}, False

    def contracts(self) -> list[Contract]:
        """Return the contracts there are; without one, the built-in profile."""
        self._refresh()
        return list(self._contracts.values()) or [self.contract(None)]

    def contract(self, slug: str | None, *, archived: bool = False) -> Contract:
        """Return a contract by its slug; without one, that which is meant where none is named.

        Raises:
            UnknownContractError: There is none of that name.
        """
        self._refresh()
        if slug is None:
            return deal.chosen(list(self._contracts.values())) or self.built_in()
        if slug == deal.BUILT_IN and slug not in self._contracts:
            return self.built_in()
        found = self._contracts.get(slug) or (deal.contract(slug) if archived else None)
        if found is None:
            raise UnknownContractError(unknown(slug, self._contracts))
        return found

    def built_in(self) -> Contract:
        """Return the profile that holds where no contract is meant, over everything that is watched."""
        if self._built_in is None:
            self._built_in = deal.built_in(component.components(), component.site().timezone)
        return self._built_in

    def current(self, promise: Contract) -> Figure | None:
        """Return the figure of the contract's own window of now; None before the contract, or after it."""
        self._refresh()
        looked = window.current(promise, self._now_us)
        return None if looked is None else self.figure(promise, looked)

    def period(self, promise: Contract, kind: str) -> Figure | None:
        """Return the figure of the day, week, month, quarter or year of now, None outside the contract."""
        self._refresh()
        looked = window.period_of(promise, kind, self._now_us)
        return None if looked is None else self.figure(promise, looked)

    def named(self, promise: Contract, label: str) -> tuple[Figure, ...]:
        """Return the figures of a period by its label, several where the contract was changed inside it.

        Raises:
            WindowError: The contract has no such window, or it has not begun.
        """
        self._refresh()
        found = window.named(promise, label, self._now_us)
        begun = [each for each in found if each.span.start_us < self._now_us]
        if not begun:
            raise WindowError(f"{promise.slug}: {label} has not begun. Take an earlier period.")
        return tuple(self.figure(promise, each) for each in begun)

    def between(self, promise: Contract, start_us: int, end_us: int) -> Figure:
        """Return the figure of the time between two instants, microseconds UTC, which settles nothing.

        Raises:
            WindowError: The contract does not hold then, or it lies ahead.
        """
        self._refresh()
        looked = window.between(promise, start_us, min(end_us, self._now_us))
        return figure(self.gathered(promise, looked))

    def past(self, figure: Figure, kind: str, most: int) -> list[Figure]:
        """Return the figures of the windows before one, newest first."""
        promise = figure.gathered.contract
        found = window.past(promise, figure.gathered.looked, kind, most)
        return [self.figure(promise, each) for each in found]

    def every(self) -> list[Figure]:
        """Return the current figures of all contracts, the ledger read once."""
        self._refresh()
        pairs = [(each, window.current(each, self._now_us)) for each in self._contracts.values()]
        self.reach((promise, looked) for promise, looked in pairs if looked is not None)
        return [self.figure(promise, looked) for promise, looked in pairs if looked is not None]

    def figure(self, promise: Contract, looked: Looked) -> Figure:
        """Return the figure of a window; made once, until there is news of it."""
        key = (promise.slug, looked.label)
        kept = self._open.get(key)
        if kept is None:
            self.reach([(promise, looked)])  # news of it is taken in before what is kept is trusted
            kept = self._done.get(key)
        if kept is None:
            kept = self._open[key] = figure(self._gathered(promise, looked))
            if self._settled_us(promise, looked) <= self._now_us:
                self._done[key] = kept
        return kept

    def gathered(self, promise: Contract, looked: Looked, as_of_us: int | None = None) -> Gathered:
        """Return the case of a window as it is now, or as of another instant."""
        self.reach([(promise, looked)])
        return self._gathered(promise, looked, as_of_us)

    def _gathered(self, promise: Contract, looked: Looked, as_of_us: int | None = None) -> Gathered:
        ids = promise.deal(looked.number).components.values()
        if as_of_us is None:
            as_of_us = self._ledger.as_of_us(ids, self._now_us)
        return case.gathered(promise, looked, self._ledger, self._overlays, as_of_us)

    def _settled_us(self, promise: Contract, looked: Looked) -> int:
        """Return from when on a window cannot change by time alone; the end of time where it still can."""
        one = promise.deal(looked.number)
        # An outage at its end becomes long enough to count, perhaps, after it.
        over_us = looked.span.end_us + one.terms.min_outage.length_us
        known_us = self._ledger.known_us(one.components.values(), self._now_us)
        return over_us if known_us >= over_us else LINE.end_us

    def reach(self, pairs: Iterable[tuple[Contract, Looked]]) -> None:
        """Read the ledger as far as some windows need it; forget what is kept and may be another now."""
        wanted, from_us = set[str](), LINE.end_us
        for promise, looked in pairs:
            one = promise.deal(looked.number)
            wanted.update(one.components.values())
            from_us = min(from_us, case.reach(one, looked).start_us)
        if self._followed and self._ledger.covers(wanted, from_us):
            return
        assert self._at is not None, "turn comes first"
        self._followed = True
        changed = self._ledger.refresh(wanted, from_us, self._at)
        if changed:
            self._done = {key: each for key, each in self._done.items() if not _touched(each, changed)}
        self._read_overlays(self._at)

    def _read_overlays(self, at: Position) -> None:
        """Read anew what people planned and decided, where they did, or where more components are held."""
        held = (at.config, at.maintenance, at.audit, self._ledger.from_us, *self._ledger.ids)
        if held != self._overlaid:
            within = Span(max(self._ledger.from_us, 0), self._now_us + _AHEAD_US)
            self._overlays = overlay.read(self._ledger.ids, within)
            self._overlaid, self._done = held, {}

    def _refresh(self) -> None:
        assert self._at is not None, "turn comes first"
        before, self._read = self._read, self._at
        if before == self._at:
            return
        if before is None or before.config != self._at.config:
            self._read_contracts()

    def _read_contracts(self) -> None:
        self._contracts = {each.slug: each for each in deal.contracts()}
        self._built_in = None
        self._done = {}


def unknown(slug: str, known: Collection[str]) -> str:
    """Return the sentence that there is no contract of a name, and which there are."""
    near = get_close_matches(slug, known, 1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"There is no contract {slug[:100]!r}.{hint} There are: {', '.join(sorted(known)) or 'none yet'}."


def _touched(kept: Figure, changed: Mapping[str, int]) -> bool:
    """Return whether a figure may be another after changes, which are given by component."""
    ids = kept.gathered.deal.components.values()
    end_us = case.reach(kept.gathered.deal, kept.gathered.looked).end_us
    return any(changed.get(each, LINE.end_us) < end_us for each in ids)

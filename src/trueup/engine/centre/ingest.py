"""Take results in: journal, state, ledger, evidence and events in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby, pairwise
from operator import attrgetter
from typing import NamedTuple

from django.db import Error, connection, transaction

from trueup.domain.record import pack
from trueup.domain.result import Result, State
from trueup.domain.state import Step, fits, gap, step
from trueup.engine.centre import beats, corrected, events, evidence
from trueup.engine.centre.awaited import LiveBeat
from trueup.engine.centre.events import Notice
from trueup.engine.centre.late import restate, revise
from trueup.engine.centre.live import Live
from trueup.engine.centre.queue import Queue
from trueup.engine.centre.roll import Roll
from trueup.store.read import correction, watch
from trueup.store.read.beats import Waiting
from trueup.store.standing import ANSWERS
from trueup.store.trouble import explain
from trueup.store.write import batch
from trueup.store.write import correction as correcting
from trueup.store.write.draft import Draft, Failpoint, Rest
from trueup.store.write.ledger import interruptions_taken

log = logging.getLogger("trueup.centre")

_SERIES = attrgetter("series")
_BY_SERIES = attrgetter("series", "asked_us")


class NotStoredError(Exception):
    """Nothing was stored: keep the batch, and offer it again with the same id."""


class Taken(NamedTuple):
    """What became of one batch."""

    repeated: bool = False  # it was stored before, and nothing was done now
    results: int = 0
    late: int = 0  # of them: they came after newer ones
    strays: int = 0  # not stored: of series that do not exist


def _nobody(_: Notice) -> None:
    """Tell nobody."""


def _nowhere(_: str) -> None:
    """Go on."""


class Centre:
    """The one writer of the ledger, with every series' standing in memory.

    One process, one thread at a time. After anything that failed, it reads again what is stored.

    Args:
        told: Is told every change of a check's state, once it is stored.
        failpoint: Is told the name of each statement before and after it; for tests that kill here.
        rest: Called within long work, so that others in this process have their turn.
    """

    def __init__(
        self,
        *,
        told: Callable[[Notice], None] = _nobody,
        failpoint: Failpoint = _nowhere,
        rest: Rest = lambda: None,
    ) -> None:
        self._told = told
        self._rest = rest
        self._failpoint = failpoint
        self._roll: Roll | None = None  # None: what is in memory may not be what is stored
        self._queue = Queue()
        self._ears = beats.Ears(())
        self._notices: list[Notice] = []

    def take(
        self, msg_id: str, results: Sequence[Result], now_us: int, records: bytes | None = None
    ) -> Taken:
        """Store a batch of results with all that follows from them; return once it is committed.

        A batch that was stored before, by its id, has no effect. Results of one series may come in any
        order; those older than what is known change the ledger where they belong. ``records`` are the
        same results as ``domain.record`` packs them, where that was done before.

        Raises:
            NotStoredError: The database did not take it. Nothing of it is stored.
        """
        if not results:
            return Taken()
        with self._writing(now_us) as (roll, draft):
            self._failpoint("before batch")
            if not batch.first_time(msg_id, now_us):
                return Taken(repeated=True)
            self._failpoint("after batch")
            known = roll.known(results)
            taken = self._taken(roll, known, draft)
            if known:
                self._failpoint("before journal")
                packed = records if records is not None and known is results else pack(known)
                batch.journal(roll.lives[known[0].series].watched.region, packed, now_us)
                self._failpoint("after journal")
            draft.write(self._failpoint)
            strays = len(results) - len(known)
        if strays:
            log.warning("results of unknown series were dropped", extra={"results": strays, "batch": msg_id})
        return taken._replace(strays=strays)

    def tick(self, now_us: int) -> int | None:
        """Close what has been silent for too long; return when something could next be due.

        Nothing is written when nothing is due. None: nothing can become due without a result.

        Raises:
            NotStoredError: The database did not take it; nothing has changed.
        """
        self._attend(now_us)
        with self._reading() as roll:
            next_us = self._queue.next_us(roll.lives)
        if next_us is not None and next_us <= now_us:
            self.reload(now_us)  # what people paused meanwhile is not silent
            self.take_calls(now_us)  # and who has called is not late
            with self._writing(now_us) as (roll, draft):
                due = self._queue.due(roll.lives, now_us)
                for live in due:
                    self._elapsed(live, draft)
                    draft.standing(live.watched.series, live.standing, live.patience_us)
                    self._queue.add(live)
                beats.journal(due, draft)
                draft.write(self._failpoint)
            next_us = self._queue.next_us(roll.lives)
        return next_us

    def take_calls(self, now_us: int) -> int:
        """Take the calls of heartbeats that are stored and wait; return how many there were.

        Raises:
            NotStoredError: The database did not take what follows from them; they wait on.
        """
        self._attend(now_us)
        return self._take_calls(now_us)

    def _attend(self, now_us: int) -> None:
        """Withdraw the time in which this engine, or the one before it, did not run."""
        with self._reading():
            absent = self._ears.absent(now_us)
        if absent is not None:
            self.withdraw(*absent, "engine", now_us)

    def _take_calls(self, now_us: int) -> int:
        taken = 0
        while waiting := self._waiting_calls():
            with self._writing(now_us) as (roll, draft):
                for live, made in beats.take(waiting, roll.by_check, draft):
                    self._apply(live, made, draft)
                    self._queue.add(live)
                draft.write(self._failpoint)
            taken += len(waiting)
        return taken

    def withdraw(self, from_us: int, until_us: int, why: str, now_us: int) -> None:
        """Note that no call could be heard in a span: a heartbeat that was due then is not late.

        Args:
            from_us: Where the span begins.
            until_us: Where it ends.
            why: Whose silence it was: ``engine``, ``door``.
            now_us: When it is recorded.

        Raises:
            NotStoredError: The database did not take it; nothing has changed.
        """
        with self._reading():
            self._ears.note(from_us, until_us)
        self._take_calls(now_us)  # those that were stored prove themselves
        with self._writing(now_us) as (_, draft):
            for live, made in self._ears.withdraw(from_us, until_us, why, draft):
                self._apply(live, made, draft)
                self._queue.add(live)
            draft.write(self._failpoint)

    def reload(self, now_us: int) -> bool:
        """Take in what people changed: series, revisions, pauses, corrections; return whether any.

        Cheap when there is nothing: three small reads.

        Raises:
            NotStoredError: The database did not take it; nothing has changed.
        """
        with self._reading() as roll:
            changed = roll.refresh()
            waiting = watch.interruptions()
            wrong = correction.waiting()
        if roll.revised:
            with self._writing(now_us) as (roll, draft):
                self._revised(roll, draft)
        if waiting:
            with self._writing(now_us) as (roll, draft):
                self._interrupted(roll, waiting, draft)
        for one in wrong:
            with self._writing(now_us) as (roll, draft):
                self._corrected(roll, one, draft)
        if changed or waiting or wrong:
            self._ears.hear(roll.lives)
            for live in roll.lives.values():
                self._queue.add(live)
        return changed or bool(waiting or wrong)

    def _waiting_calls(self) -> Sequence[Waiting]:
        with self._reading():
            return beats.waiting() if self._ears.any else ()

    def _revised(self, roll: Roll, draft: Draft) -> None:
        """Judge again the results that came before the revision that was valid for them."""
        for live, from_us in roll.revised:
            if isinstance(live, LiveBeat):
                live.rearm()
            else:
                self._notices += revise(live, from_us, draft)
            live.standing.rules_from_us = live.valid_from_us[-1]
            draft.standing(live.watched.series, live.standing, live.patience_us)
        draft.write(self._failpoint)
        roll.revised = []

    def _interrupted(self, roll: Roll, waiting: Sequence[watch.Interrupted], draft: Draft) -> None:
        """Take pauses and their ends."""
        touched: dict[int, Live] = {}
        for one in waiting:
            for live in roll.of_check(one.check):
                self._apply(live, live.interrupted(one.at_us, State(one.state)), draft)
                touched[live.watched.series] = live
        for series, live in touched.items():
            draft.standing(series, live.standing, live.patience_us)
        draft.write(self._failpoint)
        interruptions_taken([one.id for one in waiting], draft.now_us)

    def _corrected(self, roll: Roll, one: correction.Corrected, draft: Draft) -> None:
        """Lay one correction over the ledger."""
        done = [corrected.apply(live, one, draft) for live in roll.of_check(one.check)]
        draft.write(self._failpoint)
        gone = [entry for entries, _ in done for entry in entries]
        correcting.taken(one.id, gone, [each for _, made in done for each in made], draft.now_us)

    def _elapsed(self, live: Live, draft: Draft) -> None:
        """Apply what time has made of a series."""
        made = live.elapsed(draft.now_us, draft)
        if made.changes and live.unsettled(made.changes[0].start_us) and not isinstance(live, LiveBeat):
            self._notices += revise(live, made.changes[0].start_us, draft)
            made = live.elapsed(draft.now_us, draft)
        self._apply(live, made, draft)

    def _taken(self, roll: Roll, results: Sequence[Result], draft: Draft) -> Taken:
        """Take in all results, series by series in the order of asking."""
        late = 0
        for series, grouped in groupby(sorted(results, key=_BY_SERIES), key=_SERIES):
            draft.rest()
            live = roll.lives[series]
            of_series = list(grouped)
            if len(of_series) > 1:
                late += self._several(live, of_series, draft)
            elif live.went_on(of_series[0]):
                pass  # nearly always
            elif _follows(live, of_series[0]):
                self._one(live, of_series[0], draft)
            else:
                late += self._several(live, of_series, draft)
            draft.standing(series, live.standing, live.patience_us)
            if live.queued_us is None:
                self._queue.add(live)
        return Taken(results=len(results), late=late)

    def _several(self, live: Live, results: list[Result], draft: Draft) -> int:
        """Take in results of which some may count for nothing, or come late; return how many come late."""
        counting = []
        for result in results:
            track = live.standing.track
            paused = track.state is State.PAUSED and fits(track, result.asked_us)
            if result.state is State.UNKNOWN or paused:
                live.standing.mark(result)
            else:
                counting.append(result)
        ascending = all(before.asked_us < after.asked_us for before, after in pairwise(counting))
        if counting and not (
            ascending
            and fits(live.standing.track, counting[0].asked_us)
            and not (live.corrections and live.unsettled(counting[0].asked_us))
        ):
            self._notices += restate(live, counting, draft)
            return len(counting)
        for result in counting:
            self._one(live, result, draft)
        return 0

    def _one(self, live: Live, result: Result, draft: Draft) -> None:
        """Take one result that fits: the hot path, a few microseconds when up comes after up."""
        standing = live.standing
        state = result.state
        if standing.run_us is not None and gap(standing.track, result.asked_us):
            evidence.end(standing)
        made = step(standing.track, result, live.rules_at(result.asked_us))
        if made.changes or made.blips:
            self._apply(live, made, draft)
        else:
            standing.track = made.track
        if state is not State.UP or standing.run_us is not None:
            evidence.keep(draft, result.series, standing, result)
        standing.mark(result)
        standing.saw(result)
        if state in ANSWERS:
            standing.buckets.add(result.duration_us)

    def _apply(self, live: Live, made: Step, draft: Draft) -> None:
        """Write what a step changed, for the series and for its check's verdict."""
        before = live.standing.track
        if live.corrections:
            made = corrected.after(live, made)
        live.standing.track = made.track
        if made.changes:
            draft.changes(live.written, before.since_us, made.changes)
        for blip in made.blips:
            for series in live.written:
                draft.blip(series, blip)
        if live.verdict is not None:
            state = before.state
            for change in made.changes:
                notice = Notice(
                    live.watched.slug, change.state, state, change.start_us, change.cause, change.text
                )
                events.changed(draft, live.watched.public_id, notice)
                self._notices.append(notice)
                state = change.state

    @contextmanager
    def _reading(self) -> Iterator[Roll]:
        """Have the standings in memory, reading them if need be."""
        try:
            if self._roll is None:
                self._roll = Roll()
                self._queue = Queue()
                self._ears = beats.Ears(self._roll.lives.values())
                for live in self._roll.lives.values():
                    self._queue.add(live)
            yield self._roll
        except Error as error:
            self._forget()
            raise NotStoredError(explain(error)) from error

    @contextmanager
    def _writing(self, now_us: int) -> Iterator[tuple[Roll, Draft]]:
        """Run one transaction; when it fails, what is in memory is forgotten and read again."""
        self._notices = []
        try:
            with self._reading() as roll, transaction.atomic(durable=True):
                yield roll, Draft(now_us, self._rest)
                self._failpoint("before commit")
            self._failpoint("after commit")
        except BaseException:
            self._forget()
            raise
        for notice in self._notices:
            self._told(notice)
            self._rest()

    def _forget(self) -> None:
        self._roll = None
        connection.close()


def _follows(live: Live, result: Result) -> bool:
    """Tell whether a result is of the ordinary kind: it counts, and comes after the one before."""
    track = live.standing.track
    last = track.last
    return (
        last is not None
        and result.asked_us > last.asked_us
        and not track.silent
        and result.state is not State.UNKNOWN
        and track.state is not State.PAUSED
        and not (live.corrections and live.unsettled(result.asked_us))
    )

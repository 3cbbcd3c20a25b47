"""A heartbeat as the centre keeps it: what is waited for, and what each call makes of it."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from trueup.domain import heartbeat
from trueup.domain.expect import Expectation, ExpectationError, judge, parse
from trueup.domain.heartbeat import Call, Due, Rules
from trueup.domain.result import Detail, Facts, Failure, FailureClass, Result, State
from trueup.domain.state import Step, Track, silent_at_us
from trueup.domain.text import Text, Value
from trueup.engine.centre import evidence
from trueup.engine.centre.live import Live
from trueup.probes.awaited import Awaited, awaited_kinds
from trueup.probes.base import OptionError, build
from trueup.store.read import beats
from trueup.store.read.beats import Configured, Waiting
from trueup.store.write.draft import Draft

log = logging.getLogger("trueup.centre")

PATIENCE_US = 2_000_000  # for a call that was made in time and is still being stored
_HEAD = 2048  # bytes of a message that are evidence
_SAID = 200  # and of it in the sentence
_MILLISECOND_US = heartbeat.MILLISECOND_US


@dataclass(frozen=True, slots=True)
class Terms:
    """What the newest revision of a heartbeat says."""

    asks: str
    rules: Rules
    expect: tuple[Expectation, ...] = ()
    degraded_when: tuple[Expectation, ...] = ()


_NEVER = Terms("", Rules(lambda at_us: at_us + 366 * 86_400_000_000, 0))


@dataclass(slots=True)
class LiveBeat(Live):
    """The series of a heartbeat, its terms, and when no call could be heard."""

    terms: Terms = _NEVER
    deaf: Sequence[tuple[int, int]] = ()
    journal: list[Result] = field(default_factory=list)  # what is to be written with the draft
    _due: tuple[Track, Terms, Due | None] | None = None

    @property
    def awaited(self) -> Due | None:
        """Return what is waited for next; reckoned once a change, since a schedule takes its time."""
        track = self.standing.track
        if self._due is None or self._due[0] is not track or self._due[1] is not self.terms:
            self._due = (track, self.terms, heartbeat.awaited(track, self.terms.rules))
        return self._due[2]

    @property
    def due_us(self) -> int | None:
        """Return when it is to be decided that nothing came."""
        due = self.awaited
        return None if due is None else due.late_us + PATIENCE_US

    @property
    def patience_us(self) -> int:
        """Return how long after its coverage and half the time before it something is still awaited."""
        due_us, plain_us = self.due_us, silent_at_us(self.standing.track, 0)
        return 0 if due_us is None or plain_us is None else due_us - plain_us

    def interrupted(self, at_us: int, state: State) -> Step:
        """Return what a pause or its end makes of it."""
        evidence.end(self.standing)
        return heartbeat.stop(self.standing.track, at_us, state)

    def elapsed(self, now_us: int, draft: Draft) -> Step:
        """Return what a due instant without a call makes of it, where it is certain by now."""
        due = self.awaited
        if due is None or now_us < due.late_us:
            return Step(self.standing.track)
        unheard = [span for span in self.deaf if _touches(due, span)]
        if unheard:
            evidence.end(self.standing)
            until_us = min(now_us, max(until_us for _, until_us in unheard))
            return heartbeat.unheard(self.standing.track, due.at_us, until_us, self.terms.rules)
        text = self._late(due)
        made = heartbeat.miss(self.standing.track, due, text, self.terms.rules, PATIENCE_US)
        result = self._result(due.at_us, due.at_us, State.DOWN, FailureClass.LATE, Detail(text=text))
        self._keep(result, draft)
        return made

    def rearm(self) -> None:
        """Have the terms, which are others now, say up to when it is known."""
        due, track = self.awaited, self.standing.track
        if due is not None:
            known_us = due.late_us + PATIENCE_US if self._is_late else due.at_us
            self.standing.track = track._replace(covered_until_us=known_us)

    @property
    def _is_late(self) -> bool:
        standing = self.standing
        return standing.track.state is State.DOWN and standing.last_cause == FailureClass.LATE.value

    def unheard(self, from_us: int, until_us: int) -> Step:
        """Return what time in which no call could be heard makes of one that is late: it may have come."""
        if not self._is_late:
            return Step(self.standing.track)
        evidence.end(self.standing)
        return heartbeat.unheard(self.standing.track, from_us, until_us, self.terms.rules)

    def called(self, one: Waiting, draft: Draft) -> Iterator[Step]:
        """Yield what a call makes of it, and before that the due instants that had gone by.

        Each step is to be applied before the next one is taken.
        """
        if self.standing.track.state is State.PAUSED or one.kind == "log":
            return
        at_us = self._instant(one.at_us, draft.now_us)
        while (due := self.awaited) is not None and at_us >= due.late_us:
            yield self.elapsed(at_us, draft)
        if one.kind == "start":
            yield heartbeat.begin(self.standing.track, at_us, one.run, self.terms.rules)
        else:
            yield self._ended(one, at_us, draft)

    def _instant(self, at_us: int, now_us: int) -> int:
        """Return when a call counts: as stored, but in the order of storing and not in the future."""
        track = self.standing.track
        heard_us = max(track.since_us, track.last.answered_us if track.last else 0) + 1
        at_us = min(at_us, now_us)
        least_us = max(heard_us, track.floor_us)
        return max(at_us - at_us % _MILLISECOND_US, -(-least_us // _MILLISECOND_US) * _MILLISECOND_US)

    def _ended(self, one: Waiting, at_us: int, draft: Draft) -> Step:
        begun_us = heartbeat.runs(self.standing.track).get(one.run)
        facts = self._facts(one, None if begun_us is None else at_us - begun_us)
        begun_us = at_us if begun_us is None else begun_us
        terms = self.terms
        judged = judge(facts, at_us - begun_us, at_us, terms.expect, terms.degraded_when)
        call = Call(begun_us, at_us, judged.state, judged.cause, judged.text, one.run)
        digest = hashlib.sha256(one.body).hexdigest() if one.body else ""
        detail = Detail(text=judged.text, body_sha256=digest, body_head=one.body[:_HEAD])
        made = heartbeat.end(self.standing.track, call, terms.rules)
        self._keep(self._result(begun_us, at_us, judged.state, judged.cause, detail, one.exit_status), draft)
        return made

    def _facts(self, one: Waiting, runtime_us: int | None) -> Facts:
        values: dict[str, object] = {}
        if runtime_us is not None:
            values["runtime"] = timedelta(microseconds=runtime_us)
        if one.exit_status is not None:
            values["exit_code"] = one.exit_status
        failure = None
        if one.kind == "fail":
            said = one.body[:_SAID].decode(errors="replace").strip()
            params: dict[str, Value] = {
                "asked": self.terms.asks,
                "exit_code": one.exit_status,
                "said": said or None,
            }
            failure = Failure(FailureClass.REPORTED, Text("reported", params))
        return Facts(values=values, body=one.body, failure=failure)

    def _keep(self, result: Result, draft: Draft) -> None:
        """Count a result, with the last good one before it where it is the first that is not."""
        standing, good = self.standing, self.standing.track.steady
        if result.state is not State.UP and standing.run_us is None and good is not None:
            before = replace(
                result, asked_us=good.asked_us, duration_us=good.answered_us - good.asked_us,
                state=State.UP, cause=None, status=0, detail=None,
            )  # fmt: skip
            result = replace(result, before=before)
        if result.state is not State.UP or standing.run_us is not None:
            evidence.keep(draft, result.series, standing, result)
        standing.mark(result)
        standing.saw(result)
        if result.state is not State.DOWN:
            standing.buckets.add(result.duration_us)
        self.journal.append(result)

    def _result(
        self,
        begun_us: int,
        at_us: int,
        state: State,
        cause: FailureClass | None,
        detail: Detail,
        exit_status: int | None = None,
    ) -> Result:
        """Return a result whose key no other has: the second of the call, and a number in it."""
        standing, slot = self.standing, at_us // 1_000_000
        return Result(
            series=self.watched.series,
            slot=slot,
            number=standing.number + 1 if slot == standing.slot else 0,
            epoch=standing.epoch,
            asked_us=begun_us,
            duration_us=at_us - begun_us,
            state=state,
            cause=cause,
            status=exit_status or 0,
            detail=detail,
        )

    def _late(self, due: Due) -> Text:
        last = self.standing.track.last
        params: dict[str, Value] = {"asked": self.terms.asks, "due_us": due.at_us}
        params["grace_us"] = due.grace_us or None
        if due.begun_us is not None:
            return Text("late.run", {**params, "begun_us": due.begun_us})
        return Text("late.call", {**params, "last_us": None if last is None else last.answered_us})


def terms() -> dict[int, Terms]:
    """Return what is configured of each heartbeat, by the id of its check."""
    return {one.check: _terms(one) for one in beats.configured(awaited_kinds())}


def _terms(one: Configured) -> Terms:
    """Return the terms of a heartbeat; where its kind cannot be built any more, it is never late."""
    try:
        probe = build(one.kind, one.target, one.options)
        assert isinstance(probe, Awaited), one.kind
        return Terms(
            probe.asks,
            probe.rules()._replace(since_us=one.valid_from_us),
            tuple(parse(each, probe.provides) for each in one.expect),
            tuple(parse(each, probe.provides) for each in one.degraded_when),
        )
    except (OptionError, ExpectationError) as error:
        log.error("a heartbeat cannot be waited for", extra={"target": one.target, "why": str(error)})
        return _NEVER


def _touches(due: Due, span: tuple[int, int]) -> bool:
    """Tell whether a call that was due may have come while none could be heard."""
    from_us, until_us = span
    return from_us < due.late_us and until_us > due.at_us - due.grace_us

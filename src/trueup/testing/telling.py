"""A history told in words and written as if it had been measured: ``up 2 h, down 5 min, up``."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from trueup.domain import duration
from trueup.domain.result import Detail, FailureClass, Result, State
from trueup.domain.text import Text
from trueup.engine.centre.ingest import Centre
from trueup.figures.cache import shared
from trueup.store.models import Check, CheckRevision, Region
from trueup.store.write import ledger
from trueup.testing import arranging

_PART = re.compile(r"(\w+)(?:\s+(.+))?")
_LAST = 10  # intervals: the length of a last state that is told without one
_TOOK_US = 12_500
_SECOND_US = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SPEAKS = (State.UP, State.DEGRADED, State.DOWN)


class Span(NamedTuple):
    """A state and the time it held."""

    state: State
    start_us: int
    end_us: int


class History(NamedTuple):
    """What was written: the check, and its states in order."""

    check: Check
    spans: tuple[Span, ...]

    @property
    def start(self) -> datetime:
        """Return when it begins."""
        return _EPOCH + timedelta(microseconds=self.spans[0].start_us)

    @property
    def end(self) -> datetime:
        """Return when it ends."""
        return _EPOCH + timedelta(microseconds=self.spans[-1].end_us)


def history(
    told: str, *, component: str = "frontend", check: str = "", until: datetime | None = None
) -> History:
    """Write what a check was, as if an engine had measured it: samples, ledger, evidence and events.

    The check is made where it is missing, asked every 60 seconds, with ``confirm`` 2 and ``recover`` 1.
    Edges lie where they are told: a probe is asked at the begin of every state. ``unknown`` is time in
    which nothing was asked; ``paused`` is time in which people had stopped it.

    Args:
        told: States with their lengths, oldest first: up, degraded, down, unknown, paused. The last one
            may go without a length and lasts ten minutes.
        component: The slug of the component.
        check: The slug of the check; by default the component's.
        until: When it ends; by default now, at the last whole second.

    Raises:
        ValueError: It cannot be understood, or the check has results of that time already.
    """
    end_us = _now_us() if until is None else (until - _EPOCH) // timedelta(microseconds=1)
    spans = _spans(told, end_us - end_us % _SECOND_US)
    row = arranging.check(check, component=component, at_us=spans[0].start_us)
    _Writer(row, spans).write()
    shared.cache_clear()
    return History(Check.objects.get(id=row.id), spans)


def _spans(told: str, end_us: int) -> tuple[Span, ...]:
    parts = [_part(part.strip(), told) for part in told.split(",")]
    if any(length_us is None for _, length_us in parts[:-1]):
        raise ValueError(f"{told!r} has a state without a length that is not the last one. Write 'up 2 h'.")
    lengths = [60 * _LAST * _SECOND_US if length_us is None else length_us for _, length_us in parts]
    spans, at_us = [], end_us - sum(lengths)
    for (state, _), length_us in zip(parts, lengths, strict=True):
        spans.append(Span(state, at_us, at_us + length_us))
        at_us += length_us
    return tuple(spans)


def _part(part: str, told: str) -> tuple[State, int | None]:
    found = _PART.fullmatch(part)
    if found is None or found[1] not in set(State):
        raise ValueError(f"{told!r} is no history: {part!r} is none of {', '.join(State)} with a length.")
    length_us = duration.parse(found[2]) if found[2] else None
    if length_us is not None and length_us < _SECOND_US:
        raise ValueError(f"{part!r} is shorter than a second: write 1 s or more.")
    return State(found[1]), length_us


class _Writer:
    """Writes spans through the one writer of the ledger."""

    def __init__(self, check: Check, spans: Sequence[Span]) -> None:
        self._check = check
        self._spans = spans
        series = check.series.exclude(region__slug=Region.VERDICT).get()
        self._series = series.id
        self._rules = CheckRevision.objects.filter(owner=check).latest("number")
        state = series.seriesstate
        newest_us = max(series.created_us, state.last_answered_us or 0)
        if spans[0].start_us < newest_us:
            at = (_EPOCH + timedelta(microseconds=newest_us)).isoformat()
            raise ValueError(
                f"{check.slug} is watched, or has results, since {at}: what is told begins before. "
                "Tell a shorter history, or one of another check."
            )
        self._keys: dict[int, int] = {}  # how many probes there are by slot
        self._good: Result | None = None
        self._failing = False

    def write(self) -> None:
        """Write everything."""
        centre = Centre()
        waiting: list[Result] = []
        for span, following in zip(self._spans, [*self._spans[1:], None], strict=True):
            if span.state is State.PAUSED:
                self._take(centre, waiting, span.start_us)
                ledger.pause([self._check.id], span.start_us)
                centre.reload(span.start_us)
                if following is not None:
                    ledger.resume([self._check.id], span.end_us)
                    centre.reload(span.end_us)
            elif span.state in _SPEAKS:
                waiting += self._measured(
                    span, silent_after=following is not None and following.state is State.UNKNOWN
                )
        self._take(centre, waiting, self._spans[-1].end_us)
        centre.tick(self._spans[-1].end_us)

    def _take(self, centre: Centre, waiting: list[Result], now_us: int) -> None:
        centre.reload(now_us)
        centre.take(f"test:{uuid.uuid4().hex}", waiting, now_us)
        waiting.clear()

    def _measured(self, span: Span, *, silent_after: bool) -> Iterator[Result]:
        """Yield the results of a span; where silence follows, the last one's cover ends with the span."""
        needed = self._rules.recover if span.state is State.UP else self._rules.confirm
        length_us = span.end_us - span.start_us
        # Enough probes to be believed, however short it was, on whole milliseconds.
        step_us = min(self._rules.interval_us, length_us // (needed + 1)) // 1000 * 1000
        end_us = span.end_us
        if silent_after:
            end_us = max(end_us - self._rules.interval_us, span.start_us + (needed - 1) * step_us) + 1
        for asked_us in range(span.start_us, end_us, step_us):
            yield self._result(span.state, asked_us)

    def _result(self, state: State, asked_us: int) -> Result:
        slot = asked_us // _SECOND_US
        number = self._keys[slot] = self._keys.get(slot, -1) + 1
        bad, first_bad = state is not State.UP, state is not State.UP and not self._failing
        detail = None
        if bad or self._failing:
            detail = Detail(address="127.0.0.1", text=_why(state))
        made = Result(
            series=self._series,
            slot=slot,
            number=number,
            epoch=0,
            asked_us=asked_us,
            duration_us=_TOOK_US,
            state=state,
            cause=_CAUSES.get(state),
            status=0 if state is State.DOWN else 200,
            detail=detail,
            before=self._good if first_bad else None,
        )
        self._failing = bad
        self._good = self._good if bad else made
        return made


_CAUSES = {State.DOWN: FailureClass.REFUSED, State.DEGRADED: FailureClass.EXPECTATION}


def _why(state: State) -> Text | None:
    if state is State.DOWN:
        return Text("refused", {"peer": "127.0.0.1 port 9", "asked": "a test", "waited_us": _TOOK_US})
    if state is State.DEGRADED:
        params = {"subject": "latency", "got": "1.2 s", "expectation": "latency > 800 ms"}
        return Text("degraded.when", params)
    return None


def _now_us() -> int:
    return time.time_ns() // 1000

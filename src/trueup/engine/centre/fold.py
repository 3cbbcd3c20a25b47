"""Make a stretch of one series' ledger again from its results, in the order in which they were asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from trueup.domain.result import FailureClass, Result, State
from trueup.domain.state import Blip, Step, Track, gap, interrupt, silence, step
from trueup.domain.timeline import Probed
from trueup.engine.centre.live import Live
from trueup.store.words import text_json
from trueup.store.write.draft import Span

Words = Mapping[int, tuple[FailureClass | None, str | None]]  # of entries, by the asking of their first probe


class Fold:
    """A track that is walked forward from a certain point, and the entries and blips it leaves.

    Args:
        live: Whose rules hold.
        track: Where the walk begins: nothing pending.
        current: The entry that lies there, wherever it ends now.
        pauses: When people had the series paused, from and until, in order.
        words: Why entries already written began: the packed results do not tell.
    """

    def __init__(
        self,
        live: Live,
        track: Track,
        current: Span,
        pauses: Sequence[tuple[int, int | None]],
        words: Words,
    ) -> None:
        self._live = live
        self.track = track
        self.current = closed(current, None, None, None)
        self.spans: list[Span] = []  # closed ones
        self.blips: list[Blip] = []
        self._pauses = [pause for pause in pauses if pause[0] >= track.since_us]
        self._words = words
        self._last: State | None = None
        self._same = 0  # how many of the newest are alike, after the last late one and without a gap

    def feed(self, results: Iterable[Result], late_us: int) -> bool:
        """Take results in order; stop, and return True, where what follows is as it was before.

        That is where, after the last late result, so many are alike that the state is certain: with the
        late ones and without.
        """
        for result in results:
            if result.state is State.UNKNOWN:
                continue
            self._pause(result.asked_us)
            if self.track.state is not State.PAUSED:
                self._one(result)
                if result.asked_us <= late_us:
                    self._same = 0
                elif self._same >= self._live.longest_run:
                    return True
        return False

    def finish(self, now_us: int) -> None:
        """Take the pauses after the last result, and the silence since."""
        self._pause(None)
        self._made(silence(self.track, now_us, self._live.rules[-1]))

    def _one(self, result: Result) -> None:
        alike = self._same and not gap(self.track, result.asked_us) and self._last is result.state
        self._same = self._same + 1 if alike else 1
        self._last = result.state
        self._made(step(self.track, result, self._live.rules_at(result.asked_us)))

    def _pause(self, asked_us: int | None) -> None:
        """Take the pauses that began until an instant; None takes all."""
        while self._pauses and (asked_us is None or self._pauses[0][0] <= asked_us):
            start_us, end_us = self._pauses[0]
            self._made(interrupt(self.track, start_us, State.PAUSED))
            self._same = 0
            if end_us is None or (asked_us is not None and asked_us < end_us):
                break
            self._pauses.pop(0)
            self._made(interrupt(self.track, end_us, State.UNKNOWN))

    def _made(self, made: Step) -> None:
        for change in made.changes:
            if change.start_us > self.current.start_us:
                self.spans.append(closed(self.current, change.start_us, change.before, change.first))
            first = change.first
            cause, text = change.cause, text_json(change.text)
            if text is None and first is not None:
                cause, text = self._words.get(first.asked_us, (cause, None))
            self.current = Span(
                change.state, change.start_us, None, cause, text, change.before, first, None, None
            )
        self.blips += made.blips
        self.track = made.track


def closed(span: Span, end_us: int | None, last: Probed | None, after: Probed | None) -> Span:
    """Return an entry with another end."""
    return Span(
        span.state, span.start_us, end_us, span.cause, span.text, span.before, span.first, last, after
    )

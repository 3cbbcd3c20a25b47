"""One component in the words of the page."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat

from django.utils.safestring import SafeString, mark_safe

from trueup.domain.sla import Tally
from trueup.figures.component import Component
from trueup.figures.days import DAY_US
from trueup.figures.page import DAYS
from trueup.figures.view import View
from trueup.pages import bars
from trueup.pages.lost import Shown, shown
from trueup.pages.moment import NBSP, Moment, SiteClock, length
from trueup.pages.percent import NO_DATA, band, coverage, uptime

_WINDOWS = ((1, "24 hours"), (7, "7 days"), (30, "30 days"), (90, "90 days"))
_WORDS = {
    "up": "Up",
    "degraded": "Degraded",
    "down": "Down",
    "unknown": "Unknown",
    "paused": "Paused",
    "maintenance": "Maintenance",
}
# Characters that turn the direction of the text around them.
_TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@dataclass(frozen=True, slots=True)
class Row:
    """What the template of a component shows."""

    id: str
    name: str
    state: str
    word: str
    since: Moment | None
    pause: str  # until when, and why
    bars: SafeString
    notes: str
    figures: SafeString
    days: SafeString
    days_summary: str


class Rows:
    """Makes the rows of one revision of a page."""

    def __init__(self, view: View, clock: SiteClock) -> None:
        """Take the page, and the clock its instants are written on."""
        self._view = view
        self._clock = clock
        self.first_day = view.days.date(view.days.today - DAYS + 1)

    def row(self, index: int, component: Component) -> Row:
        """Return the row of a component."""
        closed = component.closed("shown", self._closed)
        today = shown((component.today,), DAYS - 1, self.first_day, self._clock)
        lost = closed.lost + today.lost
        figures = (*map(self._window, repeat(component), _WINDOWS), self._answer(component))
        return Row(
            id=f"component-{index}",
            name=plain_name(component.name),
            state=component.status,
            word=_WORDS[component.status],
            since=None if component.status_since_us is None else self._clock.since(component.status_since_us),
            pause=self._pause(component),
            bars=bars.drawing((closed.paths, today.paths), DAYS, _label(closed, today)),
            notes=f"{closed.notes}|{today.notes}",
            figures=mark_safe("".join(figures)),  # noqa: S308  (our own words and numbers)
            days=today.rows + closed.rows,
            days_summary=_summary(lost),
        )

    def _closed(self, days: Sequence[Tally]) -> Shown:
        return shown(days[1 - DAYS :], 0, self.first_day, self._clock)

    def _window(self, component: Component, window: tuple[int, str]) -> str:
        days, label = window
        tally = component.over(days * DAY_US)
        value, error, measured = uptime(tally), band(tally), coverage(tally)
        lines = [f"({error})" if error else "", f"coverage {measured}" if measured else ""]
        if tally.outside_us and tally.committed_us and component.watched_us is not None:
            lines.append(f"since {self._clock.since(component.watched_us).text}")
        return _figure(label, value, lines, blank=value == NO_DATA)

    def _answer(self, component: Component) -> str:
        label, answer = "Last good answer", component.answer
        if component.is_called:
            return self._call(component)
        if answer is None:
            return _figure(label, "none yet", (), blank=True)
        latency_ms = answer.latency_us / 1000
        shown_ms = f"{latency_ms:.0f}" if latency_ms >= 10 else f"{latency_ms:.1f}"
        return _figure(label, f"{shown_ms}{NBSP}ms", (self._clock.moment(answer.at_us).text,))

    def _call(self, component: Component) -> str:
        """Return the figure of a component that is called instead of asked."""
        answer, due_us = component.answer, component.due_us
        next_due = f"next due {self._clock.moment(due_us).text}" if due_us is not None else ""
        if answer is None:
            return _figure("Last good call", "none yet", (next_due,), blank=True)
        took = f"took {length(answer.latency_us)}" if answer.latency_us else ""
        return _figure("Last good call", self._clock.moment(answer.at_us).text, (took, next_due))

    def _pause(self, component: Component) -> str:
        """Return until when it is paused or in maintenance, and why, in people's own words."""
        planned = component.maintenance
        if planned is not None:
            return f"until {self._clock.since(planned.end_us).text}: {plain_name(planned.name)}"
        pause = component.pause
        if pause is None or component.state != "paused":
            return ""
        until = f"until {self._clock.since(pause.until_us).text}" if pause.until_us is not None else ""
        return ": ".join(filter(None, (until, plain_name(pause.reason))))


def _figure(label: str, value: str, lines: Iterable[str], *, blank: bool = False) -> str:
    """Return one figure; not a template, since these are most of a page of 100 components.

    Nothing is escaped here: every word is our own and every number is made by us.
    """
    beneath = "<br>".join(filter(None, lines))
    style = "value blank" if blank else "value"
    return f'<div class="figure"><dt>{label}</dt><dd class="{style}">{value}</dd><dd>{beneath}</dd></div>'


def _summary(lost: int) -> str:
    if not lost:
        return ""
    return (
        f"{lost} days with lost, unknown or doubtful time"
        if lost > 1
        else "1 day with lost, unknown or doubtful time"
    )


def _label(closed: Shown, today: Shown) -> str:
    watched, down = closed.watched + today.watched, closed.down + today.down
    return (
        f"The last {DAYS} days: {watched} watched, {down} of them with an outage, "
        f"{closed.unknown + today.unknown} with time that was not measured."
    )


def plain_name(name: str) -> str:
    """Return a name without characters that would disturb the text around it: control and direction."""
    return "".join(
        each for each in name if each not in _TURNING and unicodedata.category(each) not in ("Cc", "Zl", "Zp")
    )

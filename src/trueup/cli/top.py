"""``trueup top``: everything at a glance, live in the terminal."""

from __future__ import annotations

import os
import select
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from trueup.cli import options

if TYPE_CHECKING:
    from rich.console import Console

    from trueup.cli.screen import View

_KEPT = 40  # latencies of one check
_PAST_US = 1_800_000_000  # of answers that are drawn when it begins
_FEW = 200  # checks; of more the lines begin empty, since reading their past takes too long
_EVENTS = 5
_KEYS = {b"\x1b[A": "up", b"\x1b[B": "down", b"q": "quit", b"\x03": "quit", b"p": "pause", b"s": "sort"}


def top(
    interval: Annotated[str, typer.Option("--interval", help="Between two looks.")] = "2s",
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Show every check live: state, latency, last result, what happened last, how the engine fares.

    Keys: q quits, p stands still, s sorts, arrows scroll. Reads the database only. Without a terminal it
    prints once.
    """
    options.settings(config, data)
    interval_s = _interval_s(interval)
    from trueup.server import database

    database.require()
    from rich.console import Console

    console = Console(highlight=False)
    watching = Watching()
    if not (sys.stdin.isatty() and console.is_terminal):
        from trueup.cli.screen import draw

        console.print(draw(watching.look(), console.width, None))
        return
    with _keys():
        _live(console, watching, interval_s)


class Watching:
    """Reads the store again and again, and remembers the latencies that it saw."""

    def __init__(self) -> None:
        self._latencies: dict[str, deque[int]] = {}
        self._answered: dict[str, int | None] = {}

    def look(self) -> View:
        """Return how everything is now."""
        from trueup.cli.screen import View
        from trueup.figures import engine
        from trueup.probes.awaited import awaited_kinds
        from trueup.store.read import glance, vital

        now_us = time.time_ns() // 1000
        checks = glance.glances()
        if not self._answered and len(checks) <= _FEW:
            self._begin({each.series: each.slug for each in checks}, now_us)
        for each in checks:
            before = self._answered.get(each.slug)
            self._answered[each.slug] = each.last_answered_us
            if each.good_latency_us is not None and before not in (None, each.last_answered_us):
                self._latencies.setdefault(each.slug, deque(maxlen=_KEPT)).append(each.good_latency_us)
        health = engine.health(now_us)
        # Where the wall clock was set back, the engine's goes on, and the ledger is written on that one.
        shown_us = max(now_us, health.seen_us or 0)
        return View(
            shown_us,
            checks,
            glance.newest_events(_EVENTS),
            health,
            vital.load("engine"),
            self._latencies,
            frozenset(awaited_kinds()),
        )

    def _begin(self, slugs: dict[int, str], now_us: int) -> None:
        from trueup.domain.record import STATES
        from trueup.store.read.samples import sample_rows
        from trueup.store.standing import ANSWERS

        for series, rows in sample_rows(list(slugs), now_us - _PAST_US, now_us).items():
            good = (row.duration_us for row in rows if STATES[row.state] in ANSWERS)
            self._latencies[slugs[series]] = deque(good, maxlen=_KEPT)


def _live(console: Console, watching: Watching, interval_s: float) -> None:
    from rich.live import Live

    from trueup.cli.screen import SORTS, draw

    view = watching.look()
    with Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            live.update(draw(view, console.width, console.height), refresh=True)
            key = _key(interval_s)
            if key == "quit":
                return
            sort, frozen, row = view.sort, view.frozen, view.from_row
            if key == "sort":
                sort = SORTS[(SORTS.index(sort) + 1) % len(SORTS)]
            elif key == "pause":
                frozen = not frozen
            elif key in ("up", "down"):
                row = min(max(0, row + (1 if key == "down" else -1)), len(view.checks))
            if not frozen:
                view = watching.look()
            view.sort, view.frozen, view.from_row = sort, frozen, row


@contextmanager
def _keys() -> Iterator[None]:
    """Get each key at once and unseen, and leave the terminal as it was."""
    import termios
    import tty

    fd = sys.stdin.fileno()
    before = termios.tcgetattr(fd)
    tty.setcbreak(fd)
    try:
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)


def _key(wait_s: float) -> str:
    """Return what a key means that is pressed in time, else nothing; at the end of the input, quit."""
    fd = sys.stdin.fileno()
    ready, _, _ = select.select([fd], [], [], wait_s)
    if not ready:
        return ""
    pressed = os.read(fd, 16)
    return _KEYS.get(pressed, "") if pressed else "quit"


def _interval_s(written: str) -> float:
    from trueup.domain import duration
    from trueup.server.faults import StartError

    try:
        interval_us = duration.parse(written)
    except ValueError as error:
        raise StartError(f"--interval: {error}") from None
    if not 100_000 <= interval_us <= 3_600_000_000:
        raise StartError(f"--interval: {written} is not from 100ms to 1h.")
    return interval_us / 1e6

"""What ``trueup top`` draws: one look at everything, in as many lines and columns as there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.cells import set_cell_size
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text as Line

from trueup.cli.waterfall import colour
from trueup.domain import text
from trueup.figures.engine import EngineHealth
from trueup.store.read.glance import Glance, Told
from trueup.store.read.vital import Load

SORTS = ("order", "state", "latency", "name")
_STEPS = "▁▂▃▄▅▆▇█"
_WORST = ("down", "degraded", "unknown", "paused", "up")
_SPARK = 12  # of so many answers a line is drawn
_EVENTS = 5
_AROUND = 5  # lines that are no check and no event: head, heading, rules, keys
_LEAST = 4  # checks that are shown however small the terminal is
_WIDE = 100  # columns from which on the component is shown, too


@dataclass(slots=True)
class View:
    """What was read, and how it is to be shown."""

    now_us: int
    checks: Sequence[Glance]
    events: Sequence[Told]
    engine: EngineHealth
    load: Load | None
    latencies: Mapping[str, Sequence[int]] = field(default_factory=dict)
    waits: frozenset[str] = frozenset()  # the kinds that are called
    sort: str = SORTS[0]
    frozen: bool = False
    from_row: int = 0


def draw(view: View, width: int, height: int | None) -> Group:
    """Return the picture; without a height everything is in it."""
    checks = ordered(view)
    events = list(view.events)[:_EVENTS]
    if height is not None:
        events = events[: max(0, min(_EVENTS, height - _AROUND - _LEAST))]
        room = max(1, height - _AROUND - len(events))
        first = min(view.from_row, max(0, len(checks) - room))
        left = len(checks) - first - room
        checks = checks[first : first + room]
    else:
        left = first = 0
    parts: list[RenderableType] = [_head(view, width), _table(view, checks, width)]
    if height is not None:
        parts.append(_rule(first, max(0, left), width))
    parts += [_event(view, each) for each in events]
    if height is not None:
        parts.append(_keys(view, width))
    return Group(*parts)


def ordered(view: View) -> list[Glance]:
    """Return the checks in the order that is wished."""
    if view.sort == "state":
        return sorted(view.checks, key=lambda each: _WORST.index(state(each, view.now_us)))
    if view.sort == "latency":
        return sorted(view.checks, key=lambda each: -(each.good_latency_us or 0))
    return sorted(view.checks, key=lambda each: each.slug) if view.sort == "name" else list(view.checks)


def state(check: Glance, now_us: int) -> str:
    """Return what a check is: unknown where its coverage has run out, though nobody has written so."""
    lapsed = check.silent_at_us is not None and now_us >= check.silent_at_us
    return "unknown" if lapsed and check.state != "paused" else check.state


def _head(view: View, width: int) -> Line:
    counts = Counter(state(each, view.now_us) for each in view.checks)
    line = Line("trueup ", style="bold", no_wrap=True)
    for name in _WORST:
        if counts[name]:
            line.append(f" {counts[name]} {name} ", style=f"{colour(name)} bold" if name != "up" else "green")
    line.append("  engine ", style="default")
    if view.engine.alive and view.load is not None:
        load = view.load
        words = f"lag {text.duration(load.lag_us)}, queue {load.queue}"
        words += f", in flight {load.details.get('in_flight', 0)}"
        words += f", missed {load.missed}" if load.missed else ""
        line.append(words, style="dim")
    else:
        line.append("does not run", style="red bold")
    clock = text.instant(view.now_us)[11:19] + "Z"
    line.pad_right(max(1, width - line.cell_len - len(clock)))
    line.append(clock, style="dim")
    line.truncate(width)
    return line


def _table(view: View, checks: Sequence[Glance], width: int) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim", width=width)
    wide = width >= _WIDE
    table.add_column("check", ratio=1, no_wrap=True, overflow="ellipsis")
    if wide:
        table.add_column("component", max_width=24, no_wrap=True, overflow="ellipsis")
    table.add_column("state", width=8, no_wrap=True)
    table.add_column("since", width=12, no_wrap=True, justify="right")
    table.add_column("latency", width=8, no_wrap=True, justify="right")
    table.add_column("", width=_SPARK, no_wrap=True)
    table.add_column("last", width=9, no_wrap=True, justify="right")
    table.add_column("next", width=9, no_wrap=True, justify="right")
    for each in checks:
        table.add_row(*_row(view, each, wide=wide))
    if not view.checks:
        table.add_row("[dim]nothing is watched yet[/]")
    return table


def _row(view: View, check: Glance, *, wide: bool) -> list[str]:
    now_us, shown = view.now_us, state(check, view.now_us)
    since_us = check.covered_until_us if shown != check.state else check.since_us
    latency = "" if check.good_latency_us is None else text.duration(check.good_latency_us)
    last = "" if check.last_answered_us is None else _short(now_us - check.last_answered_us)
    return [
        escape(check.slug),
        *([escape(check.component)] if wide else []),
        f"[{colour(shown)}]{shown}[/]",
        text.duration(max(0, now_us - since_us)),
        latency,
        f"[cyan]{sparkline(view.latencies.get(check.slug, ()))}[/]",
        last,
        _next(view, check, shown),
    ]


def _next(view: View, check: Glance, shown: str) -> str:
    if shown == "paused":
        left_us = None if check.paused_until_us is None else check.paused_until_us - view.now_us
        return "" if left_us is None else f"-> {_short(left_us)}"
    if check.kind in view.waits:
        late = check.covered_until_us < view.now_us or (shown == "down" and check.last_cause == "late")
        return "[red]late[/]" if late else _short(check.covered_until_us - view.now_us)
    if check.last_answered_us is None:
        return ""
    return _short(max(0, check.last_answered_us + check.interval_us - view.now_us))


def sparkline(latencies: Sequence[int]) -> str:
    """Return the newest latencies as a line of blocks, between the shortest and the longest of them."""
    newest = list(latencies)[-_SPARK:]
    if not newest:
        return ""
    low, high = min(newest), max(newest)
    span = max(high - low, high // 10, 1)  # what hardly differs is drawn flat
    return "".join(_STEPS[min(len(_STEPS) - 1, (each - low) * len(_STEPS) // span)] for each in newest)


def _event(view: View, told: Told) -> Line:
    word = told.kind.removeprefix("check.")
    line = Line(
        f"{_short(view.now_us - told.at_us):>7} ago  ", style="dim", no_wrap=True, overflow="ellipsis"
    )
    line.append(told.check, style="default")
    line.append(f" {word}", style=colour(word) if word in _WORST else "dim")
    if told.cause:
        line.append(f" ({told.cause})", style="dim")
    return line


def _rule(above: int, below: int, width: int) -> Line:
    words = ", ".join(
        part for part in (f"{above} above" if above else "", f"{below} below" if below else "") if part
    )
    return Line(set_cell_size(f"── {words} {'─' * width}" if words else "─" * width, width), style="dim")


def _keys(view: View, width: int) -> Line:
    line = Line("", no_wrap=True)
    for key, word in (("q", "quit"), ("p", "go on" if view.frozen else "pause"), ("s", f"sort: {view.sort}")):
        line.append(f" {key} ", style="reverse")
        line.append(f" {word}   ", style="default")
    line.append(" ↑↓ ", style="reverse")
    line.append(" scroll", style="default")
    if view.frozen:
        line.append("   standing still", style="yellow")
    line.truncate(width)
    return line


def _short(length_us: int) -> str:
    """Return a length of time in at most seven characters: its largest unit alone."""
    seconds = max(0, length_us) // 1_000_000
    for unit_s, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= unit_s:
            return f"{seconds // unit_s} {unit}"
    return f"{seconds} s"

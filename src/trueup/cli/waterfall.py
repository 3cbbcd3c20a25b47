"""One probe for people: a bar for each phase, the certificate, the verdict."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text as Line

from trueup.cli.asked import Asked, phases
from trueup.domain import text
from trueup.domain.result import State

_WIDTH = 40
_COLOURS = {State.UP: "green", State.DEGRADED: "yellow", State.DOWN: "red", State.UNKNOWN: "bright_black"}


def colour(state: str) -> str:
    """Return the colour in which a state is shown."""
    return _COLOURS.get(State(state), "bright_black")


def show(asked: Asked) -> None:
    """Print one probe."""
    console = Console(highlight=False)
    where = f"  [dim]{escape(asked.answer.facts.address)}[/]" if asked.answer.facts.address else ""
    console.print(f"[bold]{escape(asked.probe.asks)}[/]{where}\n")
    console.print(_waterfall(asked))
    _certificate(console, asked)
    _verdict(console, asked)


def _waterfall(asked: Asked) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="left")
    table.add_column(justify="right")
    whole_us = max(1, asked.answer.duration_us)
    begun_us = 0
    for name, us in phases(asked.answer):
        left, length = _WIDTH * begun_us // whole_us, max(1, round(_WIDTH * us / whole_us))
        table.add_row(f"  {name}", text.duration(us), Line(" " * left + "━" * length, style="cyan"))
        begun_us += us
    table.add_row("  [bold]total[/]", f"[bold]{text.duration(asked.answer.duration_us)}[/]", "")
    return table


def _certificate(console: Console, asked: Asked) -> None:
    served = asked.answer.facts.certificate
    if served is None:
        return
    days = (served.not_after_us - asked.asked_us) // 86_400_000_000
    style = "red" if days < 0 else "yellow" if days < 14 else "green"
    subject = f"{escape(served.subject)}, issued by {escape(served.issuer)}"
    console.print(f"\n  certificate  {subject}", soft_wrap=True)
    if served.names:
        console.print(f"  names        {escape(', '.join(served.names[:8]))}")
    console.print(f"  valid until  {text.instant(served.not_after_us)}, [{style}]{days} days left[/]")


def _verdict(console: Console, asked: Asked) -> None:
    judgement = asked.judgement
    console.print(
        f"\n  expected     {escape(' and '.join(each.source for each in asked.expect)) or 'an answer'}"
    )
    word = f"[bold {colour(judgement.state)}]{judgement.state}[/]"
    why = f": {escape(text.render(judgement.text))}" if judgement.text else ""
    console.print(f"  verdict      {word}{why}", soft_wrap=True)

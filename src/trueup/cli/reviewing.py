"""What the verbs of exclusions and corrections have in common: options, instants, words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from trueup.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trueup.access.actor import Actor
    from trueup.figures.sla.figure import Figure

From = Annotated[
    str,
    typer.Option("--from", metavar="INSTANT", help="2026-11-23T16:00Z, by the site's clock, or 3h ago: 3h."),
]
Until = Annotated[str, typer.Option("--until", metavar="INSTANT", help="The first instant after it.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for those who decide and audit.")]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="Why it is decided so.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="Of the request, as `list` shows it.")]
Pending = Annotated[bool, typer.Option("--open", help="Only what nobody has decided yet.")]


def acting(by: str | None, role: str) -> Actor:
    """Return who acts, now and from here; the database is open.

    Raises:
        AccessError: They may not.
    """
    from trueup.access.actor import Actor
    from trueup.server.start import now_us

    return Actor(options.who(by, role), options.source(), now_us())


def bounds(from_: str, until: str, now_us: int) -> tuple[int, int]:
    """Return the two instants of ``--from`` and ``--until`` in microseconds UTC.

    Without an offset they are by the clock on the wall of the site's time zone.

    Raises:
        StartError: One is no instant.
    """
    from trueup.cli import when

    where = when.zone(None)
    start_us = when.instant(from_, where, now_us, "--from", ago=True)
    return start_us, when.instant(until, where, now_us, "--until", ago=True)


def effect(found: Iterable[tuple[Figure, Figure]]) -> list[str]:
    """Return a line on each window that a decision touches: what it comes to before and after."""
    return [f"  {_named(live)}: {_came_to(live)} before, {_came_to(then)} after" for live, then in found]


def _named(figure: Figure) -> str:
    return f"{figure.gathered.contract.name}, {figure.label}"


def _came_to(figure: Figure) -> str:
    from trueup.domain.sla import percent

    uptime = percent(figure.result.ratios.uptime)
    return "no data" if uptime is None else f"{uptime} %"


def span(start_us: int, end_us: int) -> str:
    """Return a stretch of time as people read it."""
    return f"{short(start_us)} to {short(end_us)}"


def short(at_us: int) -> str:
    """Return an instant in seconds, with the digits after the second only where there are any."""
    whole = options.iso(at_us)
    return whole if at_us % 1_000_000 else f"{whole[:19]}Z"

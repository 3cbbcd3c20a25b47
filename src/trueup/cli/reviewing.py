"""What the verbs of exclusions and corrections have in common: options, instants, words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from trueup.cli import options

if TYPE_CHECKING:
    from trueup.access.review import By

From = Annotated[str, typer.Option("--from", metavar="INSTANT", help="Such as 2026-11-23T16:00Z.")]
Until = Annotated[str, typer.Option("--until", metavar="INSTANT", help="The first instant after it.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for those who decide and audit.")]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="Why it is decided so.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="Of the request, as `list` shows it.")]
Pending = Annotated[bool, typer.Option("--open", help="Only what nobody has decided yet.")]


def acting(by: str | None, role: str) -> By:
    """Return who acts, now and from here; the database is open.

    Raises:
        AccessError: They may not.
    """
    from trueup.access.review import By
    from trueup.server.start import now_us

    return By(options.who(by, role), options.source(), now_us())


def span(start_us: int, end_us: int) -> str:
    """Return a stretch of time as people read it."""
    return f"{short(start_us)} to {short(end_us)}"


def short(at_us: int) -> str:
    """Return an instant in seconds, with the digits after the second only where there are any."""
    whole = options.iso(at_us)
    return whole if at_us % 1_000_000 else f"{whole[:19]}Z"

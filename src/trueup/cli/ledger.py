"""``trueup ledger``: in which state a check was at every instant, and how that is known."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trueup.cli import options

if TYPE_CHECKING:
    from trueup.store.read.entries import Entry

_NEVER_US = 253_402_300_800_000_000  # the year 10000


def ledger(
    check: Annotated[str, typer.Option("--check", metavar="SLUG", help="Which check.")],
    since: Annotated[
        str | None, typer.Option(help="From when: an instant or a time ago, such as 7d.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Until when, in the same form.")] = None,
    region: Annotated[str, typer.Option(help="As seen from one region; default: the verdict.")] = "verdict",
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Show the ledger of a check: each state with its start, end, the probes at its edges and its cause.

    JSON when the output is no terminal. A down entry is called an outage.
    """
    options.settings(config, data)
    from trueup.server import database

    database.require()
    from trueup.store.read import entries

    known(check, region)
    start_us, end_us = options.instant(since, 0), options.instant(until, _NEVER_US)
    found = entries.entries(check, region, start_us, end_us)
    if as_json or not sys.stdout.isatty():
        options.print_json([document(each) for each in found])
    else:
        _show(found)


def document(entry: Entry) -> dict[str, Any]:
    """Return one entry for a program; instants in ISO 8601 with microseconds."""
    from trueup.domain import text

    return {
        "kind": "outage" if entry.state == "down" else entry.state,
        "state": entry.state,
        "start": options.iso(entry.start_us),
        "end": None if entry.end_us is None else options.iso(entry.end_us),
        "known_until": options.iso(entry.known_until_us),
        "seconds": (entry.known_until_us - entry.start_us) / 1_000_000,
        "cause": entry.cause or None,
        "why": text.render(text.from_json(entry.text)) if entry.text else None,
        "edges": {
            name: {"asked": options.iso(probed.asked_us), "answered": options.iso(probed.answered_us)}
            for name, probed in entry.edges.items()
        },
        "recorded": options.iso(entry.recorded_us),
    }


def known(check: str, region: str) -> None:
    """Refuse a check or a region that is not there, naming what is.

    Raises:
        StartError: There is none of that slug.
    """
    import difflib

    from trueup.server.faults import StartError
    from trueup.store.read import entries

    slugs = entries.check_slugs()
    if check not in slugs:
        near = difflib.get_close_matches(check, slugs, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(slugs) or 'none yet'}."
        raise StartError(f"There is no check {check!r}. {hint}")
    regions = entries.region_slugs(check)
    if region not in regions:
        raise StartError(f"{check} has no ledger in region {region!r}. It has: {', '.join(regions)}.")


def _show(found: list[Entry]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from trueup.cli.waterfall import colour
    from trueup.domain import text

    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for name in ("state", "from (UTC)", "to", "for", "why"):
        table.add_column(name)
    for entry in found:
        word = "outage" if entry.state == "down" else entry.state
        table.add_row(
            f"[{colour(entry.state)}]{word}[/]",
            text.instant(entry.start_us),
            "now" if entry.end_us is None else text.instant(entry.end_us),
            text.duration(entry.known_until_us - entry.start_us),
            escape(text.render(text.from_json(entry.text))) if entry.text else "",
        )
    Console(highlight=False).print(table)

"""What is archived: since when, how much history it has, how to bring it back."""

from __future__ import annotations

from typing import Any

from trueup.cli import options
from trueup.domain import text
from trueup.store.read import slugs
from trueup.store.read.slugs import Named


def show(*, as_json: bool) -> None:
    """Print everything that is archived."""
    found = slugs.archived()
    if as_json:
        options.print_json({"archived": [document(each) for each in found]})
    elif found:
        _table(found)
    else:
        print("nothing is archived")


def document(each: Named) -> dict[str, Any]:
    """Return something archived for a program; instants in ISO 8601."""
    return {
        "noun": each.noun,
        "slug": each.slug,
        "name": each.name,
        "managed": each.managed,
        "archived": None if each.archived_us is None else options.iso(each.archived_us),
        "history_since": None if each.since_us is None else options.iso(each.since_us),
    }


def _table(found: list[Named]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for name in ("what", "slug", "name", "managed by", "archived (UTC)", "history since"):
        table.add_column(name)
    for each in found:
        since = "" if each.since_us is None else text.instant(each.since_us)
        at = "" if each.archived_us is None else text.instant(each.archived_us)
        table.add_row(each.noun, each.slug, escape(each.name), each.managed, at, since)
    console = Console(highlight=False)
    console.print(table)
    console.print("\nBring one back: write it into the configuration again, or: trueup restore SLUG")

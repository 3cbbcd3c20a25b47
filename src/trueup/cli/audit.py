"""``trueup audit``: who did what, and whether anybody changed the log behind its back."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trueup.cli import options

if TYPE_CHECKING:
    from trueup.store.read.audit import Row

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
_MOST = 100_000


@app.callback()
def audit() -> None:
    """Show who did what here, and check that nobody changed that log behind its back."""


@app.command("list", short_help="The newest entries")
def list_(
    most: Annotated[int, typer.Option("--most", metavar="N", min=1, max=_MOST, help="How many.")] = 50,
    noun: Annotated[str, typer.Option("--noun", help="Of one kind of thing, such as check.")] = "",
    subject: Annotated[str, typer.Option("--subject", help="Of one thing, by slug or id.")] = "",
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """List the newest entries of the audit log, the newest first."""
    options.settings(config, data)
    from trueup.server import database

    database.require()
    from trueup.store.read import audit as read

    rows = read.newest(most, noun, subject)
    if as_json:
        options.print_json({"entries": [_document(each) for each in rows]})
        return
    for each in rows:
        entry = each.entry
        did = f"{entry.verb} {entry.noun} {entry.subject}".rstrip()
        print(f"{each.id}  {options.iso(entry.at_us)[:19]}Z  {entry.who}: {did}")
        for name, value in (("before", entry.before), ("after", entry.after)):
            if value is not None:
                print(f"    {name}: {json.dumps(value, ensure_ascii=False)}")
    if not rows:
        print("no entry is like that" if noun or subject else "nobody has done anything yet")


@app.command("verify", short_help="Whether anybody changed the log")
def verify(
    digest: Annotated[
        str,
        typer.Option("--digest", metavar="HEX", help="One that was noted before: it must still be there."),
    ] = "",
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Check every entry against the digests, and name what was edited, removed, inserted or moved.

    Note the digest that it prints somewhere else, and give it with --digest the next time: a log whose end
    was cut off, or that was made anew, holds in itself and not against that. Exit code 1: it does not hold.
    """
    options.settings(config, data)
    from trueup.server import database

    wanted = _digest(digest)
    database.require()
    from trueup.access import audit as access

    verdict = access.verify(wanted)
    if as_json:
        found = [{"id": each.id, "what": each.what, "sentence": each.sentence} for each in verdict.faults]
        head = {"holds": verdict.holds, "entries": verdict.entries, "digest": verdict.digest or None}
        options.print_json({**head, "faults": found, "digest_missing": verdict.missing})
    else:
        for each in verdict.faults:
            print(each.sentence)
        if verdict.missing:
            print(f"no entry has the digest {digest}: the end of the log was cut off, or it was made anew.")
        if verdict.holds:
            print(f"{verdict.entries} entries hold; the newest digest is {verdict.digest or 'none yet'}")
    raise typer.Exit(0 if verdict.holds else 1)


def _digest(written: str) -> str:
    """Return a digest as the log has it, "" where none is given.

    Raises:
        StartError: It cannot be one, so that it says nothing of the log.
    """
    from trueup.server.faults import StartError

    digest = written.strip().lower()
    if digest and not re.fullmatch("[0-9a-f]{64}", digest):
        raise StartError(
            f"--digest {written!r} is no digest: write the 64 characters that `trueup audit verify` prints."
        )
    return digest


def _document(row: Row) -> dict[str, Any]:
    entry = row.entry
    return {
        "id": row.id,
        "at": options.iso(entry.at_us),
        "who": entry.who,
        "verb": entry.verb,
        "noun": entry.noun,
        "subject": entry.subject,
        "before": entry.before,
        "after": entry.after,
        "source": entry.source,
        "digest": row.digest,
    }

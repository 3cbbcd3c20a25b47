"""``trueup export``: what is stored, for other programs and for a file under version control."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trueup.cli import options, rows

if TYPE_CHECKING:
    from trueup.config.export import Exported

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Write out what is stored: the configuration, samples, the ledger, evidence.",
)

_NEVER_US = 253_402_300_800_000_000  # the year 10000
_Checks = Annotated[
    list[str] | None, typer.Option("--check", metavar="SLUG", help="Which check; repeatable; default: all.")
]


@app.command()
def config(
    output: rows.Output = None,
    by_hand: Annotated[bool, typer.Option("--all", help="With what was made by hand.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, which is YAML too.")] = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Write the configuration that means what is stored: applying it changes nothing.

    Secrets come out as references; one that was written out gets a variable of its own, which is named.
    """
    _open(config, data)
    from trueup.config.apply import default_seal
    from trueup.config.emit import yaml
    from trueup.config.export import export
    from trueup.store.read.config import current

    done = export(current(default_seal()), by_hand=by_hand)
    if not done.tree["components"]:
        from trueup.server.faults import StartError

        raise StartError(
            "Nothing is configured: there is no component to write. `trueup apply` a file first."
        )
    written = json.dumps(done.tree, indent=2, ensure_ascii=False) + "\n" if as_json else yaml(done.tree)
    if output is None:
        print(written, end="")
    else:
        rows.save(output, written)
    _tell(done)


@app.command()
def samples(
    check: Annotated[list[str], typer.Option("--check", metavar="SLUG", help="Which check; repeatable.")],
    since: rows.Since = None,
    until: rows.Until = None,
    region: Annotated[str, typer.Option(help="Where it was asked.")] = "local",
    form: rows.Format = "csv",
    output: rows.Output = None,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Write every single result, in the order of asking, with its exact instants.

    Results are kept for 90 days unless TRUEUP_KEEP_SAMPLES says otherwise.
    """
    _open(config, data)
    from trueup.cli import records

    start_us, end_us = _window(since, until)
    slugs = _known(check, region)
    with rows.progress() as say:
        found = (row for slug in slugs for row in records.sample_rows(slug, region, start_us, end_us, say))
        count = rows.write(found, records.SAMPLE, form, output)
    _counted(count, "result", output)
    _gone(slugs, region, start_us)


@app.command()
def ledger(
    check: _Checks = None,
    since: rows.Since = None,
    until: rows.Until = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="As it was known at an instant, in the same form.")
    ] = None,
    region: Annotated[str, typer.Option(help="As seen from one region; default: the verdict.")] = "verdict",
    form: rows.Format = "csv",
    output: rows.Output = None,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Write the states of each check with their starts, ends and the probes at their edges.

    What was corrected later is left out, unless --as-of names an instant before the correction.
    """
    _open(config, data)
    from trueup.cli import records

    start_us, end_us = _window(since, until)
    known_us = None if as_of is None else options.instant(as_of, 0)
    slugs = _known(check or (), region)

    def found() -> Iterator[dict[str, Any]]:
        for number, slug in enumerate(slugs, 1):
            say(f"check {number} of {len(slugs)}")
            yield from records.entry_rows(slug, region, start_us, end_us, known_us)

    with rows.progress() as say:
        count = rows.write(found(), records.ENTRY, form, output)
    _counted(count, "entry", output)


@app.command()
def evidence(
    check: _Checks = None,
    since: rows.Since = None,
    until: rows.Until = None,
    region: Annotated[str, typer.Option(help="Where it was seen.")] = "local",
    folder: Annotated[
        Path | None, typer.Option("--folder", metavar="DIR", help="A new folder: a file each, bodies beside.")
    ] = None,
    output: rows.Output = None,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Write what was seen at the edges of outages, degraded spans and blips that began in a time.

    Lines of JSON with bodies in base64, or a folder of files.
    """
    _open(config, data)
    from trueup.cli import records
    from trueup.cli.folder import fill

    start_us, end_us = _window(since, until)
    slugs = _known(check or (), region)
    found = (each for slug in slugs for each in records.evidence_rows(slug, region, start_us, end_us))
    if folder is not None:
        count = fill(folder, found)
    else:
        count = rows.write(map(records.flat, found), (), "jsonl", output)
    _counted(count, "piece", folder or output)


def _open(config: Path | None, data: Path | None) -> None:
    options.settings(config, data)
    from trueup.server import database

    database.require()


def _window(since: str | None, until: str | None) -> tuple[int, int]:
    from trueup.server.faults import StartError

    start_us, end_us = options.instant(since, 0), options.instant(until, _NEVER_US)
    if start_us >= end_us:
        raise StartError(f"--since {since} is not before --until {until}: there is no time between them.")
    return start_us, end_us


def _known(wanted: list[str] | tuple[()], region: str) -> list[str]:
    """Return the checks that are wanted, all by default; refuse one that is not there."""
    from trueup.cli.ledger import known
    from trueup.store.read import entries

    for slug in wanted:
        known(slug, region)
    return list(wanted) or [slug for slug in entries.check_slugs() if region in entries.region_slugs(slug)]


def _tell(done: Exported) -> None:
    """Say on stderr what the file does not hold."""
    for variable, where in done.placeholders.items():
        print(f"{where}: a secret that was written out; set {variable} to its value", file=sys.stderr)
    if done.left_out:
        print(f"made by hand and left out, --all writes it too: {', '.join(done.left_out)}", file=sys.stderr)


def _gone(slugs: list[str], region: str, start_us: int) -> None:
    """Say on stderr where single results were asked for that are no longer kept."""
    from trueup.store.read import entries, samples

    for slug in slugs:
        kept_us = samples.kept_from_us(entries.series_of(slug)[region])
        if kept_us > start_us:
            print(f"{slug}: single results before {options.iso(kept_us)[:10]} are gone", file=sys.stderr)


def _counted(count: int, noun: str, output: Path | None) -> None:
    if output is not None:
        plural = "entries" if noun == "entry" else f"{noun}s"
        print(f"wrote {count} {noun if count == 1 else plural} to {output}", file=sys.stderr)

"""``trueup sla statement``: what a contract came to in a window, signed; and ``trueup sla claim``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trueup.cli import options, rows

if TYPE_CHECKING:
    from trueup.reports.canonical import Document

FORMATS = ("text", "json", "csv", "html", "pdf")
Contract = Annotated[str, typer.Argument(metavar="CONTRACT", help="The slug of a contract.")]
Period = Annotated[
    str | None,
    typer.Option("--period", metavar="LABEL", help="Such as 2025-12; default: the last that ended."),
]
Revision = Annotated[
    int | None, typer.Option("--revision", metavar="N", min=1, help="Which one; default: the newest.")
]


def statement(
    contract: Contract,
    period: Period = None,
    revision: Revision = None,
    form: Annotated[str, typer.Option("--format", help="text, json, csv, html or pdf.")] = "text",
    output: rows.Output = None,
    every: Annotated[bool, typer.Option("--list", help="List all statements of the contract.")] = False,
    chain: Annotated[
        Path | None, typer.Option("--chain", metavar="DIR", help="Write all of them into a folder, as JSON.")
    ] = None,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Write the signed statement of a contract over a window.

    It is signed once the window has ended and settled; until then it is a draft, and says so.
    """
    import time

    from trueup.server.faults import StartError

    if form not in FORMATS:
        raise StartError(f"--format {form}: write one of {', '.join(FORMATS)}.")
    settings = options.settings(config, data)
    from trueup.server import database

    database.require()
    from trueup.reports import find

    now_us = time.time_ns() // 1000
    if every or chain is not None:
        files = find.chain(contract, now_us)
        _list(files, form, output) if every else _write_chain(files, chain or Path())
        return
    file = find.find(contract, period, revision, now_us, settings.data / "keys")
    save(written(file, form), output)
    if file["draft"]:
        print(f"This is a draft, and not signed: {file['draft']}.", file=sys.stderr)


def claim(
    contract: Contract,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The archive to write.")],
    period: Period = None,
    revision: Revision = None,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Pack what to send to a supplier who broke a promise: statement, results of each outage, a letter."""
    import time

    settings = options.settings(config, data)
    from trueup.server import database

    database.require()
    from trueup.reports import find, signer
    from trueup.reports.claim import write_claim

    file = find.find(contract, period, revision, time.time_ns() // 1000, settings.data / "keys")
    save(write_claim(file, signer.published()), output)
    print(f"wrote {output}; claim.md in it is the letter", file=sys.stderr)


def written(file: Document, form: str) -> bytes:
    """Return a statement in one of the forms.

    Raises:
        PdfError: What makes a PDF is not installed.
    """
    from trueup.reports import billing, canonical, html, pdf, text

    if form == "json":
        return canonical.encode(file)
    if form == "pdf":
        return pdf.write_pdf(file)
    if form == "csv":
        return billing.write_csv([file]).encode()
    return (html.write_html(file) if form == "html" else text.write_text(file)).encode()


def save(data: bytes, output: Path | None) -> None:
    """Write bytes to a file that appears once it is whole, or to stdout.

    Raises:
        OSError: It cannot be written.
    """
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    part = output.with_name(output.name + ".part")
    try:
        part.write_bytes(data)
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)


def _list(files: list[Document], form: str, output: Path | None) -> None:
    from trueup.reports import billing
    from trueup.server.faults import StartError

    if form not in ("text", "csv", "json"):
        raise StartError(f"--list --format {form}: a list is written as text, csv or json.")
    if form == "csv":
        save(billing.write_csv(files).encode(), output)
    elif form == "json":
        import json

        listed = json.dumps([_entry(file) for file in files], indent=2, ensure_ascii=False)
        save(f"{listed}\n".encode(), output)
    else:
        lines = [
            f"{each['seq']:>4}  {each['period']:<12} r{each['revision']}  {each['outcome'] or '-':<9} "
            f"{each['uptime_percent'] or 'no data':>10}  {each['hash']}\n"
            for each in map(_entry, files)
        ]
        save("".join(lines or ["no statement yet\n"]).encode(), output)


def _entry(file: Document) -> dict[str, Any]:
    one = file["statement"]
    result = one["result"]
    return {
        **{key: one[key] for key in ("seq", "id", "period", "revision", "start", "end", "reason", "key_id")},
        **{key: result.get(key) for key in ("uptime_percent", "outcome", "credit_percent", "credit_amount")},
        "hash": file["hash"],
        "built_at": file["built_at"],
    }


def _write_chain(files: list[Document], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        one = file["statement"]
        period = one["period"].replace("/", "-")
        save(written(file, "json"), folder / f"{int(one['seq']):05d}-{period}-r{one['revision']}.json")
    print(f"wrote {len(files)} statement(s) to {folder}", file=sys.stderr)

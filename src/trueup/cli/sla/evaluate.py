"""``trueup sla evaluate``: what the cases in a file come to, without a database and without a network."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

from trueup.cli import options

_LIMIT = 64_000_000  # bytes of a file
_FRACTION = re.compile(r"-?\d+/\d+", re.ASCII)
_COLUMNS = ("id", "window", "uptime %", "status", "outcome", "downtime s", "allowed s", "credit %")


def evaluate(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A case or a file of cases; - is stdin.")],
    as_json: options.Json = False,
) -> None:
    """Judge the cases in a file: one case, or an object with a list of them under "cases".

    Nothing else is read: no configuration, no database, no clock. Exit code 2 if the file cannot be used.
    """
    from trueup.domain.node import DocumentError, parse
    from trueup.domain.sla.file import evaluate_file

    text = read(file)
    try:
        document = parse(text)
        found = evaluate_file(document)
    except DocumentError as error:
        print(f"trueup: {_name(file)}: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    if as_json:
        print(json.dumps(_joined(json.loads(text), found), indent=2))
    else:
        print("\n".join(_tables(document, found)))


def _name(file: str) -> str:
    return "standard input" if file == "-" else file


def read(file: str) -> str:
    """Return the text of a file, or of standard input.

    Raises:
        StartError: It is too long, or no text.
        OSError: It cannot be read.
    """
    from trueup.server.faults import StartError

    if file == "-":
        raw = sys.stdin.buffer.read(_LIMIT + 1)
    else:
        with Path(file).open("rb") as opened:
            raw = opened.read(_LIMIT + 1)
    if len(raw) > _LIMIT:
        raise StartError(
            f"{_name(file)} is longer than {_LIMIT // 1_000_000} MB. Split it into several files."
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = f"byte {error.start}"
        raise StartError(f"{_name(file)} is no text in UTF-8 ({place}). Save it as UTF-8.") from None


def _joined(given: Any, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the results, and each row of a table as it was given with what was computed for it."""
    return {
        name: rows
        if name == "results"
        else [
            {**{key: value for key, value in row.items() if key != "expected"}, **computed}
            for row, computed in zip(given[name], rows, strict=True)
        ]
        for name, rows in found.items()
    }


def _tables(given: Any, found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines that people read."""
    results = found.get("results", [])
    if len(results) == 1:
        yield from _whole(results[0])
    elif results:
        yield from _grid([_COLUMNS, *(_row(each) for each in results)])
    for name, rows in found.items():
        if name != "results":
            keys = list(dict.fromkeys(key for row in rows for key in row))
            lines = [("", *keys)]
            yield from ("", name.replace("_", " "))
            for row, computed in zip(given[name], rows, strict=True):
                lines.append((_called(row), *(_short(computed.get(key)) for key in keys)))
            yield from _grid(lines)


def _whole(entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield every figure of one result."""
    figures = {key: value for key, value in entry["result"].items() if key != "components"}
    if entry["id"] is not None:
        yield str(entry["id"])
    yield from _grid([(key.replace("_", " "), _short(value)) for key, value in figures.items()])
    for name, part in entry["result"].get("components", {}).items():
        yield f"{name}: {', '.join(f'{key} {_short(value)}' for key, value in part.items())}"


def _row(entry: Mapping[str, Any]) -> Sequence[str]:
    of = entry["result"]
    window = f"{of['window_start']} to {of['window_end']}"
    keys = ("uptime_percent", "status", "outcome", "downtime_seconds", "allowed_seconds", "credit_percent")
    return (_short(entry["id"]), window, *(_short(of.get(key)) for key in keys))


def _called(row: Mapping[str, Any]) -> str:
    keys = ("name", "uptime_percent_exact", "timezone", "label")
    return " ".join(str(row[key]) for key in keys if key in row)


def _short(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_short(each)}" for key, each in value.items())
    if isinstance(value, list):
        return "; ".join(map(_short, value)) or "-"
    return _decimal(str(value))


def _decimal(written: str) -> str:
    """Return a fraction with up to six digits, which are cut off, and other texts as they are."""
    if not _FRACTION.fullmatch(written):
        return written
    number = Fraction(written)
    whole, part = divmod(abs(number.numerator) * 1_000_000 // number.denominator, 1_000_000)
    return f"{'-' if number < 0 else ''}{whole}.{part:06d}".rstrip("0").rstrip(".")


def _grid(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()

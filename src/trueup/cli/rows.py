"""Rows on their way out: as CSV or as lines of JSON, to a file that is whole or to stdout."""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from trueup.server.faults import StartError

FORMATS = ("csv", "jsonl")
_LOOK_S = 0.2  # how often progress is shown

Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write; default: stdout.")
]
Format = Annotated[str, typer.Option("--format", help="csv or jsonl.")]
Since = Annotated[
    str | None, typer.Option("--since", help="From when: an instant, a date or a time ago, such as 7d.")
]
Until = Annotated[str | None, typer.Option("--until", help="Until when, in the same form; default: now.")]

Progress = Callable[[str], None]


def write(rows: Iterable[Mapping[str, Any]], columns: Iterable[str], form: str, output: Path | None) -> int:
    """Write rows in a form, each as it comes, and return how many there were.

    Raises:
        StartError: The form is not known.
        OSError: The file cannot be written.
    """
    if form not in FORMATS:
        raise StartError(f"--format {form}: write one of {', '.join(FORMATS)}.")
    with _opened(output) as out:
        return _csv(rows, list(columns), out) if form == "csv" else _jsonl(rows, out)


def save(output: Path, text: str) -> None:
    """Write a text to a file that appears once it is whole.

    Raises:
        OSError: It cannot be written.
    """
    with _opened(output) as out:
        out.write(text)


@contextmanager
def progress() -> Iterator[Progress]:
    """Give what shows people how far it is, on a terminal while the output goes elsewhere."""
    shown = sys.stderr.isatty() and not sys.stdout.isatty()
    last_s = 0.0

    def say(words: str) -> None:
        nonlocal last_s
        if shown and time.monotonic() - last_s >= _LOOK_S:
            last_s = time.monotonic()
            print(f"\r\x1b[K{words}", end="", file=sys.stderr, flush=True)

    try:
        yield say
    finally:
        if last_s:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    """Give a file that appears under its name once it is whole."""
    if output is None:
        yield sys.stdout
        return
    part = output.with_name(output.name + ".part")
    try:
        with part.open("w", encoding="utf-8", newline="") as out:
            yield out
        part.replace(output)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _csv(rows: Iterable[Mapping[str, Any]], columns: list[str], out: TextIO) -> int:
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    count = 0
    for row in rows:
        count += 1
        writer.writerow(row)
    return count


def _jsonl(rows: Iterable[Mapping[str, Any]], out: TextIO) -> int:
    count = 0
    for row in rows:
        count += 1
        out.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
    return count

"""``trueup demo``: a sample platform that fails and recovers on a script, and trueup watching it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trueup import conf
from trueup.cli import options

_DATA = Path("data-demo")


def demo(
    data: options.Data = None,
    listen: options.Listen = None,
    speed: Annotated[float, typer.Option(min=1, max=20, help="How much faster than 120 s it runs.")] = 1.0,
    as_json: options.Json = False,
) -> None:
    """Watch a sample platform on this machine: within 120 s it is up, slow, down and up again.

    What really happened is written to DIR/truth.jsonl, to be compared with the ledger.
    """
    directory = data or _DATA
    conf.override(database_url="")  # the sample platform never enters a database that people use
    settings = options.settings(directory / "trueup.yaml", directory, listen, json_lines=as_json)
    from trueup.server import demo as server

    raise typer.Exit(server.run(settings, speed=speed, say=options.voice(as_json=as_json)))

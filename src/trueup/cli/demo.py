"""``trueup demo``: a sample platform that fails and recovers on a script, and trueup watching it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trueup.cli import options

_DATA = Path("data-demo")


def demo(
    data: options.Data = None,
    listen: options.Listen = None,
    speed: Annotated[float, typer.Option(min=1, max=20, help="How much faster than 120 s it runs.")] = 1.0,
) -> None:
    """Watch a sample platform on this machine: within 120 s it is up, slow, down and up again.

    What really happened is written to DIR/truth.jsonl, to be compared with the ledger.
    """
    directory = data or _DATA
    settings = options.settings(directory / "trueup.yaml", directory, listen)
    from trueup.server import demo as server

    raise typer.Exit(server.run(settings, speed=speed))

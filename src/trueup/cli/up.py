"""``trueup up``: everything on one machine."""

from __future__ import annotations

from typing import Annotated

import typer

from trueup.cli import options


def up(
    config: options.Config = None,
    data: options.Data = None,
    listen: options.Listen = None,
    no_migrate: Annotated[
        bool, typer.Option("--no-migrate", help="Refuse a database of an older form.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Watch what the configuration names and serve the page and the API, until Ctrl-C."""
    settings = options.settings(config, data, listen, json_lines=as_json)
    from trueup.server import boot
    from trueup.server import up as server

    say = options.voice(as_json=as_json)
    # A project of somebody else serves its pages itself.
    raise typer.Exit(server.run(settings, migrate=not no_migrate, web=not boot.hosted(), say=say))

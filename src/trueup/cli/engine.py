"""``trueup engine``: the engine and the periodic jobs alone."""

from __future__ import annotations

from typing import Annotated

import typer

from trueup.cli import options


def engine(
    config: options.Config = None,
    data: options.Data = None,
    no_migrate: Annotated[
        bool, typer.Option("--no-migrate", help="Refuse a database of an older form.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Watch without serving the page: for a machine where ``trueup web`` runs elsewhere."""
    settings = options.settings(config, data, json_lines=as_json)
    from trueup.server import up

    raise typer.Exit(up.run(settings, migrate=not no_migrate, web=False, say=options.voice(as_json=as_json)))

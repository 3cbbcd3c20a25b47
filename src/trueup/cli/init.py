"""``trueup init``: a configuration to start with."""

from __future__ import annotations

from typing import Annotated

import typer

from trueup.cli import options

_SCHEMA = "trueup.schema.json"


def init(
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Write a configuration that watches FRONTEND_URL, BACKEND_URL and WEBSOCKET_URL.

    The variables stay in the file as references; each has a default on localhost. Its JSON Schema, which
    lets editors complete and check it, is written beside it.
    """
    settings = options.settings(config, data)
    from trueup.cli import rows
    from trueup.config import example, shape
    from trueup.config.load import shown

    schema = settings.config.with_name(_SCHEMA)
    example.write(settings.config, force=force, schema=_SCHEMA)
    rows.save(schema, shape.text())
    if as_json:
        options.print_json({"written": str(settings.config), "schema": str(schema)})
    else:
        print(f"wrote {shown(settings.config)}; now: trueup up")

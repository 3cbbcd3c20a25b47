"""``trueup init``: a configuration to start with."""

from __future__ import annotations

from typing import Annotated

import typer

from trueup.cli import options


def init(
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Write a configuration that watches FRONTEND_URL, BACKEND_URL and WEBSOCKET_URL.

    The variables stay in the file as references; each has a default on localhost.
    """
    settings = options.settings(config, data)
    from trueup.config import example
    from trueup.config.load import shown

    example.write(settings.config, force=force)
    if as_json:
        options.print_json({"written": str(settings.config)})
    else:
        print(f"wrote {shown(settings.config)}; now: trueup up")

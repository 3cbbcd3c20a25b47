"""``trueup web``: the page and the API alone."""

from __future__ import annotations

from trueup.cli import options


def web(
    config: options.Config = None,
    data: options.Data = None,
    listen: options.Listen = None,
    parent: options.Parent = None,
    as_json: options.Json = False,
) -> None:
    """Serve the page and the API of a data directory; an engine may run beside it."""
    settings = options.settings(config, data, listen, json_lines=as_json)
    from trueup.server import web as server

    server.run(settings, parent=parent)

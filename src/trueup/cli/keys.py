"""``trueup keys``: with what statements are signed, and how others verify them."""

from __future__ import annotations

from typing import Any

import typer

from trueup.cli import options

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def keys() -> None:
    """Show and change the keys that sign statements; private halves never leave DIR/keys."""


@app.command(short_help="The public keys, old ones too")
def show(as_json: options.Json = False, config: options.Config = None, data: options.Data = None) -> None:
    """Show the public keys; as JSON it is what /.well-known/trueup-keys.json serves."""
    options.settings(config, data)
    from trueup.server import database

    database.require()
    from trueup.reports import key, signer

    found = signer.published()
    if as_json:
        options.print_json(key.document(found))
        return
    for each in found:
        state = f"retired {each.retired_at}" if each.retired_at else "signs"
        print(f"{each.key_id}  made {each.created_at}  {state}")
    if not found:
        print("no key yet: the first is made with the first statement, or by `trueup keys rotate`")


@app.command(short_help="Sign with a new key from now on")
def rotate(
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Make a new key, which signs from now on; statements of the old ones stay valid."""
    import time

    settings = options.settings(config, data)
    from trueup.server import database

    database.require()
    from trueup.reports import rotation

    who = options.who(by, "admin")
    made = rotation.rotate(settings.data / "keys", time.time_ns() // 1000, who, options.source())
    if as_json:
        document: dict[str, Any] = {"key_id": made}
        options.print_json(document)
    else:
        print(f"{made} signs from now on; back up {settings.data / 'keys'}")

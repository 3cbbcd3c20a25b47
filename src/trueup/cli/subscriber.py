"""``trueup subscriber``: who wants to hear of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from trueup.cli import options, reviewing

if TYPE_CHECKING:
    from trueup.conf import Settings
    from trueup.store.read.subscriber import SubscriberRow

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
_Id = Annotated[str, typer.Argument(metavar="ID", help="Of the subscriber, as `list` shows it.")]
_Page = Annotated[str, typer.Option("--page", metavar="SLUG", help="Which page.")]


@app.callback()
def subscriber() -> None:
    """Say who wants to hear of a page."""


@app.command(short_help="Subscribe an address")
def add(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="An e-mail address, or https://... .")],
    page: _Page = "default",
    component: Annotated[
        list[str] | None, typer.Option("--component", metavar="SLUG", help="Repeatable; default: all.")
    ] = None,
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Subscribe an address to a page; you vouch that its owner wants it, so nobody is asked to confirm."""
    settings = _open(config, data)
    from trueup.access import subscribers
    from trueup.store.seal import Seal, ensure_key

    who = reviewing.acting(by, "operator")
    ensure_key(settings.key_file)
    made = subscribers.add(page, address, component or [], Seal(settings.key_file), who)
    _say(made.public_id, as_json)


@app.command(short_help="End a subscription")
def remove(
    name: _Id,
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """End a subscription; the address stays stored, sealed."""
    _open(config, data)
    from trueup.access import subscribers

    subscribers.remove(name, reviewing.acting(by, "operator"))
    _say(name, as_json)


@app.command(short_help="Forget an address for ever")
def erase(
    name: _Id,
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Forget the address of a subscriber for ever and end the subscription; the log still holds.

    Copies of the database that were made before still have it, sealed.
    """
    _open(config, data)
    from trueup.access import subscribers

    subscribers.erase(name, reviewing.acting(by, "admin"))
    _say(name, as_json)


@app.command("list", short_help="All of them, without their addresses")
def list_(
    page: Annotated[str, typer.Option("--page", metavar="SLUG", help="Default: all pages.")] = "",
    addresses: Annotated[bool, typer.Option("--addresses", help="With their addresses.")] = False,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """List the subscribers, the oldest first."""
    settings = _open(config, data)
    from trueup.store.read import subscriber as read
    from trueup.store.seal import Seal

    seal = Seal(settings.key_file)
    rows = [(each, read.address(each, seal) if addresses else "") for each in read.of_page(page)]
    if as_json:
        options.print_json({"subscribers": [_document(*each) for each in rows]})
        return
    for each in rows:
        print(_line(*each))
    if not rows:
        print("nobody has subscribed")


def _open(config: Any, data: Any) -> Settings:
    settings = options.settings(config, data)
    from trueup.server import database

    database.require()
    return settings


def _say(name: str, as_json: bool) -> None:
    from trueup.store.read import subscriber as read

    found = read.find(name)
    assert found is not None
    if as_json:
        options.print_json(_document(found, ""))
    else:
        print(_line(found, ""))


def _line(each: SubscriberRow, address: str) -> str:
    return f"{each.public_id}  {each.status}  {each.kind} of {each.page}{f': {address}' if address else ''}"


def _document(each: SubscriberRow, address: str) -> dict[str, Any]:
    shown = {"address": address} if address else {}
    return {
        "id": each.public_id,
        "page": each.page,
        "kind": each.kind,
        "status": each.status,
        **shown,
        "fingerprint": each.fingerprint,
        "components": list(each.components),
        "created_at": each.created_at.isoformat(),
    }

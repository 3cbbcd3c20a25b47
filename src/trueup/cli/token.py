"""``trueup token``: what programs show to be let in."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trueup.cli import options, reviewing

if TYPE_CHECKING:
    from trueup.store.read.token import TokenRow

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
_Name = Annotated[str, typer.Argument(metavar="NAME", help="What people call it.")]


@app.callback()
def token() -> None:
    """Say what programs may do: each shows a token, in the header `Authorization: Bearer TOKEN`."""


@app.command(short_help="Make one")
def add(
    name: _Name,
    scope: Annotated[
        str, typer.Option("--scope", metavar="LIST", help="Of read, push, write, admin; with commas.")
    ] = "read",
    page: Annotated[
        str | None, typer.Option("--page", metavar="SLUG", help="The only page it opens; default: all.")
    ] = None,
    expires: Annotated[
        str | None,
        typer.Option("--expires", metavar="TIME", help="How long it holds, such as 90d; default: for ever."),
    ] = None,
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Make a token and print it: once, since only a digest of it is kept.

    Scopes: read sees what viewers see, push calls heartbeats, write does what operators do, admin all.
    """
    _open(config, data)
    from trueup.access import token as access
    from trueup.access.who import ADMIN
    from trueup.store.read import token as read

    acting = reviewing.acting(by, ADMIN)
    scopes = [each.strip() for each in scope.split(",") if each.strip()]
    made = access.add(name, scopes, page, _expiry(expires, acting.now_us), acting)
    found = read.find(made.public_id)
    assert found is not None
    if as_json:
        options.print_json({"token": made.raw, **_document(found, acting.now_us)})
        return
    print("This is the only time it is shown. Keep it where you keep passwords.", file=sys.stderr)
    print(made.raw)


@app.command("list", short_help="All of them")
def list_(as_json: options.Json = False, config: options.Config = None, data: options.Data = None) -> None:
    """List the tokens, the oldest first; what lets a program in is not shown again."""
    _open(config, data)
    from trueup.server.start import now_us
    from trueup.store.read import token as read

    at_us, rows = now_us(), read.everyone()
    if as_json:
        options.print_json({"tokens": [_document(each, at_us) for each in rows]})
        return
    for each in rows:
        print(_line(each, at_us))
    if not rows:
        print("there are no tokens")


@app.command(short_help="Let one open nothing any more")
def revoke(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name, or the id that `list` shows.")],
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Let a token open nothing from now on; its name is free again."""
    _open(config, data)
    from trueup.access import token as access
    from trueup.access.who import ADMIN
    from trueup.store.read import token as read

    acting = reviewing.acting(by, ADMIN)
    found = read.find(access.revoke(name, acting).public_id)
    assert found is not None
    if as_json:
        options.print_json(_document(found, acting.now_us))
    else:
        print(_line(found, acting.now_us))


def _open(config: Any, data: Any) -> None:
    options.settings(config, data)
    from trueup.server import database

    database.require()


def _expiry(written: str | None, now_us: int) -> int | None:
    from trueup.domain import duration
    from trueup.server.faults import StartError

    if written is None:
        return None
    try:
        return now_us + duration.parse(written)
    except ValueError as error:
        raise StartError(f"--expires: {error}.") from None


def _line(each: TokenRow, now_us: int) -> str:
    where = f" of {each.page}" if each.page else ""
    until = f", until {_instant(each.expires_us)}" if each.expires_us is not None else ""
    used = f"used {_instant(each.used_us)}" if each.used_us is not None else "never used"
    said = f"{each.prefix}...  {each.status(now_us)}  {','.join(each.scopes)}{where}{until}, {used}"
    return f"{each.public_id}  {each.name}  {said}"


def _instant(at_us: int) -> str:
    return f"{options.iso(at_us)[:16]}Z"


def _document(each: TokenRow, now_us: int) -> dict[str, Any]:
    def iso(at_us: int | None) -> str | None:
        return None if at_us is None else options.iso(at_us)

    return {
        "id": each.public_id,
        "name": each.name,
        "prefix": each.prefix,
        "status": each.status(now_us),
        "scopes": list(each.scopes),
        "page": each.page,
        "user": each.user,
        "created_by": each.created_by,
        "created_at": iso(each.created_us),
        "expires_at": iso(each.expires_us),
        "used_at": iso(each.used_us),
        "revoked_at": iso(each.revoked_us),
    }

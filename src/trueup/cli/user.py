"""``trueup user``: who may do what here."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trueup.cli import options, reviewing

if TYPE_CHECKING:
    from trueup.store.read.user import Known

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
_Name = Annotated[str, typer.Argument(metavar="NAME", help="Of the user.")]


@app.callback()
def user() -> None:
    """Say who may do what: viewers look, operators work, admins also decide and make users."""


@app.command(short_help="Make one")
def add(
    name: _Name,
    role: Annotated[str, typer.Option("--role", help="viewer, operator or admin.")] = "viewer",
    email: Annotated[str, typer.Option("--email", help="Where they are written to.")] = "",
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Make a user with a role; the password is asked for, or read from standard input.

    The first one has to be an admin; from then on whoever changes anything says --by whom. In a project of
    yours an account that is there gets the role and keeps its password.
    """
    _open(config, data)
    from trueup.access import users, who

    if by == name and not _any():
        by = None  # nobody else can say it yet
    acting = reviewing.acting(by, who.ADMIN)
    password = None if users.known(name) else _password(name)
    users.add(name, role, email, password, acting)
    _say(name, as_json)


@app.command(short_help="Give another password")
def passwd(
    name: _Name,
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Give a user another password, asked for or read from standard input; their own, or as an admin."""
    _open(config, data)
    from trueup import conf
    from trueup.access import users, who

    own = (by or conf.current().by) == name
    acting = reviewing.acting(by, who.VIEWER if own else who.ADMIN)
    users.change_password(name, _password(name), acting)
    _say(name, as_json)


@app.command(short_help="Give another role")
def role(
    name: _Name,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="viewer, operator or admin.")],
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Give a user another role; one who was disabled may act again."""
    _open(config, data)
    from trueup.access import users, who

    users.change_role(name, role, reviewing.acting(by, who.ADMIN))
    _say(name, as_json)


@app.command(short_help="Let one do nothing any more")
def disable(
    name: _Name,
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Let a user do nothing here from now on; what they did stays in the log under their name."""
    _open(config, data)
    from trueup.access import users, who

    users.disable(name, reviewing.acting(by, who.ADMIN))
    _say(name, as_json)


@app.command("list", short_help="All of them")
def list_(as_json: options.Json = False, config: options.Config = None, data: options.Data = None) -> None:
    """List the users with their roles."""
    _open(config, data)
    from trueup.store.read import user as read

    rows = read.everyone()
    if as_json:
        options.print_json({"users": [_document(each) for each in rows]})
        return
    for each in rows:
        print(_line(each))
    if not rows:
        print("there are no users: whoever runs this command line may do everything")


def _open(config: Any, data: Any) -> None:
    options.settings(config, data)
    from trueup.server import database

    database.require()


def _any() -> bool:
    from trueup.store.read import user as read

    return read.exist()


def _password(name: str) -> str:
    """Return a password: asked for twice on a terminal, else the first line of standard input.

    Raises:
        StartError: The two are not alike.
    """
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    import getpass

    from trueup.server.faults import StartError

    first = getpass.getpass(f"Password of {name}: ")
    if getpass.getpass("Once more: ") != first:
        raise StartError("The two passwords are not alike. Try again.")
    return first


def _say(name: str, as_json: bool) -> None:
    from trueup.store.read import user as read

    found = read.find(name)
    assert found is not None
    if as_json:
        options.print_json(_document(found))
    else:
        print(_line(found))


def _line(each: Known) -> str:
    end = "" if each.disabled_at is None else f", disabled since {each.disabled_at:%Y-%m-%d %H:%M} UTC"
    return f"{each.name}: {each.role}{end}"


def _document(each: Known) -> dict[str, Any]:
    return {
        "name": each.name,
        "role": each.role,
        "created_at": each.created_at.isoformat(),
        "disabled_at": None if each.disabled_at is None else each.disabled_at.isoformat(),
    }

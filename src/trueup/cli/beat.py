"""``trueup beat``: call a heartbeat, or run a command and call for it."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from trueup.cli import options
from trueup.cli.calling import store_call

_MOST = 255  # the largest exit code there is


def beat(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="Of the heartbeat.")],
    command: Annotated[
        list[str] | None, typer.Argument(metavar="-- COMMAND", help="To run and to call for.")
    ] = None,
    start: Annotated[bool, typer.Option("--start", help="A run begins.")] = False,
    fail: Annotated[bool, typer.Option("--fail", help="It failed.")] = False,
    exit_code: Annotated[
        int | None, typer.Option("--exit-code", metavar="N", help="Its exit code; any but 0 is a failure.")
    ] = None,
    message: Annotated[str, typer.Option("--message", help="What it has to say.")] = "",
    run: Annotated[str, typer.Option("--run", metavar="ID", help="Which run, where several go on.")] = "",
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Call a heartbeat: its job ran well, unless an option says otherwise.

    The call is stored when this returns; a running engine takes it in at once, else the next one does.
    With -- COMMAND the command is run between a call at its start and one at its end, which says its exit
    code; no shell is between, and the exit code is that of the command.
    """
    settings = options.settings(config, data)
    _refuse(command, start, fail, exit_code, run)
    if command:
        from trueup.cli.job import run_and_call

        raise typer.Exit(run_and_call(settings, slug, command, message))
    kind = "start" if start else "fail" if fail or exit_code else "success"
    document = store_call(settings, slug, kind, run=run, exit_code=exit_code, message=message)
    if as_json:
        options.print_json(document)
    else:
        _say(document)


def _refuse(command: list[str] | None, start: bool, fail: bool, exit_code: int | None, run: str) -> None:
    """Refuse options that contradict each other.

    Raises:
        StartError: They do.
    """
    from trueup.server.faults import StartError

    if exit_code is not None and not 0 <= exit_code <= _MOST:
        raise StartError(f"--exit-code {exit_code} is no exit code: it is 0 to {_MOST}.")
    if len(run) > 36 or not run.isprintable():
        raise StartError("--run takes at most 36 characters that can be printed.")
    if start and (fail or exit_code is not None):
        raise StartError("A run that begins has no end yet: leave out --start, or --fail and --exit-code.")
    if fail and exit_code == 0:
        raise StartError("--fail and --exit-code 0 contradict each other: leave one of them out.")
    if command and (start or fail or exit_code is not None or run):
        raise StartError(
            "With a command the calls are made for it: leave out --start, --fail, --exit-code and --run."
        )


def _say(document: dict[str, Any]) -> None:
    told = "no engine runs here; the next one takes it in"
    if document["engine_told"]:
        told = "the engine was told"
    print(f"stored the call of {document['check']} ({document['call']}); {told}")
    if document["paused"]:
        print(f"{document['check']} is paused: the call counts for nothing", file=sys.stderr)

"""``trueup doctor``: what is not as it should be here, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from trueup.cli import options
from trueup.cli.validate import counted

if TYPE_CHECKING:
    from trueup.server.doctor.examine import Examined

_COLOURS = {"error": "red", "warning": "yellow"}


def doctor(
    clock: Annotated[
        str, typer.Option("--clock", metavar="URL", help="Compare the clock with this web server's.")
    ] = "",
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
    listen: options.Listen = None,
) -> None:
    """Look at clock, network, disk, database and configuration; change nothing, disturb nothing.

    Exit code 0: all is well; 1: there are warnings only; 2: there is an error.
    """
    settings = options.settings(config, data, listen)
    from trueup.server.doctor.examine import examine

    found = examine(settings, clock)
    if as_json:
        options.print_json(document(found))
    else:
        _show(found)
    raise typer.Exit(found.worst)


def document(found: Examined) -> dict[str, Any]:
    """Return what was found for a program."""
    return {
        "well": not found.findings,
        "findings": [each.as_json() for each in found.findings],
        "versions": found.versions,
        "took_ms": found.took_us // 1000,
    }


def _show(found: Examined) -> None:
    from rich.console import Console
    from rich.markup import escape

    from trueup.server.doctor.finding import PAGE

    console = Console(highlight=False, soft_wrap=True)
    for each in found.findings:
        console.print(
            f"[{_COLOURS[each.severity]}]{each.severity}[/] [bold]{each.id}[/]: {escape(each.sentence)}"
        )
        console.print(f"    {escape(each.remedy)}\n    [dim]{PAGE}#{each.id}[/]")
    errors = sum(1 for each in found.findings if each.severity == "error")
    about = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    warnings = len(found.findings) - errors
    counts = f"{counted(errors, 'error')}, {counted(warnings, 'warning')}"
    verdict = counts if found.findings else "all is well"
    console.print(f"{verdict}; {about}")

"""``trueup sla presets``: published agreements that a contract may begin with, and what was read where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from trueup.cli import options

if TYPE_CHECKING:
    from trueup.config.presets import Preset


def presets(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One of them, with its figures.")] = None,
    as_json: options.Json = False,
) -> None:
    """List the agreements for ``preset:`` of a contract, or show one: each figure with source and date.

    A figure that is not verified is to be checked against the text before money depends on it.
    """
    from trueup.config import presets as stored
    from trueup.server.faults import StartError

    known = stored.presets()
    if name is not None and name not in known:
        raise StartError(f"No preset is called {name!r}. There are {', '.join(known)}.")
    wanted = list(known.values()) if name is None else [known[name]]
    if as_json:
        left_out = [{"name": each.name, "why": each.why} for each in stored.inexpressible()]
        more = {"not_expressible": left_out} if name is None else {}
        options.print_json({"presets": [_document(each) for each in wanted], **more})
    elif name is None:
        _list(wanted)
        for each in stored.inexpressible():
            print(f"not expressible yet: {each.name}. {each.why}")
    else:
        _show(wanted[0])


def _list(wanted: list[Preset]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("preset", "agreement", "objective", "figures verified", box=None, pad_edge=False)
    for each in wanted:
        verified = sum(1 for figure in each.figures if figure.verified)
        objective = str(each.contract["objective"])
        table.add_row(each.name, each.title, objective, f"{verified} of {len(each.figures)}")
    Console(highlight=False).print(table)


def _show(preset: Preset) -> None:
    print(f"{preset.name}: {preset.title}")
    for each in preset.figures:
        state = "verified" if each.verified else "NOT VERIFIED"
        dated = f", {each.date}" if each.date else ""
        print(f"  {each.of}: {each.says} ({state}; {each.source}{dated})")
    for limit in preset.limits:
        print(f"  limit: {limit}")


def _document(preset: Preset) -> dict[str, Any]:
    return {
        "name": preset.name,
        "title": preset.title,
        "party": preset.party or None,
        "contract": _plain(preset.contract),
        "figures": [
            {"of": each.of, "says": each.says, "source": each.source, "date": each.date or None,
             "verified": each.verified}
            for each in preset.figures
        ],
        "limits": list(preset.limits),
    }  # fmt: skip


def _plain(value: Any) -> Any:
    """Numbers with a point come out as texts, so that no program rounds them."""
    from decimal import Decimal

    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, Decimal) else value

"""What applying a configuration would do, for people: a line for each change, coloured by what it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from trueup.cli import options

if TYPE_CHECKING:
    from trueup.config.change import Change

_COLOURS = {"create": "green", "change": "yellow", "rename": "cyan", "archive": "red", "restore": "green"}
_WORDS = {
    "create": "to create",
    "change": "to change",
    "rename": "to rename",
    "archive": "to archive",
    "restore": "to restore",
}


def show(changes: Sequence[Change], notices: Sequence[str]) -> None:
    """Print what would change, in colours on a terminal."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False, soft_wrap=True)
    for notice in notices:
        console.print(escape(notice))
    for each in changes:
        rest = escape(each.line[len(each.head) :])
        console.print(f"[{_COLOURS[each.action]}]{escape(each.head)}[/]{rest}")


def summary(changes: Sequence[Change]) -> str:
    """Return how many things are to be created, changed and so on, in words."""
    counted = _counted(changes)
    return ", ".join(f"{number} {_WORDS[action]}" for action, number in counted.items() if number)


def document(changes: Sequence[Change]) -> dict[str, Any]:
    """Return what would change, for a program."""
    return {
        "changes": [
            {**each.as_json(), "history_since": None if each.since_us is None else options.iso(each.since_us)}
            for each in changes
        ],
        "summary": _counted(changes),
    }


def _counted(changes: Sequence[Change]) -> dict[str, int]:
    return {action: sum(1 for each in changes if each.action == action) for action in _COLOURS}

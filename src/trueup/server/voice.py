"""What the person who typed the command is told, on stdout: lines of words, or of JSON."""

from __future__ import annotations

import json
from typing import Protocol


class Say(Protocol):
    """Tells people something; the facts in it are for programs."""

    def __call__(self, line: str, **facts: object) -> None:
        """Say it."""


def _print(line: str, **_facts: object) -> None:
    print(line, flush=True)  # noqa: T201 (it is what this module is for)


def _print_json(line: str, **facts: object) -> None:
    print(json.dumps({"said": line, **facts}, ensure_ascii=False), flush=True)  # noqa: T201


PRINT: Say = _print
PRINT_JSON: Say = _print_json

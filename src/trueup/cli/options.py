"""Options that every verb has, and what they do: written once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from trueup import conf

Config = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", help="The configuration. [TRUEUP_CONFIG; default ./trueup.yaml]"
    ),
]
Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Database, backups and keys. [TRUEUP_DATA; default ./data]"),
]
Listen = Annotated[
    str | None,
    typer.Option("--listen", metavar="HOST:PORT", help="[TRUEUP_LISTEN; default 127.0.0.1:8420]"),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Parent = Annotated[int | None, typer.Option(hidden=True, help="The process this one ends with.")]


def settings(
    config: Path | None = None, data: Path | None = None, listen: str | None = None
) -> conf.Settings:
    """Return the settings, with what the command line says put over the environment's.

    Raises:
        SettingError: A value cannot be used.
    """
    conf.override(config=config, data=data, listen=listen)
    return conf.current()


def print_json(document: Any) -> None:
    """Print a document as JSON, one per call, readable by people too."""
    print(json.dumps(document, indent=2, ensure_ascii=False))

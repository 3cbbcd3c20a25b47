"""Options that every verb has, and what they do: written once."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trueup import conf

if TYPE_CHECKING:
    from trueup.server.voice import Say

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

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
By = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", help="Who acts: a user of trueup, once there are any. [TRUEUP_BY]"),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Parent = Annotated[int | None, typer.Option(hidden=True, help="The process this one ends with.")]


def settings(
    config: Path | None = None,
    data: Path | None = None,
    listen: str | None = None,
    *,
    json_lines: bool = False,
) -> conf.Settings:
    """Return the settings, with what the command line says put over the environment's.

    Raises:
        SettingError: A value cannot be used.
    """
    conf.override(config=config, data=data, listen=listen, log_format="json" if json_lines else None)
    return conf.current()


def who(by: str | None, role: str) -> str:
    """Return who acts, as the audit log says it; the database is open.

    Raises:
        AccessError: There are users, and nobody is named, nobody of that name is known, or may do this.
    """
    from trueup.access import who as access

    return access.acting(by or conf.current().by, role)


def source() -> str:
    """Return from where a command is given, as the audit log says it."""
    import socket

    return f"command line on {socket.gethostname()}"


def instant(written: str | None, default_us: int) -> int:
    """Return an instant in microseconds UTC: written in ISO 8601 (without a zone: UTC), or as a time ago.

    Raises:
        StartError: It is neither.
    """
    import time

    from trueup.domain import duration
    from trueup.server.faults import StartError

    if written is None:
        return default_us
    try:
        return time.time_ns() // 1000 - duration.parse(written)
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        raise StartError(
            f"{written!r} is no instant. Write 2026-11-23T16:00:00Z, 2026-11-23 or a time ago, such as 12h."
        ) from None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return (at - _EPOCH) // timedelta(microseconds=1)


def iso(at_us: int) -> str:
    """Return an instant (microseconds UTC) in ISO 8601 with all its digits."""
    return (_EPOCH + timedelta(microseconds=at_us)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def voice(*, as_json: bool) -> Say:
    """Return how a verb that stays tells people what it does."""
    from trueup.server.voice import PRINT, PRINT_JSON

    return PRINT_JSON if as_json else PRINT


def print_json(document: Any) -> None:
    """Print a document as JSON, one per call, readable by people too."""
    print(json.dumps(document, indent=2, ensure_ascii=False))

"""Options of a kind of probe, with the files they name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trueup.domain import option as _option
from trueup.domain.option import OptionError, OptionField, fields, option, schema

__all__ = ["OptionError", "OptionField", "fields", "option", "read", "schema"]


def read(kind: type[Any], written: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of options as the kind's constructor takes them.

    Raises:
        OptionError: One is unknown (the nearest name is proposed), not of its type, or a file that
            cannot be read.
    """
    values = _option.read(kind, written)
    for each in fields(kind):
        if each.type == "file" and values.get(each.name):
            _readable(each.name, values[each.name])
    return values


def _readable(name: str, path: str) -> None:
    try:
        with Path(path).open("rb") as file:
            file.read(1)
    except OSError as error:
        raise OptionError(name, f"{name}: {path} cannot be read: {error.strerror}.") from error

"""``trueup validate``: whether the configuration can be used."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from trueup.cli import options

if TYPE_CHECKING:
    from trueup.domain.spec import ConfigSpec


def validate(as_json: options.Json = False, config: options.Config = None, data: options.Data = None) -> None:
    """Read the configuration and say everything that is wrong with it, or that it is valid.

    Nothing is asked and nothing is stored. Exit code 2 if it cannot be used.
    """
    settings = options.settings(config, data)
    from trueup import conf
    from trueup.config.load import load
    from trueup.config.problem import ConfigErrors

    try:
        spec = load(settings.config, conf.environment())
    except ConfigErrors as errors:
        if as_json:
            options.print_json({"valid": False, "errors": errors.as_json(), "notices": []})
        else:
            print(errors, file=sys.stderr)
        raise typer.Exit(2) from None
    if as_json:
        counts = {"components": len(spec.components), "checks": checks(spec)}
        options.print_json({"valid": True, "errors": [], "notices": list(spec.notices), **counts})
    else:
        for notice in spec.notices:
            print(notice)
        print(f"valid: {counted(len(spec.components), 'component')}, {counted(checks(spec), 'check')}")


def checks(spec: ConfigSpec) -> int:
    """Return how many checks a configuration has."""
    return sum(len(component.checks) for component in spec.components)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun in the right form."""
    return f"{number} {noun}{'' if number == 1 else 's'}"

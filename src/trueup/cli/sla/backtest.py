"""``trueup sla backtest``: what a contract would have come to over a history from elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trueup.cli import options
from trueup.cli.sla.evaluate import read

if TYPE_CHECKING:
    from trueup.figures.sla.backtest import History
    from trueup.figures.sla.deal import Contract
    from trueup.figures.sla.figure import Figure

_HEADING = ("window", "status", "uptime %", "used min", "allowed min", "tier", "credit %", "credit")
_SINCE_US = -62_135_596_800_000_000  # the year 1: the contract is tried on all of the history


def backtest(
    file: Annotated[str, typer.Argument(metavar="FILE.csv", help="component,start,end,state; - is stdin.")],
    contract: Annotated[
        str | None,
        typer.Option("--contract", metavar="SLUG", help="Of the configuration; default: 99.9 % a month."),
    ] = None,
    otherwise: Annotated[
        str, typer.Option("--otherwise", metavar="STATE", help="What it was where nothing is written.")
    ] = "up",
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="INSTANT", help="Where the history ends, if inside a window."),
    ] = None,
    timezone: Annotated[
        str, typer.Option("--timezone", help="Of the months, where no contract is named.")
    ] = "UTC",
    as_json: options.Json = False,
    config: options.Config = None,
) -> None:
    """Judge a history from elsewhere, window by window, under a contract or the built-in profile.

    Reads the file, and the configuration if a contract is named; no database. Exit code 2 with the lines of
    what cannot be used.
    """
    options.settings(config)
    from trueup.server import boot

    boot.django()
    from trueup.figures.sla import backtest as trial

    try:
        history = trial.read(read(file))
        found = _contract(contract, history, timezone)
        trial.components_of(history, found)
    except trial.HistoryError as error:
        print(f"trueup: {file} cannot be used:\n{error}", file=sys.stderr)
        raise typer.Exit(2) from None
    until_us = None if until is None else options.instant(until, 0)
    figures = trial.backtest(history, found, _state(otherwise), until_us)
    if as_json:
        options.print_json(
            {"contract": found.slug, "otherwise": otherwise, "windows": list(map(_summary, figures))}
        )
    else:
        _show(found, figures, otherwise)


def _contract(slug: str | None, history: History, timezone: str) -> Contract:
    """Return the contract of the configuration, or the built-in profile.

    Raises:
        ConfigErrors: The configuration cannot be used.
        UnknownContractError: It has no such contract.
    """
    from trueup.figures.sla import backtest, deal

    if slug is None:
        from trueup.domain import calendar
        from trueup.server.faults import StartError

        try:
            calendar.zone(timezone)
        except ValueError as error:
            raise StartError(f"--timezone: {error}") from None
        return deal.of_document(
            deal.BUILT_IN, "Built-in profile", backtest.profile(history, timezone), _SINCE_US
        )
    from trueup import conf
    from trueup.config.load import load
    from trueup.figures.sla.fault import UnknownContractError

    spec = load(conf.current().config, conf.environment())
    for each in spec.contracts:
        if each.slug == slug and each.expanded is not None:
            return deal.of_document(each.slug, each.name, each.expanded, _SINCE_US)
    there = ", ".join(each.slug for each in spec.contracts) or "none"
    raise UnknownContractError(f"{conf.current().config} has no contract {slug!r}. It has: {there}.")


def _state(written: str) -> Any:
    from trueup.domain.result import State
    from trueup.server.faults import StartError

    if written not in set(State):
        raise StartError(f"--otherwise: {written!r} is no state. Write one of {', '.join(State)}.")
    return State(written)


def _summary(figure: Figure) -> dict[str, Any]:
    from trueup.figures.sla.summary import summary

    return summary(figure, money=True)


def _show(contract: Contract, figures: list[Figure], otherwise: str) -> None:
    rows: list[tuple[str, ...]] = [_HEADING]
    for told in map(_summary, figures):
        minutes = told["downtime_minutes"]
        cells = (
            told["period"], told["status"], told["uptime_percent"], minutes["used"], minutes["allowed"],
            told["uptime_tier"], told["service_credit"], told["credit_amount"],
        )  # fmt: skip
        rows.append(tuple("-" if each is None else str(each) for each in cells))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print(f"\n{contract.name}; where nothing is written, components were {otherwise}")

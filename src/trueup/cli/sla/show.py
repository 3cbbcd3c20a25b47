"""``trueup sla show``: what a contract comes to, with its error bars, and opened into what makes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trueup.cli import options
from trueup.cli.sla import asking

if TYPE_CHECKING:
    from trueup.figures.sla.book import Book
    from trueup.figures.sla.figure import Figure

_BAR = 30
_WORDS = {
    "met": "kept",
    "at_risk": "below the objective so far",
    "breached": "broken",
    "no_data": "no verdict",
}
# Figures that are opened for people; the others hold whole windows and are in the JSON.
_OPENED = (
    "down_seconds", "degraded_seconds", "tolerated_seconds", "unknown_seconds", "excluded_exclusion_seconds",
    "excluded_maintenance_seconds", "excluded_component_seconds", "downtime_seconds", "band_lo_seconds",
    "band_hi_seconds",
)  # fmt: skip


def show(
    contract: asking.Contract = None,
    period: asking.Period = None,
    entries: Annotated[
        bool, typer.Option("--entries", help="Open each figure into the entries that make it.")
    ] = False,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Show what a contract comes to: verdict, uptime with its band, budget, credit, forecast, coverage.

    Reads the database only: the engine may run or not.
    """
    options.settings(config, data)
    from trueup.server import database

    database.require()
    book = asking.book()
    found = asking.figures(book, contract, period)
    if as_json:
        told = [document(book, each, entries=entries) for each in found]
        options.print_json(told[0] if len(told) == 1 else told)
        return
    for each in found:
        print("\n".join(lines(book, each)))
        if entries:
            print("\n".join(_opened(each)))


def document(book: Book, figure: Figure, *, entries: bool = False) -> dict[str, Any]:
    """Return a figure for a program: as the API has it, what lies ahead, and the exact result."""
    from trueup.domain.sla import write_band, write_result
    from trueup.figures.sla.entries import opened
    from trueup.figures.sla.outlook import outlook
    from trueup.figures.sla.summary import summary

    found = summary(figure, money=True)
    found["outlook"] = outlook(book, figure)
    found["result"] = write_result(figure.gathered.case, figure.result) | write_band(figure.result)
    if entries:
        found["figures"] = opened(figure)
    return found


def lines(book: Book, figure: Figure) -> Iterator[str]:
    """Yield a figure for people, line by line."""
    from trueup.figures.sla.outlook import outlook
    from trueup.figures.sla.summary import summary

    told = summary(figure, money=True)
    contract = figure.gathered.contract
    yield f"{contract.name}, {told['period']}: {_WORDS[told['status']]}"
    state = "over" if told["closed"] else f"open, as of {told['as_of']}"
    yield f"  window    {told['window_start']} to {told['window_end']} ({state})"
    if not told["settles"]:
        yield "            looked at under the same terms; the contract is not settled by it"
    yield f"  uptime    {_percent(told['uptime_percent'])}{_band(told)}, {told['sla_target']} % promised"
    yield from _budget(told)
    yield from _credit(told)
    if told["coverage_percent"] is not None:
        yield f"  coverage  {told['coverage_percent']} % of the time is known"
    if told["reason"]:
        yield f"  no verdict: {told['reason']}"
    yield from _ahead(outlook(book, figure), told["currency"])


def _band(told: dict[str, Any]) -> str:
    low, high = told["uptime_low"], told["uptime_high"]
    return "" if low is None or high is None else f" (between {low} and {high})"


def _budget(told: dict[str, Any]) -> Iterator[str]:
    minutes = told["downtime_minutes"]
    used, allowed, left = minutes["used"], minutes["allowed"], minutes["remaining"]
    if used is None or allowed is None:
        return
    filled = _BAR if used >= allowed else int(_BAR * used / allowed)
    bar = "#" * filled + "." * (_BAR - filled)
    yield f"  budget    [{bar}] {used} of {allowed} min used, {left} min left"
    if told["allowed_exact_minutes"] != allowed:
        exact, rest = told["allowed_exact_minutes"], told["remaining_exact_minutes"]
        yield f"            exactly {exact} min are allowed and {rest} min left; a month of 30 days is quoted"
    if told["burn_rate"] is not None:
        yield f"            burn rate {told['burn_rate']} (1 is just as fast as allowed)"


def _credit(told: dict[str, Any]) -> Iterator[str]:
    if told["service_credit"] is None:
        return
    money = f", {told['credit_amount']} {told['currency'] or ''}".rstrip() if told["credit_amount"] else ""
    when = "" if told["closed"] else " if the window ended now"
    yield f"  credit    {told['service_credit']} %{money} ({told['uptime_tier']}){when}"


def _ahead(found: dict[str, Any] | None, currency: str | None) -> Iterator[str]:
    if found is None:
        return
    if "already" in (found["breach_at"], found["breach_at_if_down"]):
        yield "  ahead     the budget is used up already"
    elif found["breach_at"]:
        yield f"  pace      the budget is used up at {found['breach_at']} if it goes on as so far"
    if found["breach_at_if_down"] not in (None, "already"):
        yield f"  if down   from now on, the budget is used up at {found['breach_at_if_down']}"
    for tier in found["tiers"][:1]:
        money = f", {tier['credit_amount']} {currency or ''}".rstrip() if tier["credit_amount"] else ""
        named = f" ({tier['label']})" if tier["label"] else ""
        yield f"  next      {tier['left_minutes']} min to a credit of {tier['credit']} %{named}{money}"
    risk = found["risk"]
    if risk["breach_percent"] is not None:
        yield f"  risk      broken at the end in {risk['breach_percent']} % of {risk['runs']} simulated ends"


def _opened(figure: Figure) -> Iterator[str]:
    from trueup.figures.sla.entries import opened

    found = opened(figure, _OPENED)
    parts = {"": found} if "down_seconds" in found else found
    for name, figures in parts.items():
        for key, each in figures.items():
            if each["entries"]:
                yield f"\n{name + ' ' if name else ''}{key.replace('_', ' ')}: {_number(each['seconds'])}"
                for entry in each["entries"]:
                    yield f"  {entry['start']} to {entry['end']}  {_number(entry['seconds'])} s"
                    yield from (f"    {_cause(cause)}" for cause in entry["causes"])
    yield "\nEach sum is that of its entries; --json has the figures that fill the window, too."


def _cause(cause: dict[str, Any]) -> str:
    whose = cause["check"] or cause["component"] or "all"
    if "maintenance" in cause:
        return f"{whose}: maintenance {cause['maintenance']}, announced {cause['announced']}"
    if "exclusion" in cause:
        return f"{whose}: exclusion {cause['exclusion']}: {cause['reason']}"
    words = f"{whose}: {cause.get('state') or 'unconfirmed ' + cause['blip']}"
    names = {"a": "last before", "b": "first", "c": "last", "d": "first after"}
    for name, probed in cause["edges"].items():
        seen = cause["evidence"].get(name)
        said = f" ({seen['why'] or seen['state']})" if seen else ""
        words += f"; {names[name]} asked {probed['asked']}{said}"
    return words


def _percent(value: float | None) -> str:
    return "no data" if value is None else f"{value} %"


def _number(exact: str) -> str:
    from fractions import Fraction

    whole = Fraction(exact)
    return exact if whole.denominator == 1 else f"{float(whole):.6f}".rstrip("0")

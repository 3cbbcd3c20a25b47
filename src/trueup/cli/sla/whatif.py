"""``trueup sla what-if``: what a contract would come to if something were otherwise, side by side."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trueup.cli import options
from trueup.cli.sla import asking

if TYPE_CHECKING:
    from trueup.domain.interval import Span
    from trueup.figures.sla.figure import Figure
    from trueup.figures.sla.whatif import Change, Planned, Reclassified

_ROWS = (
    ("status", "status"), ("outcome", "outcome"), ("uptime %", "uptime_percent"), ("from", "uptime_low"),
    ("to", "uptime_high"), ("promised %", "sla_target"), ("used min", "used"), ("allowed min", "allowed"),
    ("left min", "remaining"), ("tier", "uptime_tier"), ("credit %", "service_credit"),
    ("credit", "credit_amount"), ("coverage %", "coverage_percent"),
)  # fmt: skip
_SPAN = re.compile(r"(?:(?P<slug>[a-z0-9-]+)=)?(?P<start>[^/]+)/(?P<end>[^/]+)")
_TURN = re.compile(r"(?P<slug>[a-z0-9-]+)@(?P<at>[^=]+)=(?P<state>\w+)")


_Objective = Annotated[
    str | None, typer.Option("--objective", metavar="PERCENT", help="Another objective, such as 99.95.")
]
_Tiers = Annotated[
    str | None,
    typer.Option("--tiers", metavar="MIN:CREDIT,...", help="Another table, such as 99.9:0,99:10,0:25."),
]
_Maintenance = Annotated[
    list[str] | None,
    typer.Option(
        "--maintenance",
        metavar="[SLUG=]FROM/TO",
        help="Maintenance announced now, of a component or of all; repeatable.",
    ),
]
_Exclude = Annotated[
    list[str] | None,
    typer.Option("--exclude", metavar="FROM/TO", help="Time that is excluded; repeatable."),
]
_Reclassify = Annotated[
    list[str] | None,
    typer.Option(
        "--reclassify",
        metavar="SLUG@INSTANT=STATE",
        help="The outage of a component or check at an instant is up, degraded or unknown; repeatable.",
    ),
]


def what_if(
    contract: asking.Contract = None,
    period: asking.Period = None,
    objective: _Objective = None,
    tiers: _Tiers = None,
    maintenance: _Maintenance = None,
    exclude: _Exclude = None,
    reclassify: _Reclassify = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Show what a contract would come to with other terms, a maintenance, an exclusion or another outage.

    Nothing is stored. Without any of these both sides are the live figures.
    """
    options.settings(config, data)
    from trueup.server import database

    database.require()
    from trueup.figures.sla.whatif import Change, what_if

    book = asking.book()
    change = Change(
        terms=_terms(objective, tiers),
        maintenance=[_planned(each, book.now_us) for each in maintenance or ()],
        exclusions=[_span("--exclude", each)[1] for each in exclude or ()],
        reclassified=[_turned(each) for each in reclassify or ()],
    )
    found = [(each, what_if(each, change)) for each in asking.figures(book, contract, period)]
    if as_json:
        told = [{"live": _summary(live), "what_if": _summary(other)} for live, other in found]
        options.print_json(told[0] if len(told) == 1 else told)
        return
    for live, other in found:
        _show(live, other)
        _say_notice(change, other)


def _summary(figure: Figure) -> dict[str, Any]:
    from trueup.figures.sla.summary import summary

    return summary(figure, money=True)


def _terms(objective: str | None, tiers: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if objective is not None:
        found["objective"] = objective
    if tiers is not None:
        found["tiers"] = [_tier(each) for each in tiers.split(",")]
    return found


def _tier(written: str) -> dict[str, str]:
    from trueup.server.faults import StartError

    least, found, credit = written.strip().partition(":")
    if not found:
        raise StartError(f"--tiers: {written!r} is no tier. Write its floor and its credit, such as 99.9:0.")
    return {"min": least, "credit": credit}


def _planned(written: str, now_us: int) -> Planned:
    from trueup.figures.sla.whatif import Planned

    slug, span = _span("--maintenance", written)
    return Planned(span, now_us, frozenset([slug] if slug else ()))


def _span(option: str, written: str) -> tuple[str | None, Span]:
    from trueup.domain.interval import Span
    from trueup.server.faults import StartError

    found = _SPAN.fullmatch(written)
    if found is None:
        raise StartError(
            f"{option}: {written!r} is no time. Write FROM/TO: 2026-11-25T22:00Z/2026-11-26T02:00Z."
        )
    span = Span(options.instant(found["start"], 0), options.instant(found["end"], 0))
    if not span.length_us:
        raise StartError(f"{option}: {found['end']} is not after {found['start']}. Swap them.")
    return found["slug"], span


def _turned(written: str) -> Reclassified:
    from trueup.domain.result import State
    from trueup.figures.sla.whatif import Reclassified
    from trueup.server.faults import StartError

    found = _TURN.fullmatch(written)
    if found is None:
        raise StartError(f"--reclassify: {written!r} is no outage. Write api@2026-11-05T10:03Z=degraded.")
    if found["state"] not in set(State):
        raise StartError(f"--reclassify: {found['state']!r} is no state. Write one of {', '.join(State)}.")
    return Reclassified(found["slug"], options.instant(found["at"], 0), State(found["state"]))


def _show(live: Figure, other: Figure) -> None:
    sides = [_summary(live), _summary(other)]
    for side in sides:
        side |= side["downtime_minutes"]
    rows = [("", "live", "what if")]
    rows += [(title, _cell(sides[0][key]), _cell(sides[1][key])) for title, key in _ROWS]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    print(f"{live.gathered.contract.name}, {live.label}")
    for row in rows:
        mark = " *" if row[1] != row[2] and row[0] else ""
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(f"  {line}{mark}".rstrip())


def _say_notice(change: Change, other: Figure) -> None:
    notice_us = other.gathered.case.terms.maintenance.notice_us
    late = [each for each in change.maintenance if each.span.start_us - each.announced_us < notice_us]
    if late:
        from trueup.domain.text import duration

        print(f"  {len(late)} maintenance changes nothing: the contract asks {duration(notice_us)} notice.")


def _cell(value: Any) -> str:
    return "-" if value is None else str(value)

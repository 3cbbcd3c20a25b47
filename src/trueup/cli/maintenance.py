"""``trueup maintenance``: announce what is planned; when that was announced is kept, and never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from trueup.cli import options

if TYPE_CHECKING:
    from trueup.access.actor import Actor
    from trueup.access.maintenance import Plan

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Announce what is planned; when that was announced is kept, and never changed.",
)

_Id = Annotated[str, typer.Argument(metavar="ID", help="Of the maintenance, as list shows it.")]
_Components = Annotated[
    list[str] | None, typer.Option("--component", metavar="SLUG", help="What it touches; repeatable.")
]
_For = Annotated[str | None, typer.Option("--for", metavar="DURATION", help="How long, such as 2h.")]
_Until = Annotated[str | None, typer.Option("--until", metavar="INSTANT", help="When it ends.")]
_Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for those who look back.")]
_Following = Annotated[
    bool, typer.Option("--following", help="Also all after it that come from the same rule.")
]
_Zone = Annotated[
    str | None, typer.Option("--zone", metavar="ZONE", help="Whose clock is meant; default: the site's.")
]


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What is done, in a few words.")],
    at: Annotated[
        str, typer.Option("--at", metavar="INSTANT", help="When it begins; with --every a time of day.")
    ],
    component: _Components = None,
    lasting: _For = None,
    until: _Until = None,
    every: Annotated[
        str | None,
        typer.Option("--every", metavar="RULE", help="Again and again: RFC 5545, FREQ=WEEKLY;BYDAY=SU."),
    ] = None,
    start: Annotated[
        str | None, typer.Option("--start", metavar="DATE", help="With --every: from which day on.")
    ] = None,
    zone: _Zone = None,
    message: Annotated[str, typer.Option("--message", "-m", metavar="TEXT", help="What people read.")] = "",
    reason: _Reason = "",
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Announce a maintenance, or with --every one that comes again.

    Instants are by the clock on the wall, of the site's time zone or of --zone, unless they have an offset.
    It counts as announced now, whenever it is. One that comes again is laid out 400 days ahead, by the
    clock on the wall also where that changes: a time that does not exist moves forward, of one that comes
    twice it is the first.
    """
    actor = _actor(by, options.settings(config, data))
    from trueup.access.maintenance import Plan
    from trueup.cli import planning

    plan = Plan(name=name, components=tuple(component or ()), body=message, reason=reason)
    if every is None:
        _add_one(plan, actor, (at, lasting, until, start, zone), as_json=as_json)
        return
    if until is not None:
        _refuse("--until says when one maintenance ends: with --every write --for, and UNTIL into the rule.")
    planning.add_rule(plan, actor, (every, at, lasting, start, zone), as_json=as_json)


@app.command()
def extend(
    maintenance: _Id,
    more: Annotated[
        str | None, typer.Option("--more", metavar="DURATION", help="How much longer, such as 30m.")
    ] = None,
    lasting: _For = None,
    until: _Until = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="INSTANT", help="Another start; it keeps its length.")
    ] = None,
    component: _Components = None,
    following: _Following = False,
    zone: _Zone = None,
    reason: _Reason = "",
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Announce a maintenance anew: longer, shorter, at another time, or with other components.

    Time that joins it is announced now; what was announced before keeps the notice that it had.
    """
    actor = _actor(by, options.settings(config, data))
    from trueup.access import maintenance as access
    from trueup.cli import planning, when

    if len([each for each in (more, lasting, until) if each is not None]) > 1:
        _refuse("--more, --for and --until all say when it ends: leave all but one of them out.")
    where = when.zone(zone)
    wanted = access.Revised(
        start_us=None if at is None else when.instant(at, where, actor.now_us, "--at"),
        end_us=None if until is None else when.instant(until, where, actor.now_us, "--until"),
        length_us=None if lasting is None else planning.length(lasting, "--for"),
        more_us=None if more is None else planning.length(more, "--more"),
        components=tuple(component) if component else None,
        reason=reason,
    )
    changed = access.revise(maintenance, wanted, actor, following=following)
    planning.show_changed("announced anew", changed, actor.now_us, where, as_json=as_json)


@app.command()
def cancel(
    maintenance: Annotated[str, typer.Argument(metavar="ID", help="Of the maintenance, or of a rule.")],
    following: _Following = False,
    reason: _Reason = "",
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Cancel a maintenance that is not over; what has passed of one that goes on stays maintenance.

    With --following, or the id of a rule, the rule ends: nothing new comes from it.
    """
    actor = _actor(by, options.settings(config, data))
    from trueup.access import maintenance as access
    from trueup.cli import planning, when

    gone = access.cancel(maintenance, reason, actor, following=following)
    planning.show_changed("cancelled", gone, actor.now_us, when.zone(None), as_json=as_json)


@app.command(name="list")
def list_(
    every: Annotated[bool, typer.Option("--all", help="Also what is over, and every occurrence.")] = False,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """List what is planned and what goes on; of one that comes again the next."""
    options.settings(config, data)
    from trueup.server import database
    from trueup.server.start import now_us

    database.require()
    from trueup.cli import planning, when

    planning.list_all(now_us(), when.zone(None), every=every, as_json=as_json)


@app.command()
def show(
    maintenance: _Id,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Show a maintenance with all its revisions, and which time of it was announced when.

    Of a rule: what it says, and the next of its occurrences.
    """
    options.settings(config, data)
    from trueup.server import database
    from trueup.server.start import now_us

    database.require()
    from trueup.access import maintenance as access
    from trueup.cli import planning, when

    if planning.show_rule(maintenance, now_us(), when.zone(None), as_json=as_json):
        return
    row = access.find(maintenance)
    if as_json:
        options.print_json(planning.document(row, now_us()))
    else:
        planning.show(row, now_us(), when.zone(None))


def _add_one(
    plan: Plan,
    actor: Actor,
    written: tuple[str, str | None, str | None, str | None, str | None],
    *,
    as_json: bool,
) -> None:
    from trueup.access import maintenance as access
    from trueup.cli import planning, when

    at, lasting, until, start, zone = written
    if start is not None:
        _refuse("--start belongs to --every: for one maintenance write the day into --at, 2026-12-01 02:00.")
    if (lasting is None) == (until is None):
        _refuse("Say how long it lasts with --for 2h, or when it ends with --until; one of the two.")
    where = when.zone(zone)
    start_us = when.instant(at, where, actor.now_us, "--at")
    if until is not None:
        end_us = when.instant(until, where, actor.now_us, "--until")
    else:
        end_us = start_us + planning.length(lasting or "", "--for")
    row = access.find(access.add(plan, start_us, end_us, actor))
    if as_json:
        options.print_json(planning.document(row, actor.now_us))
    else:
        planning.show(row, actor.now_us, where)


def _actor(by: str | None, _settings: object) -> Actor:
    from trueup.server import database
    from trueup.server.start import now_us

    database.require()
    from trueup.access.actor import Actor
    from trueup.access.who import OPERATOR

    return Actor(options.who(by, OPERATOR), options.source(), now_us())


def _refuse(sentence: str) -> None:
    from trueup.server.faults import StartError

    raise StartError(sentence)

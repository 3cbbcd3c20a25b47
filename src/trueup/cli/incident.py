"""``trueup incident``: tell people what is wrong, step by step, and keep what was said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from trueup.cli import options

if TYPE_CHECKING:
    from trueup.access.actor import Actor
    from trueup.access.incident import Saying

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Tell people what is wrong, step by step, and keep what was said.",
)

_Id = Annotated[str, typer.Argument(metavar="ID", help="Of the incident, as list shows it.")]
_Message = Annotated[str, typer.Option("--message", "-m", metavar="TEXT", help="What people read.")]
_Severity = Annotated[str | None, typer.Option("--severity", metavar="P1..P4", help="P1 is the worst.")]
_Component = Annotated[
    list[str] | None,
    typer.Option(
        "--component",
        metavar="SLUG[=IMPACT]",
        help="What it touches, and how: degraded, partial, down (unless said) or maintenance; repeatable.",
    ),
]
_At = Annotated[
    str | None,
    typer.Option("--at", metavar="INSTANT", help="Back-date these words, with --reason: 14:05, or 20m ago."),
]
_Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why they are back-dated.")]
_Cause = Annotated[
    str | None, typer.Option("--root-cause", metavar="TEXT", help="Why it happened, once that is known.")
]
_Outage = Annotated[
    list[str] | None,
    typer.Option(
        "--outage",
        metavar="SLUG@INSTANT",
        help="An outage that belongs to it: of a check or component, at an instant; repeatable.",
    ),
]
_NoLink = Annotated[
    bool, typer.Option("--no-link", help="Link no outage that merely overlaps and touches its components.")
]
_Publish = Annotated[bool, typer.Option("--publish", help="Show it, if it was a draft.")]
_Status = Annotated[
    str | None,
    typer.Option("--status", help="investigating, identified, monitoring, resolved or postmortem."),
]


@app.command(name="open")
def open_(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people notice, in a few words.")],
    component: _Component = None,
    severity: _Severity = "P3",
    message: _Message = "",
    status: _Status = None,
    started: Annotated[
        str | None, typer.Option("--started", metavar="INSTANT", help="When it began; default: its outages'.")
    ] = None,
    at: _At = None,
    reason: _Reason = "",
    draft: Annotated[bool, typer.Option("--draft", help="Keep it inside until update --publish.")] = False,
    root_cause: _Cause = None,
    outage: _Outage = None,
    no_link: _NoLink = False,
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Open an incident; outages of its components that go on belong to it.

    Instants are of the site's time zone unless they have an offset.
    """
    actor = _actor(by, options.settings(config, data))
    from trueup.access import incident as access

    said = _saying(
        actor, component, outage, at, status=status, body=message, severity=severity, root_cause=root_cause,
        reason=reason, link=not no_link, publish=not draft,
    )  # fmt: skip
    began_us = None if started is None else _instant(started, actor, "--started")
    _print(access.begin(name, said, actor, began_us), actor.now_us, as_json=as_json)


@app.command()
def update(
    incident: _Id,
    message: _Message = "",
    status: _Status = None,
    component: _Component = None,
    severity: _Severity = None,
    at: _At = None,
    reason: _Reason = "",
    publish: _Publish = False,
    root_cause: _Cause = None,
    outage: _Outage = None,
    no_link: _NoLink = False,
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Say how it goes on; what was said before stays as it was said."""
    actor = _actor(by, options.settings(config, data))
    from trueup.access import incident as access

    said = _saying(
        actor, component, outage, at, status=status, body=message, severity=severity, root_cause=root_cause,
        reason=reason, link=not no_link, publish=publish,
    )  # fmt: skip
    access.update(incident, said, actor)
    _print(incident, actor.now_us, as_json=as_json)


@app.command()
def resolve(
    incident: _Id,
    message: _Message = "",
    at: _At = None,
    reason: _Reason = "",
    root_cause: _Cause = None,
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Say that it is over; outages of its components until then belong to it."""
    actor = _actor(by, options.settings(config, data))
    from trueup.access import incident as access

    said = _saying(
        actor, None, None, at, status="resolved", body=message, root_cause=root_cause, reason=reason
    )
    access.update(incident, said, actor)
    _print(incident, actor.now_us, as_json=as_json)


@app.command(name="list")
def list_(
    open_only: Annotated[bool, typer.Option("--open", help="Only those that go on.")] = False,
    most: Annotated[int, typer.Option("--most", metavar="N", min=1, help="The newest ones.")] = 50,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """List incidents, the newest first; drafts too."""
    options.settings(config, data)
    from trueup.server import database
    from trueup.server.start import now_us

    database.require()
    from trueup.cli import said
    from trueup.store.read import incident as read

    rows = read.listed(open_only=open_only, most=most)
    if as_json:
        options.print_json({"incidents": [said.document(each) for each in rows]})
    else:
        said.show_all(rows, now_us())


@app.command()
def show(
    incident: _Id,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Show an incident: what was said, what it touches, and the outages that belong to it."""
    options.settings(config, data)
    from trueup.server import database
    from trueup.server.start import now_us

    database.require()
    _print(incident, now_us(), as_json=as_json)


def _actor(by: str | None, _settings: object) -> Actor:
    from trueup.server import database
    from trueup.server.start import now_us

    database.require()
    from trueup.access.actor import Actor
    from trueup.access.who import OPERATOR

    return Actor(options.who(by, OPERATOR), options.source(), now_us())


def _saying(
    actor: Actor,
    components: list[str] | None,
    outages: list[str] | None,
    at: str | None,
    **more: object,
) -> Saying:
    from trueup.access.incident import Saying

    return Saying(
        impacts=dict(_impact(each) for each in components or ()),
        at_us=None if at is None else _instant(at, actor, "--at"),
        outages=tuple(row for each in outages or () for row in _outages(each, actor)),
        **more,  # type: ignore[arg-type]
    )


def _impact(written: str) -> tuple[str, str]:
    from trueup.domain import incident as rules

    slug, _, impact = written.partition("=")
    return slug.strip(), rules.impact(impact or "down")


def _outages(written: str, actor: Actor) -> list[int]:
    """Return the ids of the outages that SLUG@INSTANT names.

    Raises:
        StartError: It names none.
    """
    from trueup.server.faults import StartError
    from trueup.store.read import incident as read

    slug, at, moment = written.partition("@")
    if not at:
        raise StartError(
            f"--outage {written!r}: write the check or component and an instant, such as api@14:05."
        )
    at_us = _instant(moment, actor, "--outage")
    if at_us > actor.now_us:  # one that goes on would be found at any instant to come
        raise StartError(
            f"--outage {written}: {options.iso(at_us)[:19]}Z has not come yet. Write an earlier one."
        )
    found = read.outages_at(slug.strip(), at_us)
    if not found:
        raise StartError(
            f"--outage {written}: the ledger knows no outage of {slug!r} at that instant. "
            f"`trueup ledger {slug}` shows it."
        )
    return [each.id for each in found]


def _instant(written: str, actor: Actor, option: str) -> int:
    from trueup.cli import when

    return when.instant(written, when.zone(None), actor.now_us, option, ago=True)


def _print(public_id: str, now_us: int, *, as_json: bool) -> None:
    from trueup.access import incident as access
    from trueup.cli import said

    row = access.find(public_id)
    if as_json:
        options.print_json(said.document(row))
    else:
        said.show(row, now_us)

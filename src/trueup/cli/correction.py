"""``trueup correction``: the ledger was wrong; one asks, another decides, and the ledger follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from trueup.cli import options, reviewing

if TYPE_CHECKING:
    from trueup.conf import Settings
    from trueup.store.read.correction import Asked

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def correction() -> None:
    """Correct the ledger where a check was wrong: one asks, another decides; the old stays readable."""


@app.command(short_help="Ask for one")
def ask(
    check: Annotated[str, typer.Argument(metavar="CHECK", help="The slug of the check.")],
    from_: reviewing.From,
    until: reviewing.Until,
    reason: reviewing.Reason,
    evidence: Annotated[
        str, typer.Option("--evidence", metavar="TEXT", help="What shows it: words, links, ticket numbers.")
    ],
    state: Annotated[str, typer.Option("--state", help="What it was: up or unknown.")] = "up",
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Ask that a check was up, or unknown, in some time; the ledger stays until somebody else approves it."""
    _open(config, data)
    from trueup.access import review
    from trueup.cli import naming

    who = reviewing.acting(by, "operator")
    found = naming.check(check)
    start_us, end_us = reviewing.bounds(from_, until, who.now_us)
    name = review.ask_correction(found.id, found.slug, start_us, end_us, state, reason, evidence, who)
    _say(_find(name), as_json)


@app.command(short_help="Let the ledger follow it")
def approve(
    name: reviewing.Id,
    why: reviewing.Why,
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Approve a correction that somebody else asked for, and say what each contract comes to by it.

    A running engine writes it within 2 s; where none runs it is written now. The entries that were wrong
    are superseded and stay readable, with their evidence. An exclusion takes time out of one contract;
    this changes what every figure counts.
    """
    settings = _open(config, data)
    from trueup.access import review

    who = reviewing.acting(by, "admin")
    asked = _find(name)
    effect = [] if as_json or asked.decision else _effect(asked)
    review.decide("correction", name, asked.asked_by, "approved", why, who)
    _take(settings)
    _say(_find(name), as_json)
    for line in effect:
        print(line)


@app.command(short_help="Let the ledger stay as it is")
def refuse(
    name: reviewing.Id,
    why: reviewing.Why,
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Refuse a correction that somebody else asked for."""
    _open(config, data)
    from trueup.access import review

    who = reviewing.acting(by, "admin")
    review.decide("correction", name, _find(name).asked_by, "refused", why, who)
    _say(_find(name), as_json)


@app.command("list", short_help="What was asked for, and what became of it")
def list_(
    check: Annotated[str, typer.Argument(metavar="[CHECK]", help="Default: all.")] = "",
    pending: reviewing.Pending = False,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """List the corrections of a check, or of all, the newest first."""
    _open(config, data)
    from trueup.cli import naming
    from trueup.store.read import correction as read

    rows = read.asked(naming.check(check).slug if check else "", pending=pending)
    if as_json:
        options.print_json({"corrections": [_document(each) for each in rows]})
        return
    for each in rows:
        print(_line(each))
    if not rows:
        print("there is no correction")


@app.command(short_help="One, with who, when and why, and its entries")
def show(
    name: reviewing.Id,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Show a correction: who asked, who decided, and which entries of the ledger it superseded and made."""
    _open(config, data)
    _say(_find(name), as_json)


def _open(config: Any, data: Any) -> Settings:
    settings = options.settings(config, data)
    from trueup.server import database

    database.require()
    return settings


def _take(settings: Settings) -> None:
    """Have the one writer of the ledger take what is approved: the engine, or we where none runs."""
    from trueup.server import control, start
    from trueup.store import advisory
    from trueup.store.lock import InUseError

    if control.poke(settings.data):
        return
    from trueup.engine.centre.ingest import Centre

    try:
        with start.held(settings), advisory.held():
            Centre().reload(start.now_us())
    except InUseError:
        pass  # an engine on another machine: it takes the correction at its next look


def _effect(asked: Asked) -> list[str]:
    """Return what each window of a contract that it touches comes to, before and after."""
    from trueup.cli.sla.asking import book
    from trueup.domain.interval import Span
    from trueup.domain.result import State
    from trueup.figures.sla.corrected import if_corrected

    wrong = Span(asked.start_us, asked.end_us)
    return reviewing.effect(if_corrected(book(), asked.check, wrong, State(asked.state)))


def _find(name: str) -> Asked:
    from trueup.server.faults import StartError
    from trueup.store.read import correction as read

    found = read.find(name)
    if found is None:
        raise StartError(f"There is no correction {name!r}. `trueup correction list` names them.")
    return found


def _say(found: Asked, as_json: bool) -> None:
    if as_json:
        options.print_json(_document(found))
        return
    print(_line(found))
    print(f"    asked by {found.asked_by}, {found.asked_at:%Y-%m-%d %H:%M} UTC: {found.reason}")
    print(f"    evidence: {found.evidence}")
    if found.decided_at is not None:
        when = f"{found.decided_at:%Y-%m-%d %H:%M} UTC"
        print(f"    {found.decision} by {found.decided_by}, {when}: {found.decided_why}")
    for each in _entries(found):
        end = "now" if each["until"] is None else each["until"]
        done = "made" if each["made"] else "superseded"
        print(f"    {done} in {each['region']}: {each['state']} from {each['from']} to {end}")


def _line(each: Asked) -> str:
    status = each.decision or "open"
    if status == "approved":
        status = "approved, not written yet" if each.applied_us is None else "in force"
    span = reviewing.span(each.start_us, each.end_us)
    return f"{each.public_id}  {status}  {each.check}: {each.state}, {span}"


def _entries(each: Asked) -> list[dict[str, Any]]:
    from trueup.store.read import correction as read

    return [
        {
            "entry": link.entry,
            "region": link.region,
            "state": link.state,
            "from": options.iso(link.start_us),
            "until": None if link.end_us is None else options.iso(link.end_us),
            "made": link.made,
        }
        for link in read.links(each.public_id)
    ]


def _document(each: Asked) -> dict[str, Any]:
    return {
        "id": each.public_id,
        "check": each.check,
        "decision": each.decision or "open",
        "from": options.iso(each.start_us),
        "until": options.iso(each.end_us),
        "state": each.state,
        "reason": each.reason,
        "evidence": each.evidence,
        "asked_by": each.asked_by,
        "asked_at": each.asked_at.isoformat(),
        "decided_by": each.decided_by or None,
        "decided_at": None if each.decided_at is None else each.decided_at.isoformat(),
        "decided_why": each.decided_why or None,
        "written_at": None if each.applied_us is None else options.iso(each.applied_us),
        "entries": _entries(each),
    }

"""``trueup exclusion``: time that a contract does not count, asked by one and decided by another."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trueup.cli import options, reviewing

if TYPE_CHECKING:
    from trueup.store.read.contract import ContractRow
    from trueup.store.read.exclusion import Asked

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
_Contract = Annotated[str, typer.Argument(metavar="CONTRACT", help="The slug of the contract.")]


@app.callback()
def exclusion() -> None:
    """Take time out of a contract: one asks, another decides; nothing of it is ever changed or deleted."""


@app.command(short_help="Ask for one")
def ask(
    contract: _Contract,
    from_: reviewing.From,
    until: reviewing.Until,
    reason: reviewing.Reason,
    kind: Annotated[str, typer.Option("--kind", help="force_majeure, customer or other.")] = "other",
    evidence: Annotated[str, typer.Option("--evidence", metavar="TEXT", help="What shows it.")] = "",
    supersedes: Annotated[
        str, typer.Option("--supersedes", metavar="ID", help="The approved one whose place it takes.")
    ] = "",
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Ask that a contract does not count some time; it counts until somebody else has approved it."""
    _open(config, data)
    from trueup.access import review

    who = reviewing.acting(by, "operator")
    row = _contract(contract)
    start_us, end_us = reviewing.bounds(from_, until, who.now_us)
    more = {"evidence": evidence, "supersedes": supersedes}
    if kind not in review.KINDS:
        raise review.ReviewError(f"--kind {kind}: write one of {', '.join(review.KINDS)}.")
    _say(review.ask_exclusion(row.id, row.slug, start_us, end_us, kind, reason, who, **more), as_json)


@app.command(short_help="Ask that an approved one no longer holds")
def revoke(
    name: reviewing.Id,
    reason: reviewing.Reason,
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Ask that an approved exclusion no longer holds; it holds until somebody else has approved that."""
    _open(config, data)
    from trueup.access import review
    from trueup.store.read.exclusion import REVOKED

    who = reviewing.acting(by, "operator")
    found = _find(name)
    row = _contract(found.contract)
    span = (found.start_us, found.end_us)
    _say(review.ask_exclusion(row.id, row.slug, *span, REVOKED, reason, who, supersedes=name), as_json)


@app.command(short_help="Let it hold")
def approve(
    name: reviewing.Id,
    why: reviewing.Why,
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Approve an exclusion that somebody else asked for: the contract does not count that time any more."""
    _decide(name, "approved", why, by, as_json, config, data)


@app.command(short_help="Let it not hold")
def refuse(
    name: reviewing.Id,
    why: reviewing.Why,
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Refuse an exclusion that somebody else asked for."""
    _decide(name, "refused", why, by, as_json, config, data)


@app.command(short_help="Take back what was asked")
def withdraw(
    name: reviewing.Id,
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Withdraw an exclusion that was asked for and is not decided yet; only the one who asked does."""
    _open(config, data)
    from trueup.access import review

    who = reviewing.acting(by, "operator")
    review.withdraw(name, _find(name).asked_by, who)
    _say(name, as_json)


@app.command("list", short_help="What was asked for, and what became of it")
def list_(
    contract: Annotated[str, typer.Argument(metavar="[CONTRACT]", help="Default: all.")] = "",
    pending: reviewing.Pending = False,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """List the exclusions of a contract, or of all, the newest first."""
    _open(config, data)
    from trueup.store.read import exclusion as read

    rows = read.asked(_contract(contract).slug if contract else "", pending=pending)
    if as_json:
        options.print_json({"exclusions": [_document(each) for each in rows]})
        return
    for each in rows:
        print(_line(each))
    if not rows:
        print("there is no exclusion")


@app.command(short_help="One, with who, when and why")
def show(
    name: reviewing.Id,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Show an exclusion: who asked, who decided, when and why."""
    _open(config, data)
    _say(_find(name).public_id, as_json)


def _open(config: Any, data: Any) -> None:
    options.settings(config, data)
    from trueup.server import database

    database.require()


def _decide(
    name: str, decision: str, why: str, by: str | None, as_json: bool, config: Any, data: Any
) -> None:
    _open(config, data)
    from trueup.access import review

    who = reviewing.acting(by, "admin")
    asked = _find(name)
    effect = _effect(asked) if decision == "approved" and not as_json else []
    review.decide("exclusion", name, asked.asked_by, decision, why, who)
    _say(name, as_json)
    for line in effect:
        print(line)


def _effect(asked: Asked) -> list[str]:
    """Return what each window that is over, or goes on, comes to before and after."""
    from trueup.cli.sla.asking import book
    from trueup.domain.interval import Span
    from trueup.figures.sla.whatif import if_excluded

    return reviewing.effect(if_excluded(book(), asked.contract, Span(asked.start_us, asked.end_us)))


def _contract(slug: str) -> ContractRow:
    from trueup.server.faults import StartError
    from trueup.store.read import contract as read

    found = read.contract(slug)
    if found is not None:
        return found
    slugs = [each.slug for each in read.contracts(archived=True)]
    near = difflib.get_close_matches(slug, slugs, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(slugs) or 'none yet'}."
    raise StartError(f"There is no contract {slug!r}. {hint}")


def _find(name: str) -> Asked:
    from trueup.server.faults import StartError
    from trueup.store.read import exclusion as read

    found = read.find(name)
    if found is None:
        raise StartError(f"There is no exclusion {name!r}. `trueup exclusion list` names them.")
    return found


def _say(name: str, as_json: bool) -> None:
    found = _find(name)
    if as_json:
        options.print_json(_document(found))
        return
    print(_line(found))
    print(f"    asked by {found.asked_by}, {found.asked_at:%Y-%m-%d %H:%M} UTC: {found.reason}")
    if found.evidence:
        print(f"    evidence: {found.evidence}")
    if found.decided_at is not None:
        when = f"{found.decided_at:%Y-%m-%d %H:%M} UTC"
        print(f"    {found.decision} by {found.decided_by}, {when}: {found.decided_why}")


def _line(each: Asked) -> str:
    what = f"no longer {each.supersedes}" if each.kind == "none" else each.kind
    span = reviewing.span(each.start_us, each.end_us)
    return f"{each.public_id}  {each.status}  {each.contract}: {what}, {span}"


def _document(each: Asked) -> dict[str, Any]:
    return {
        "id": each.public_id,
        "contract": each.contract,
        "status": each.status,
        "from": options.iso(each.start_us),
        "until": options.iso(each.end_us),
        "kind": each.kind,
        "reason": each.reason,
        "evidence": each.evidence,
        "asked_by": each.asked_by,
        "asked_at": each.asked_at.isoformat(),
        "decided_by": each.decided_by or None,
        "decided_at": None if each.decided_at is None else each.decided_at.isoformat(),
        "decided_why": each.decided_why or None,
        "supersedes": each.supersedes,
        "superseded_by": each.superseded_by,
    }

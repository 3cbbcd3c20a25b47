"""``trueup pause`` and ``trueup resume``: stop asking for a while; the time is paused in the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from trueup.cli import options

if TYPE_CHECKING:
    from trueup.store.read.named import Named

Slugs = Annotated[list[str], typer.Argument(metavar="SLUG", help="Checks, or components with all theirs.")]
_REASON = 200


def pause(
    slugs: Slugs,
    lasting: Annotated[
        str | None, typer.Option("--for", metavar="DURATION", help="How long, such as 2h.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="INSTANT", help="Until when, such as 2026-11-23T18:00Z.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for those who look.")] = "",
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Stop asking checks and waiting for heartbeats; their time is paused from now on.

    A running engine follows within 2 s. A pause with an end ends by itself, also while nothing runs; resume
    ends it before. What is paused already stays so from when it was; a new end or reason replaces its own.
    """
    settings = options.settings(config, data)
    from trueup.server import control, database
    from trueup.server.start import now_us

    now = now_us()
    until_us = _until_us(lasting, until, now)
    database.require()
    who = options.who(by, "operator")
    found = _checks(slugs)
    _pause(found, now, until_us, reason[:_REASON], who)
    document = {
        "paused": [_document(each, now, until_us, reason[:_REASON]) for each in found],
        "engine_told": control.poke(settings.data),
    }
    if as_json:
        options.print_json(document)
    else:
        _say_paused(document)


def resume(
    slugs: Slugs,
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Let paused checks run again: unknown from now on, until they are asked or have called."""
    settings = options.settings(config, data)
    from trueup.server import control, database
    from trueup.server.start import now_us

    now = now_us()
    database.require()
    who = options.who(by, "operator")
    found = _checks(slugs)
    _resume([each for each in found if each.paused_us is not None], now, who)
    document = {
        "resumed": [{"check": each.slug, "was_paused": each.paused_us is not None} for each in found],
        "engine_told": control.poke(settings.data),
    }
    if as_json:
        options.print_json(document)
        return
    for each in found:
        print(f"{each.slug}: runs again" if each.paused_us is not None else f"{each.slug}: was not paused")
    _say_told(document)


def _resume(paused: list[Named], now_us: int, who: str) -> None:
    from django.db import transaction

    from trueup.access import audit
    from trueup.store.write import ledger

    with transaction.atomic():
        ledger.resume([each.id for each in paused], now_us)
        for each in paused:
            before = _pausing(each.paused_us, each.paused_until_us, each.paused_reason)
            audit.record(who, "resume", "check", each.slug, before, None, options.source(), now_us)


def _pause(found: list[Named], now_us: int, until_us: int | None, reason: str, who: str) -> None:
    from django.db import transaction

    from trueup.access import audit
    from trueup.store.write import ledger

    with transaction.atomic():
        ledger.pause([each.id for each in found if each.paused_us is None], now_us, until_us, reason)
        for each in found:
            if each.paused_us is not None and (until_us is not None or reason):
                end_us = each.paused_until_us if until_us is None else until_us
                ledger.prolong([each.id], end_us, reason or each.paused_reason)
        for each in found:
            before = _pausing(each.paused_us, each.paused_until_us, each.paused_reason)
            end_us = each.paused_until_us if until_us is None else until_us
            since_us = now_us if each.paused_us is None else each.paused_us
            after = _pausing(since_us, end_us, reason or each.paused_reason)
            if after != before:
                audit.record(who, "pause", "check", each.slug, before, after, options.source(), now_us)


def _pausing(since_us: int | None, until_us: int | None, reason: str) -> dict[str, Any] | None:
    """Return a pause as the audit log has it; None where there is none."""
    return None if since_us is None else {"since_us": since_us, "until_us": until_us, "reason": reason}


def _until_us(lasting: str | None, until: str | None, now_us: int) -> int | None:
    from trueup.domain import duration
    from trueup.server.faults import StartError

    if lasting is not None and until is not None:
        raise StartError("--for and --until both say when it ends: leave one of them out.")
    if lasting is not None:
        try:
            length_us = duration.parse(lasting)
        except ValueError as error:
            raise StartError(f"--for: {error}") from None
        if not length_us:
            raise StartError("--for: a pause of 0 s is none. Write for instance 2h.")
        return now_us + length_us
    if until is None:
        return None
    until_us = options.instant(until, 0)
    if until_us <= now_us:
        raise StartError(
            f"--until {until}: that is over already, for it is {options.iso(now_us)[:19]}Z. "
            "Write an instant to come, or a length with --for."
        )
    return until_us


def _checks(slugs: list[str]) -> list[Named]:
    from trueup.cli import naming

    return list({each.id: each for slug in slugs for each in naming.checks(slug)}.values())


def _document(each: Named, now_us: int, until_us: int | None, reason: str) -> dict[str, Any]:
    end_us = each.paused_until_us if until_us is None else until_us
    return {
        "check": each.slug,
        "already": each.paused_us is not None,
        "since": options.iso(now_us if each.paused_us is None else each.paused_us),
        "until": None if end_us is None else options.iso(end_us),
        "reason": reason or each.paused_reason or None,
    }


def _say_paused(document: dict[str, Any]) -> None:
    for each in document["paused"]:
        was = f"was paused already, since {each['since'][:19]}Z" if each["already"] else "is paused"
        end = f"until {each['until'][:19]}Z" if each["until"] else f"until trueup resume {each['check']}"
        print(f"{each['check']}: {was}, {end}{': ' + each['reason'] if each['reason'] else ''}")
    _say_told(document)


def _say_told(document: dict[str, Any]) -> None:
    if not document["engine_told"]:
        print("no engine runs here; the next one follows it")

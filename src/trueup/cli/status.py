"""``trueup status``: how everything is, from what is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trueup.cli import options

if TYPE_CHECKING:
    from trueup.figures.page import Page
    from trueup.store.read.checks import CheckStanding
    from trueup.store.read.maintenance import Current
    from trueup.store.read.named import Named

_DAY_US = 86_400_000_000


def status(
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", help="Only checks that have this tag; repeatable: all of them."),
    ] = None,
    archived: Annotated[bool, typer.Option("--archived", help="List what is archived instead.")] = False,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Show each component and check: its state, since when, its last result, its availability of 24 h.

    Reads the database only: the engine may run or not.
    """
    options.settings(config, data)
    import time

    from trueup.server import database

    database.require()
    if archived:
        from trueup.cli import shelf

        shelf.show(as_json=as_json)
        return
    from trueup.figures.page import PageReader
    from trueup.store.read import checks, position

    now_us = time.time_ns() // 1000
    page = PageReader().read(now_us, position.newest())
    rows = document(page, _tagged(checks.standings(), tag or ()), now_us)
    if tag:
        rows["components"] = [each for each in rows["components"] if each["checks"]]
    if as_json:
        options.print_json(rows)
    else:
        _show(rows, now_us)


def _tagged(checks: list[CheckStanding], tags: Sequence[str]) -> list[CheckStanding]:
    """Return the checks that have all of some tags.

    Raises:
        StartError: No check has one of them.
    """
    import difflib

    from trueup.server.faults import StartError

    known = sorted({each for check in checks for each in check.tags})
    for wanted in tags:
        if wanted not in known:
            near = difflib.get_close_matches(wanted, known, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known) or 'none yet'}."
            raise StartError(f"No check has the tag {wanted!r}. {hint}")
    return [each for each in checks if set(tags) <= set(each.tags)]


def document(page: Page, checks: list[CheckStanding], now_us: int) -> dict[str, Any]:
    """Return how everything is, for a program.

    A component in maintenance has that for its status; its state is what is known of it all the same.
    """
    from trueup.domain.status import overall
    from trueup.store.read import maintenance, named

    known = {each.slug: each for each in named.every()}
    planned = {each.component: each for each in maintenance.current(now_us).values()}
    return {
        "as_of": options.iso(page.as_of_us),
        "overall": overall([_status(each.slug, each.state, planned) for each in page.components]),
        "engine": {
            "alive": page.engine.alive,
            "seen": None if page.engine.seen_us is None else options.iso(page.engine.seen_us),
        },
        "components": [
            {
                "slug": each.slug,
                "name": each.name,
                "state": each.state,
                "status": _status(each.slug, each.state, planned),
                "maintenance": _planned(planned.get(each.slug)),
                "since": None if each.since_us is None else options.iso(each.since_us),
                "response_time_ms": each.answer.latency_us / 1000 if each.answer else None,
                "availability_24h_percent": _percent(each.over(_DAY_US).availability_ratio),
                "checks": [
                    {**_check(check, now_us), **_standing(check, known.get(check.slug), now_us)}
                    for check in checks
                    if check.component == each.slug
                ],
            }
            for each in page.components
        ],
    }


def _status(component: str, state: str, planned: Mapping[str, Current]) -> str:
    from trueup.domain.status import MAINTENANCE

    return MAINTENANCE if component in planned else state


def _planned(current: Current | None) -> dict[str, str] | None:
    if current is None:
        return None
    return {"id": current.public_id, "name": current.name, "until": options.iso(current.end_us)}


def _percent(ratio: Any) -> str | None:
    from trueup.domain.sla import truncate_percent

    return None if ratio is None else truncate_percent(ratio)


def _check(check: CheckStanding, now_us: int) -> dict[str, Any]:
    silent = check.silent_at_us is not None and now_us >= check.silent_at_us
    # What the ledger will say, too: unknown from where the coverage ended, not from when that is certain.
    since_us = check.covered_until_us if silent else check.since_us
    return {
        "slug": check.slug,
        "name": check.name,
        "counts": check.counts,
        "tags": list(check.tags),
        "managed": check.managed,
        "state": "unknown" if silent and check.state != "paused" else check.state,
        "since": None if since_us is None else options.iso(since_us),
        "last_result": check.last_state or None,
        "last_cause": check.last_cause or None,
        "last_answered": None if check.last_answered_us is None else options.iso(check.last_answered_us),
    }


def _standing(check: CheckStanding, named: Named | None, now_us: int) -> dict[str, Any]:
    """Return until when a pause lasts and why, and when a heartbeat is due."""
    from trueup.probes.awaited import awaited_kinds

    if named is None:
        return {}
    paused = check.state == "paused" or named.paused_us is not None
    until_us = named.paused_until_us
    covered_us = check.covered_until_us
    due = named.kind in awaited_kinds() and not paused and covered_us is not None and covered_us > now_us
    due = due and check.last_cause != "late"
    return {
        "kind": named.kind,
        "due": options.iso(covered_us) if due and covered_us is not None else None,
        "paused_until": options.iso(until_us) if paused and until_us is not None else None,
        "paused_reason": (named.paused_reason or None) if paused else None,
    }


def _remark(check: dict[str, Any], now_us: int) -> str:
    """Return what else is to be said of a check: when it is due, until when it is paused and why."""
    from trueup.domain import text

    def left(iso: str) -> str:
        return text.duration(max(0, options.instant(iso, 0) - now_us))

    if check.get("due"):
        return f"due in {left(check['due'])}"
    until = f"for {left(check['paused_until'])} more" if check.get("paused_until") else ""
    return ": ".join(filter(None, (until, check.get("paused_reason"))))


def _show(rows: dict[str, Any], now_us: int) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from trueup.domain import text

    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for name in ("component", "check", "state", "since", "last result", "24 h"):
        table.add_column(name)
    for each in rows["components"]:
        known = each["availability_24h_percent"]
        percent = "no data" if known is None else f"{known} %"
        time_ms = "" if each["response_time_ms"] is None else f"{each['response_time_ms']:.0f} ms"
        name, since = escape(each["name"]), _ago(each["since"], now_us)
        table.add_row(name, "", _coloured(each["state"]), since, time_ms, percent)
        if each["maintenance"]:
            left_us = options.instant(each["maintenance"]["until"], 0) - now_us
            what = f"{each['maintenance']['name']}, {text.duration(max(0, left_us))} more"
            table.add_row("", "maintenance", "", "", escape(what), "")
        for check in each["checks"]:
            last = f"{check['last_result'] or '-'} {_ago(check['last_answered'], now_us)}"
            cause = f" ({check['last_cause']})" if check["last_cause"] else ""
            remark = _remark(check, now_us)
            if check["state"] == "paused":
                last, cause, remark = remark, "", ""
            since = _ago(check["since"], now_us)
            last = escape(last + cause + (f", {remark}" if remark else ""))
            table.add_row("", check["slug"], _coloured(check["state"]), since, last, "")
    console.print(table)
    if not rows["engine"]["alive"]:
        seen = rows["engine"]["seen"]
        console.print(
            f"\nThe engine does not run (last seen: {_ago(seen, now_us) or 'never'}). Start it: trueup up"
        )


def _coloured(state: str) -> str:
    from trueup.cli.waterfall import colour

    return f"[{colour(state)}]{state}[/]"


def _ago(iso: str | None, now_us: int) -> str:
    from trueup.domain import text

    return "" if iso is None else f"{text.duration(max(0, now_us - options.instant(iso, 0)))} ago"

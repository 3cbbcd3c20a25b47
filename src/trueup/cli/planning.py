"""What is planned as the command line reads and shows it, to programs and to people."""

from __future__ import annotations

import re
import sys
from datetime import date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from trueup.cli import options, when
from trueup.domain import duration, text
from trueup.domain import maintenance as rules
from trueup.server.faults import StartError
from trueup.store.read import maintenance as read
from trueup.store.read.maintenance import Planned, Rule

if TYPE_CHECKING:
    from trueup.access.actor import Actor
    from trueup.access.maintenance import Plan

_SHOWN = 5  # occurrences of a new rule
_CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?")


def length(written: str, option: str) -> int:
    """Return a length in microseconds, at least a second.

    Raises:
        StartError: It is none.
    """
    try:
        found_us = duration.parse(written)
    except ValueError as error:
        raise StartError(f"{option}: {error}") from None
    if found_us < 1_000_000:
        raise StartError(f"{option} {written}: a maintenance lasts a second or more. Write for instance 2h.")
    return found_us


def add_rule(
    plan: Plan, actor: Actor, written: tuple[str, str, str | None, str | None, str | None], *, as_json: bool
) -> None:
    """Plan what comes again, from what was written: rule, time of day, length, first day, zone.

    Raises:
        StartError: Something of it cannot be read.
    """
    from trueup.access import maintenance as access
    from trueup.store import recurrence

    every, at, lasting, start, zone = written
    if lasting is None:
        raise StartError("Say how long it lasts each time with --for, such as --for 2h.")
    if not _CLOCK.fullmatch(at.strip()):
        raise StartError(f"--at {at!r}: with --every it is a time of day, such as 02:00; --start is the day.")
    where = when.zone(zone)
    first = when.wall(at, where, actor.now_us, "--at")
    if start is not None:
        first = datetime.combine(_day(start), first.time())
    follow = recurrence.Recurrence(recurrence.read(every), where, first)
    rule, made = access.add_rule(plan, follow, length(lasting, "--for"), actor)
    _tell_rule(rule, made, actor.now_us, where, as_json=as_json)


def document(row: Planned, now_us: int) -> dict[str, Any]:
    """Return a maintenance for a program: what holds, every revision, and what was announced when."""
    newest = row.newest
    return {
        "id": row.public_id,
        "name": row.name,
        "message": row.body or None,
        "rule": row.rule,
        "status": row.status(now_us),
        "start": options.iso(newest.start_us),
        "end": options.iso(newest.end_us),
        "components": [slug for _, slug in newest.components],
        "revisions": [
            {
                "number": each.number,
                "start": options.iso(each.start_us),
                "end": options.iso(each.end_us),
                "cancelled": each.cancelled,
                "announced": options.iso(each.announced_at_us),
                "retroactive": each.is_retroactive,
                "components": [slug for _, slug in each.components],
                "by": each.by,
                "reason": each.reason or None,
            }
            for each in row.revisions
        ],
        "announced": [_part(each, row) for each in _parts(row)],
    }


def show(row: Planned, now_us: int, where: ZoneInfo) -> None:
    """Print a maintenance, and which time of it was announced when."""
    print(f"{row.public_id}  {row.name}: {row.status(now_us).replace('_', ' ')}")
    if row.body:
        print(f"  {row.body}")
    slugs = _slugs(row)
    for each in _parts(row):
        span = f"{when.local(each.start_us, where)} to {when.local(each.end_us, where)}"
        names = ", ".join(sorted(slugs[component] for component in each.components))
        print(f"{span}  {names}, {_notice(each)}")
    for said in row.revisions:
        what = "cancelled" if said.cancelled else "announced" if said.number == 1 else "announced anew"
        why = f": {said.reason}" if said.reason else ""
        print(f"revision {said.number}, {what} {when.local(said.announced_at_us, where)} by {said.by}{why}")


def show_changed(verb: str, ids: list[str], now_us: int, where: ZoneInfo, *, as_json: bool) -> None:
    """Print what was done to maintenances, by public id."""
    rows = [row for each in ids if (row := read.one(each)) is not None]
    if as_json:
        options.print_json({"maintenance": [document(each, now_us) for each in rows]})
    elif len(rows) == 1:
        show(rows[0], now_us, where)
    else:
        print(f"{verb}: {len(rows)}" if rows else f"{verb}: nothing lay ahead")
        for each in rows[:_SHOWN]:
            print(_line(each, where))


def list_all(now_us: int, where: ZoneInfo, *, every: bool, as_json: bool) -> None:
    """Print what is planned and what goes on, and the rules in force."""
    rows = read.listed(None if every else now_us)
    if not every:
        rows = _next_ones(rows)
    found = read.rules_in_force()
    if as_json:
        options.print_json(
            {
                "maintenance": [document(each, now_us) for each in rows],
                "rules": [_rule(each) for each in found],
            }
        )
        return
    for row in rows:
        print(f"{_line(row, where)}  {row.status(now_us).replace('_', ' ')}")
    for rule in found:
        print(_rule_line(rule))
    if not rows and not found:
        print("nothing is planned")


def show_rule(public_id: str, now_us: int, where: ZoneInfo, *, as_json: bool) -> bool:
    """Print a rule and the next of its occurrences; return whether there is a rule of that public id."""
    found = read.rule(public_id)
    if found is None:
        return False
    rows = read.following(found.id, 0)
    ahead = [each for each in rows if each.newest.end_us > now_us and not each.newest.cancelled]
    if as_json:
        ended = None if found.ended_us is None else options.iso(found.ended_us)
        first = [document(each, now_us) for each in ahead[:_SHOWN]]
        options.print_json({"rule": {**_rule(found), "ended": ended}, "maintenance": first})
        return True
    print(_rule_line(found))
    if found.ended_us is not None:
        print(f"ended {when.local(found.ended_us, where)}: it comes no more")
    for each in ahead[:_SHOWN]:
        print(f"{_line(each, where)}  {each.status(now_us).replace('_', ' ')}")
    return True


def _next_ones(rows: list[Planned]) -> list[Planned]:
    """Return of what comes from a rule the next one that is not cancelled, and all else not cancelled."""
    seen: set[int] = set()
    kept = []
    for row in rows:
        if row.newest.cancelled or row.rule_id in seen:
            continue
        if row.rule_id is not None:
            seen.add(row.rule_id)
        kept.append(row)
    return kept


def _tell_rule(rule: str, made: list[str], now_us: int, where: ZoneInfo, *, as_json: bool) -> None:
    found = read.rule(rule)
    assert found is not None, "it was written a moment ago"
    rows = read.following(found.id, 0)
    if as_json:
        first = [document(each, now_us) for each in rows[:_SHOWN]]
        options.print_json({"rule": _rule(found), "occurrences": made, "maintenance": first})
        return
    print(f"{rule}  {found.name}: {len(made)} in the next 400 days, the first of them:")
    for each in rows[:_SHOWN]:
        print(_line(each, where))
    for each in rows:
        moved = _moved(each, found, where)
        if moved:
            print(moved, file=sys.stderr)
    for before, each in pairwise(rows):
        if each.newest.start_us < before.newest.end_us:
            begin, end = (when.local(at_us, where) for at_us in (each.newest.start_us, before.newest.end_us))
            print(f"it comes again at {begin}, before it is over at {end}", file=sys.stderr)
            break


def _moved(row: Planned, rule: Rule, where: ZoneInfo) -> str:
    """Return a sentence where an occurrence does not begin at the rule's time of day."""
    shown = when.local(row.newest.start_us, where)
    if shown[11:16] == rule.first[11:16]:
        return ""
    return f"{rule.first[11:16]} does not exist on {shown[:10]} in {where.key}: it begins at {shown[11:16]}"


def _line(row: Planned, where: ZoneInfo) -> str:
    newest = row.newest
    names = ", ".join(slug for _, slug in newest.components)
    span = f"{when.local(newest.start_us, where)} to {when.local(newest.end_us, where)}"
    return f"{row.public_id}  {span}  {row.name} ({names})"


def _rule_line(rule: Rule) -> str:
    said = f"{rule.rule} at {rule.first[11:16]} {rule.timezone}"
    return f"{rule.public_id}  {rule.name}: {said}, for {text.duration(rule.duration_s * 1_000_000)}"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.public_id,
        "name": rule.name,
        "rule": rule.rule,
        "timezone": rule.timezone,
        "first": rule.first,
        "duration_seconds": rule.duration_s,
        "components": list(rule.components),
        "expanded_until": options.iso(rule.expanded_until_us),
    }


def _parts(row: Planned) -> tuple[rules.Announced, ...]:
    return rules.announced(
        rules.Revision(
            each.number, each.start_us, each.end_us, each.announced_at_us, each.cancelled,
            frozenset(component for component, _ in each.components),
        )
        for each in row.revisions
    )  # fmt: skip


def _part(part: rules.Announced, row: Planned) -> dict[str, Any]:
    slugs = _slugs(row)
    return {
        "start": options.iso(part.start_us),
        "end": options.iso(part.end_us),
        "announced": options.iso(part.announced_at_us),
        "notice_seconds": (part.start_us - part.announced_at_us) // 1_000_000,
        "retroactive": part.is_retroactive,
        "cancelled": part.cancelled,
        "components": sorted(slugs[component] for component in part.components),
        "revision": part.revision,
    }


def _notice(part: rules.Announced) -> str:
    if part.cancelled:
        return "cancelled"
    notice = text.duration(abs(part.start_us - part.announced_at_us))
    return (
        f"announced {notice} after it began (retroactive)" if part.is_retroactive else f"{notice} of notice"
    )


def _slugs(row: Planned) -> dict[int, str]:
    return {component: slug for each in row.revisions for component, slug in each.components}


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written.strip())
    except ValueError:
        raise StartError(f"--start {written!r} is no day: write one such as 2026-12-01.") from None

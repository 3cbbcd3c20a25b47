"""What people plan, from whatever door: checked, stored and noted in one transaction.

When something was announced is the server's time of the revision; nobody can say it.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from trueup.access import audit
from trueup.access.actor import Actor
from trueup.domain import duration, text
from trueup.store.read import incident as known
from trueup.store.read import maintenance as read
from trueup.store.read.maintenance import Planned
from trueup.store.recurrence import Recurrence
from trueup.store.write import maintenance as write

_LONGEST_US = 366 * 86_400_000_000
_OLDEST_US = 10 * _LONGEST_US
_NAME, _BODY, _REASON = 255, 25_000, 500  # characters


class MaintenanceError(ValueError):
    """Something that cannot be planned: what, why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is planned: its name, what people read of it, and the slugs of its components."""

    name: str
    components: tuple[str, ...]
    body: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """What is to be otherwise; None leaves it. ``more_us`` moves the end."""

    start_us: int | None = None
    end_us: int | None = None
    length_us: int | None = None
    more_us: int | None = None
    components: tuple[str, ...] | None = None
    reason: str = ""


def add(plan: Plan, start_us: int, end_us: int, actor: Actor) -> str:
    """Plan a maintenance, also one that has begun or is over, and return its public id.

    Raises:
        MaintenanceError: It cannot be planned so.
    """
    name, body, reason = _said(plan)
    _check_span(start_us, end_us, actor.now_us)
    with transaction.atomic():
        said = write.Announcement(
            start_us=start_us, end_us=end_us, components=_components(plan.components), by=actor.who,
            reason=reason,
        )  # fmt: skip
        public_id = write.add(name, body, said, actor.now_us)
        _note(actor, "add", public_id, None, _plain(find(public_id)))
    return public_id


def add_rule(plan: Plan, recurrence: Recurrence, length_us: int, actor: Actor) -> tuple[str, list[str]]:
    """Plan a maintenance that comes again, and return the public ids of the rule and of its first rows.

    Raises:
        MaintenanceError: It cannot be planned so, or would never come.
    """
    name, body, _ = _said(plan)
    _check_span(actor.now_us, actor.now_us + length_us, actor.now_us)
    if length_us % 1_000_000:
        raise MaintenanceError("A maintenance that comes again lasts whole seconds.")
    if recurrence.next(actor.now_us) is None:
        raise MaintenanceError(
            f"{recurrence.rule} gives no start after now: check its UNTIL, COUNT, and days that never come."
        )
    with transaction.atomic():
        new = write.NewRule(
            name=name, body=body, recurrence=recurrence, duration_s=length_us // 1_000_000,
            components=_components(plan.components), by=actor.who,
        )  # fmt: skip
        row, public_id = write.add_rule(new, actor.now_us)
        write.expand(row, actor.now_us)
        made = [each.public_id for each in read.following(row, 0)]
        after = {"rule": recurrence.rule, "timezone": recurrence.zone.key, "name": name,
                 "first": recurrence.first.isoformat(), "duration": duration.text(length_us),
                 "components": list(plan.components), "occurrences": len(made)}  # fmt: skip
        _note(actor, "add", public_id, None, after)
    return public_id, made


def revise(public_id: str, wanted: Revised, actor: Actor, *, following: bool = False) -> list[str]:
    """Announce a maintenance anew, or it and all that follow it from its rule; return their public ids.

    Of those that follow, length and components can be changed.

    Raises:
        MaintenanceError: There is no such maintenance, it is cancelled, or it cannot be so.
    """
    with transaction.atomic():
        first, rows = _locked(public_id, actor.now_us, following=following)
        if following and wanted.start_us is not None:
            raise MaintenanceError(
                "All that follow cannot begin at another time: cancel them with "
                f"`trueup maintenance cancel {public_id} --following` and add a new rule."
            )
        start_us = first.newest.start_us if wanted.start_us is None else wanted.start_us
        length_us = _end(first, wanted) - start_us
        components = None if wanted.components is None else _components(wanted.components)
        said = []
        for each in rows:
            begin_us = start_us if each.id == first.id else each.newest.start_us
            new = _anew(each, (begin_us, begin_us + length_us), components, wanted.reason, actor)
            if new is not None:
                said.append((each.id, new))
        if not said:
            raise MaintenanceError("That is what is announced already: nothing would change.")
        write.revise(said, actor.now_us)
        if following and first.rule_id is not None:
            write.change_rule(first.rule_id, duration_s=length_us // 1_000_000, components=components)
        _note(actor, "extend", public_id, _plain(first), _plain(find(public_id), following=len(said)))
        changed = {row for row, _ in said}
    return [each.public_id for each in rows if each.id in changed]


def cancel(public_id: str, reason: str, actor: Actor, *, following: bool = False) -> list[str]:
    """Cancel a maintenance; with ``following``, also all that follow it, and its rule ends.

    ``public_id`` may be a rule's: then all that has not ended is cancelled. What has passed of one that
    goes on stays maintenance. Return the public ids of what was cancelled.

    Raises:
        MaintenanceError: There is nothing of that id that can be cancelled.
    """
    reason = _text(reason, _REASON, "reason")
    with transaction.atomic():
        rule_id, before, rows = _to_cancel(public_id, actor.now_us, following=following)
        ahead = [each for each in rows if each.newest.end_us > actor.now_us and not each.newest.cancelled]
        write.revise([(each.id, _cancelling(each, actor, reason)) for each in ahead], actor.now_us)
        if rule_id is not None:
            write.end_rule(rule_id, actor.now_us)
        gone = [each.public_id for each in ahead]
        _note(actor, "cancel", public_id, before, {"cancelled": gone, "reason": reason})
    return gone


def find(public_id: str) -> Planned:
    """Return a maintenance.

    Raises:
        MaintenanceError: There is none of that public id.
    """
    found = read.one(public_id)
    if found is None:
        if read.rule(public_id) is not None:
            raise MaintenanceError(
                f"{public_id} is a rule. Name the first of its occurrences that is to be otherwise, with "
                "--following for all after it; `trueup maintenance list --all` names them."
            )
        near = difflib.get_close_matches(public_id, read.known_ids(), n=1)
        hint = f"Did you mean {near[0]}?" if near else "`trueup maintenance list` names them."
        raise MaintenanceError(f"There is no maintenance {public_id!r}. {hint}")
    return found


def _to_cancel(
    public_id: str, now_us: int, *, following: bool
) -> tuple[int | None, dict[str, object], list[Planned]]:
    """Return which rule ends, what there was, and what is to be cancelled as far as it lies ahead."""
    rule = read.rule(public_id)
    if rule is not None:
        if rule.ended_us is not None:
            raise MaintenanceError(f"The rule {public_id} has ended on {text.instant(rule.ended_us)}.")
        write.lock_rule(rule.id)
        return rule.id, {"rule": rule.rule, "name": rule.name}, read.following(rule.id, 0)
    first, rows = _locked(public_id, now_us, following=following)
    if first.newest.end_us <= now_us and not following:
        raise MaintenanceError(
            f"The maintenance {public_id} is over since {text.instant(first.newest.end_us)}: it stays. "
            "If it ended earlier, say so with `trueup maintenance extend --until`."
        )
    return first.rule_id if following else None, _plain(first), rows


def _locked(public_id: str, now_us: int, *, following: bool) -> tuple[Planned, list[Planned]]:
    """Return a maintenance that is not cancelled, and with it all that follow where that is wanted.

    Of those that follow, what is over stays as it was.
    """
    found = find(public_id)
    if following and found.rule_id is None:
        raise MaintenanceError(f"{public_id} comes from no rule: nothing follows it. Leave out --following.")
    if found.rule_id is not None:
        write.lock_rule(found.rule_id)
    write.lock(found.id)
    found = find(public_id)
    if found.newest.cancelled:
        raise MaintenanceError(
            f"The maintenance {public_id} was cancelled on {text.instant(found.newest.announced_at_us)}: "
            "add a new one."
        )
    if not following or found.rule_id is None or found.due_us is None:
        return found, [found]
    rows = read.following(found.rule_id, found.due_us)
    return found, [each for each in rows if not each.newest.cancelled and each.newest.end_us > now_us]


def _end(row: Planned, wanted: Revised) -> int:
    newest = row.newest
    if wanted.end_us is not None:
        return wanted.end_us
    start_us = newest.start_us if wanted.start_us is None else wanted.start_us
    if wanted.length_us is not None:
        return start_us + wanted.length_us
    return start_us + (newest.end_us - newest.start_us) + (wanted.more_us or 0)


def _anew(
    row: Planned, span: tuple[int, int], components: tuple[int, ...] | None, reason: str, actor: Actor
) -> write.Announcement | None:
    """Return what a new revision says, None where it is what is announced already."""
    newest, (start_us, end_us) = row.newest, span
    _check_span(start_us, end_us, actor.now_us)
    had = tuple(component for component, _ in newest.components)
    if (start_us, end_us) == (newest.start_us, newest.end_us) and components in (None, had):
        return None
    return write.Announcement(
        start_us=start_us,
        end_us=end_us,
        components=had if components is None else components,
        by=actor.who,
        reason=_text(reason, _REASON, "reason"),
    )


def _cancelling(row: Planned, actor: Actor, reason: str) -> write.Announcement:
    newest = row.newest
    said = write.Announcement(
        start_us=newest.start_us, end_us=newest.end_us, by=actor.who, reason=reason,
        components=tuple(component for component, _ in newest.components),
    )  # fmt: skip
    return replace(said, cancelled=True)


def _check_span(start_us: int, end_us: int, now_us: int) -> None:
    if end_us <= start_us:
        raise MaintenanceError(
            f"It would end on {text.instant(end_us)} and begin on {text.instant(start_us)}: "
            "the end comes after the start."
        )
    if end_us - start_us > _LONGEST_US:
        raise MaintenanceError("It would last longer than a year: check the year of its end.")
    if abs(start_us - now_us) > _OLDEST_US:
        raise MaintenanceError(f"It would begin on {text.instant(start_us)}: check the year.")


def _said(plan: Plan) -> tuple[str, str, str]:
    name = _text(plan.name, _NAME, "name")
    if not name:
        raise MaintenanceError("A maintenance needs a name: say in a few words what is done.")
    return name, _text(plan.body, _BODY, "message"), _text(plan.reason, _REASON, "reason")


def _components(slugs: Sequence[str]) -> tuple[int, ...]:
    if not slugs:
        raise MaintenanceError("A maintenance needs a component: name what it touches with --component SLUG.")
    found = known.components(())
    for slug in slugs:
        if slug not in found:
            raise MaintenanceError(f"No component has the slug {slug!r}. {_hint(slug, found)}")
    return tuple(sorted({found[slug][0] for slug in slugs}))


def _hint(slug: str, among: Collection[str]) -> str:
    near = difflib.get_close_matches(slug, among, n=1)
    return f"Did you mean {near[0]}?" if near else f"There are: {', '.join(among) or 'none yet'}."


def _text(written: str, most: int, noun: str) -> str:
    kept = written.strip()
    if len(kept) > most:
        raise MaintenanceError(f"The {noun} has {len(kept)} characters: use at most {most}.")
    return kept


def _note(actor: Actor, verb: str, subject: str, before: Any, after: Any) -> None:
    audit.record(actor.who, verb, "maintenance", subject, before, after, actor.source, actor.now_us)


def _plain(row: Planned, following: int | None = None) -> dict[str, object]:
    newest = row.newest
    plain: dict[str, object] = {
        "name": row.name,
        "revision": newest.number,
        "start_us": newest.start_us,
        "end_us": newest.end_us,
        "announced_at_us": newest.announced_at_us,
        "components": [slug for _, slug in newest.components],
        "reason": newest.reason,
    }
    return plain if following is None else {**plain, "announced_anew": following}

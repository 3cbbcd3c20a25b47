"""What people say about outages, from whatever door: checked, stored and noted in one transaction."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from django.db import transaction

from trueup.access import audit
from trueup.access.actor import Actor
from trueup.domain import incident as rules
from trueup.domain import text
from trueup.domain.incident import IncidentError
from trueup.store.read import incident as read
from trueup.store.read.incident import IncidentRow
from trueup.store.write import incident as write

_NAME, _BODY, _REASON = 255, 25_000, 200  # characters
_OLDEST_US = 10 * 366 * 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What people have to say; what is None or empty stays as it is.

    ``impacts`` are by the slugs of components. ``at_us`` back-dates the words, for a ``reason``.
    ``outages`` are ids of ledger entries; with ``link`` those that overlap belong to it too.
    """

    status: str | None = None
    body: str = ""
    impacts: Mapping[str, str] = field(default_factory=dict)
    severity: str | None = None
    root_cause: str | None = None
    at_us: int | None = None
    reason: str = ""
    outages: tuple[int, ...] = ()
    link: bool = True
    publish: bool = False

    @property
    def has_words(self) -> bool:
        """Return whether it makes an update that people read."""
        return bool(self.status or self.body or self.impacts)


def begin(name: str, said: Saying, actor: Actor, started_us: int | None = None) -> str:
    """Open an incident and return its public id; a draft unless it is to be published.

    It began at ``started_us``, else with the first of its outages, else with its first words.

    Raises:
        IncidentError: Something of it cannot be said.
    """
    name = _text(name, _NAME, "name")
    if not name:
        raise IncidentError("An incident needs a name: say in a few words what people notice.")
    if not said.impacts:
        raise IncidentError("An incident needs a component: name what it touches with --component SLUG.")
    severity = rules.severity(said.severity or "P3")
    with transaction.atomic():
        told, impacts = _first_words(said, actor)
        entries = [_outage(each) for each in said.outages]
        if said.link:
            since_us = told.display_us if started_us is None else started_us
            entries += read.outages(list(impacts), since_us, actor.now_us)
        if started_us is None:
            started_us = min([told.display_us, *(each.start_us for each in entries)])
        _refuse_future(started_us, actor.now_us, "--started")
        row, public_id = write.create(name, severity, started_us, actor.now_us, published=said.publish)
        write.affect(row, impacts)
        write.tell(row, told, actor.now_us)
        write.describe(row, root_cause=said.root_cause)
        write.link(row, {each.id for each in entries})
        _note(actor, "open", public_id, None)
    return public_id


def update(public_id: str, said: Saying, actor: Actor) -> None:
    """Say more about an incident: its next status, words, impacts; or what is known better of it now.

    Raises:
        IncidentError: There is no such incident, or something of it cannot be said.
    """
    with transaction.atomic():
        row = find(public_id)
        write.lock(row.id)
        row = find(public_id)  # as it stands now that nobody else writes to it
        if not (said.has_words or said.severity or said.publish or said.outages) and said.root_cause is None:
            raise IncidentError("There is nothing to say: give a --message, a --status or what else changes.")
        severity = None if said.severity is None else rules.severity(said.severity)
        if said.has_words:
            _tell(row, said, actor)
        elif said.at_us is not None:
            raise IncidentError("--at back-dates words, and there are none: give a --message or a --status.")
        write.describe(row.id, severity=severity, root_cause=said.root_cause)
        if said.publish:
            write.publish(row.id, actor.now_us)
        _link(find(public_id), said, actor.now_us)
        _note(actor, "update" if said.status != rules.RESOLVED else "resolve", public_id, row)


def find(public_id: str) -> IncidentRow:
    """Return an incident.

    Raises:
        IncidentError: There is none of that public id.
    """
    row = read.one(public_id)
    if row is None:
        near = difflib.get_close_matches(public_id, read.newest_ids(), n=1)
        hint = f"Did you mean {near[0]}?" if near else "`trueup incident list` names them."
        raise IncidentError(f"There is no incident {public_id!r}. {hint}")
    return row


def _first_words(said: Saying, actor: Actor) -> tuple[write.Told, dict[int, str]]:
    """Return the first update, and the impacts by the id of a component."""
    status = rules.step("", rules.status(said.status or rules.INVESTIGATING))
    named = _impacts(said.impacts)
    changes = [
        {"component": public_id, "from": "", "to": said.impacts[slug]}
        for slug, (_, public_id) in named.items()
    ]
    return _told(status, said, changes, None, actor), {
        row: said.impacts[slug] for slug, (row, _) in named.items()
    }


def _tell(row: IncidentRow, said: Saying, actor: Actor) -> None:
    status = rules.step(row.status, rules.status(said.status or row.status))
    named = _impacts(said.impacts)
    had = {each.slug: each.impact for each in row.components}
    changes = [
        {"component": public_id, "from": had.get(slug, ""), "to": said.impacts[slug]}
        for slug, (_, public_id) in named.items()
        if had.get(slug) != said.impacts[slug]
    ]
    told = _told(status, said, changes, row.updates[0].display_us, actor)
    write.affect(row.id, {component: said.impacts[slug] for slug, (component, _) in named.items()})
    write.tell(row.id, told, actor.now_us)


def _told(
    status: str, said: Saying, changes: Sequence[Mapping[str, str]], newest_us: int | None, actor: Actor
) -> write.Told:
    return write.Told(
        status=status,
        body=_text(said.body, _BODY, "message"),
        by=actor.who,
        display_us=_display(said, actor.now_us, newest_us),
        reason=_text(said.reason, _REASON, "reason"),
        changes=tuple(changes),
    )


def _link(row: IncidentRow, said: Saying, now_us: int) -> None:
    entries = [_outage(each) for each in said.outages]
    if said.link:
        until_us = now_us if row.resolved_us is None else row.resolved_us
        entries += read.outages([each.id for each in row.components], row.started_us, until_us)
    write.link(row.id, {each.id for each in entries})


def _display(said: Saying, now_us: int, newest_us: int | None) -> int:
    """Return when the words are said to have been said, in microseconds UTC."""
    if said.at_us is None:
        if said.reason:
            raise IncidentError("--reason says why words are back-dated: give --at too, or leave it out.")
        return now_us if newest_us is None else max(now_us, newest_us)
    if not said.reason.strip():
        raise IncidentError(
            "Words are back-dated for a reason that stands beside them: give it with --reason."
        )
    _refuse_future(said.at_us, now_us, "--at")
    if newest_us is not None and said.at_us < newest_us:
        raise IncidentError(
            f"--at {text.instant(said.at_us)} lies before the newest update, which is of "
            f"{text.instant(newest_us)}. What was said stays as it was said: write a later instant."
        )
    return said.at_us


def _refuse_future(at_us: int, now_us: int, option: str) -> None:
    if at_us > now_us:
        raise IncidentError(
            f"{option} {text.instant(at_us)} has not come yet, for it is {text.instant(now_us)}. "
            "What is planned is a maintenance: `trueup maintenance add`."
        )
    if at_us < now_us - _OLDEST_US:
        raise IncidentError(f"{option} {text.instant(at_us)} is more than ten years ago: check the year.")


def _impacts(wanted: Mapping[str, str]) -> dict[str, tuple[int, str]]:
    """Return the components that are named, by slug: id and public id."""
    for each in wanted.values():
        rules.impact(each)
    known = read.components(())
    for slug in wanted:
        if slug not in known:
            near = difflib.get_close_matches(slug, known, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known) or 'none yet'}."
            raise IncidentError(f"No component has the slug {slug!r}. {hint}")
    return {slug: known[slug] for slug in wanted}


def _outage(row: int) -> read.Outage:
    found = read.outage(row)
    if found is None:
        raise IncidentError(f"{row} is no outage of the ledger. Name it as SLUG@INSTANT, such as api@14:05.")
    return found


def _text(written: str, most: int, noun: str) -> str:
    kept = written.strip()
    if len(kept) > most:
        raise IncidentError(f"The {noun} has {len(kept)} characters: use at most {most}.")
    return kept


def _note(actor: Actor, verb: str, public_id: str, before: IncidentRow | None) -> None:
    after = find(public_id)
    was = None if before is None else _plain(before)
    audit.record(
        actor.who, verb, "incident", public_id, was, _plain(after), actor.source, actor.now_us
    )  # fmt: skip


def _plain(row: IncidentRow) -> dict[str, object]:
    """Return what of an incident people may change; of its words, which stay, the newest."""
    return {
        "name": row.name,
        "severity": row.severity,
        "status": row.status,
        "published_us": row.published_us,
        "root_cause": row.root_cause,
        "components": {each.slug: each.impact for each in row.components},
        "outages": [each.id for each in row.outages],
        "newest": asdict(row.updates[0]),
    }

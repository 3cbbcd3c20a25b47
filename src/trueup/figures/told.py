"""What people say: incidents and maintenance, read when a document asks for them and kept while they hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from trueup.domain.audience import Audience
from trueup.domain.incident import OPEN
from trueup.store.read import incident, maintenance
from trueup.store.read.incident import IncidentRow
from trueup.store.read.maintenance import Planned, Revision
from trueup.store.read.page import PageRow
from trueup.store.read.position import Position

MOST = 1_000  # incidents that pages tell of, the newest


class Told:
    """Everything that people say, at one position. Not safe for threads."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._at: tuple[int, ...] | None = None
        self._incidents: tuple[IncidentRow, ...] | None = None
        self._maintenances: tuple[Planned, ...] | None = None

    def turn(self, at: Position) -> None:
        """Go to another position; a row that changes without another brings one of the audit log."""
        here = (at.config, at.maintenance, at.audit, at.incident, at.update)
        if here != self._at:
            self._at, self._incidents, self._maintenances = here, None, None

    def incidents(self) -> tuple[IncidentRow, ...]:
        """Return the newest incidents, drafts too, the newest first."""
        if self._incidents is None:
            self._incidents = tuple(incident.listed(most=MOST))
        return self._incidents

    def maintenances(self) -> tuple[Planned, ...]:
        """Return every maintenance, in order of starts."""
        if self._maintenances is None:
            self._maintenances = tuple(maintenance.listed())
        return self._maintenances


def incidents_of(page: PageRow, audience: Audience, found: Iterable[IncidentRow]) -> Iterator[IncidentRow]:
    """Yield the incidents that an audience of a page sees, as far as it sees them.

    Nobody is told there of a component that stands on another page, and only those inside of drafts, of
    who wrote, of checks, and of a root cause before the end.
    """
    for each in found:
        if not page.everything:  # such a page tells of what is archived too, and of what touches nothing
            each = _restricted(each, {part.public_id for part in page.components})
            if not each.components:
                continue
        if audience is Audience.INSIDE:
            yield each
        elif not each.is_draft:
            yield _outside(each)


def maintenances_of(page: PageRow, audience: Audience, found: Iterable[Planned]) -> Iterator[Planned]:
    """Yield the maintenance that an audience of a page sees, as far as it sees it."""
    here = None if page.everything else {each.id for each in page.components}
    for each in found:
        revisions = tuple(_revision(one, here, audience) for one in each.revisions)
        if here is None or revisions[-1].components:
            yield replace(each, revisions=revisions)


def _restricted(row: IncidentRow, here: set[str]) -> IncidentRow:
    parts = tuple(each for each in row.components if each.public_id in here)
    slugs = {each.slug for each in parts}
    updates = tuple(
        replace(each, changes=tuple(one for one in each.changes if one.get("component") in here))
        for each in row.updates
    )
    outages = tuple(each for each in row.outages if each.component in slugs)
    return replace(row, components=parts, updates=updates, outages=outages)


def _outside(row: IncidentRow) -> IncidentRow:
    return replace(
        row,
        root_cause="" if row.status in OPEN else row.root_cause,
        updates=tuple(replace(each, by="", reason="") for each in row.updates),
        outages=tuple(replace(each, check="", cause="") for each in row.outages),
    )


def _revision(row: Revision, here: set[int] | None, audience: Audience) -> Revision:
    parts = tuple(pair for pair in row.components if here is None or pair[0] in here)
    if audience is Audience.INSIDE:
        return replace(row, components=parts)
    return replace(row, components=parts, by="", reason="")

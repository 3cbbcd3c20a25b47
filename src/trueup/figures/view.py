"""What one audience sees of one status page, at one revision: all that its documents are made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from trueup.domain.audience import Audience
from trueup.domain.status import overall
from trueup.figures.component import Component
from trueup.figures.days import Days
from trueup.figures.engine import EngineHealth
from trueup.figures.page import Page
from trueup.figures.sla.shelf import Shelf
from trueup.figures.told import Told, incidents_of, maintenances_of
from trueup.store.read.component import SiteRow
from trueup.store.read.incident import IncidentRow
from trueup.store.read.maintenance import Planned
from trueup.store.read.page import Directory, PageRow


@dataclass(frozen=True, slots=True)
class Group:
    """Components under one heading of a page, in order."""

    public_id: str
    name: str
    description: str
    components: tuple[Component, ...]


@dataclass(frozen=True)
class View:
    """One revision of one page, as one audience sees it; nothing that stands elsewhere can be reached."""

    page: PageRow
    is_first: bool  # it is served where no page is named: at the site's own address
    audience: Audience
    site: SiteRow
    zone: ZoneInfo
    as_of_us: int  # the instant of the revision
    days: Days
    overall: str  # a name of ``domain.status.OVERALL``
    components: tuple[Component, ...]  # those of groups first, then those in none
    groups: tuple[Group, ...]
    engine: EngineHealth
    book: Shelf  # what contracts come to at the same instant; reads when it is asked
    configured_us: int  # when the configuration was applied
    _told: Told

    @cached_property
    def incidents(self) -> tuple[IncidentRow, ...]:
        """Return what people told of it, the newest first; drafts only to those inside."""
        return tuple(incidents_of(self.page, self.audience, self._told.incidents()))

    @cached_property
    def maintenances(self) -> tuple[Planned, ...]:
        """Return what is or was planned, in order of starts."""
        return tuple(maintenances_of(self.page, self.audience, self._told.maintenances()))

    @cached_property
    def revision_us(self) -> int:
        """Return when its content changed last, microseconds UTC: what it says, not each probe.

        That is a state, a word of an incident, an announcement, the begin or end of maintenance, or a
        configuration.
        """
        states = (each.status_since_us for each in self.components)
        words = (one.created_us for each in self.incidents for one in each.updates)
        planned = [one for each in self.maintenances for one in each.revisions]
        said = (one.announced_at_us for one in planned)
        edges = (edge for one in planned if not one.cancelled for edge in (one.start_us, one.end_us))
        found = (self.configured_us, *states, *words, *said, *edges)
        return max((us for us in found if us is not None and us <= self.as_of_us), default=0)

    def group(self, component: Component) -> Group | None:
        """Return the group in which a component stands here, None where it stands in none."""
        return next((each for each in self.groups if component in each.components), None)


def view(whole: Page, directory: Directory, page: PageRow, audience: Audience = Audience.PUBLIC) -> View:
    """Return what an audience of a page sees of everything.

    A component that the page names and ``whole`` does not hold was made in between: it comes at the next
    revision.
    """
    by_id = {each.public_id: each for each in whole.components}
    components = tuple(by_id[each.public_id] for each in page.components if each.public_id in by_id)
    groups = tuple(
        Group(
            each.public_id,
            each.name,
            each.description,
            tuple(by_id[one.public_id] for one in each.components if one.public_id in by_id),
        )
        for each in page.groups
    )
    hidden = by_id.keys() - {each.public_id for each in components}
    return View(
        page=page,
        is_first=page is directory.default,
        audience=audience,
        site=whole.site,
        zone=whole.zone,
        as_of_us=whole.as_of_us,
        days=whole.days,
        overall=overall([each.status for each in components]),
        components=components,
        groups=groups,
        engine=whole.engine,
        book=Shelf(whole.book, page.slug, [each.row for each in components], hidden, whole.site.timezone),
        configured_us=directory.since_us,
        _told=whole.told,
    )

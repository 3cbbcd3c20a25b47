"""Pages with their groups and components in order; without one in the configuration there is ``default``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from trueup.domain.reference import is_whole
from trueup.domain.spec import GroupSpec, PageSpec, Secret
from trueup.store.clock import us_or_none
from trueup.store.models import Component, ConfigRevision, Page, PageComponent, PageGroup, Site
from trueup.store.seal import Seal


@dataclass(frozen=True, slots=True)
class Shown:
    """A component on a page."""

    id: int
    public_id: str
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Group:
    """Components under one heading, in order."""

    public_id: str
    name: str
    description: str
    components: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class PageRow:
    """One page: its groups come first, then the components that stand in none.

    A page that shows everything holds what is in no group there, also what was made since.
    """

    slug: str
    public_id: str  # empty before the first configuration
    name: str
    description: str
    hosts: tuple[str, ...]
    privacy: str  # public | password | token
    everything: bool
    groups: tuple[Group, ...]
    rest: tuple[Shown, ...]

    @property
    def components(self) -> tuple[Shown, ...]:
        """Return all components in the order in which they are shown."""
        return (*(shown for group in self.groups for shown in group.components), *self.rest)


@dataclass(frozen=True, slots=True)
class Configured:
    """A page as a configuration would say it, archived ones too."""

    id: int
    spec: PageSpec
    archived_us: int | None
    by_file: bool


@dataclass(frozen=True, slots=True)
class Directory:
    """All pages that are not archived, in their order: at least one. Without any there is ``default``."""

    pages: tuple[PageRow, ...]
    since_us: int  # when the configuration that says so was applied; 0 before the first
    locks: Mapping[str, str] = field(repr=False)  # by slug: passwords as they are stored

    @property
    def default(self) -> PageRow:
        """Return the page that is served where none is named: the first one."""
        return self.pages[0]

    def of_slug(self, slug: str) -> PageRow | None:
        """Return the page of a slug, None where there is none."""
        return next((each for each in self.pages if each.slug == slug), None)

    def of_host(self, host: str) -> PageRow | None:
        """Return the page that answers to a host name, None where none claims it."""
        wanted = host.lower().rstrip(".")
        return next((each for each in self.pages if wanted in each.hosts), None)


def directory() -> Directory:
    """Return all pages with what stands on them; a few queries however many there are."""
    rows = list(Page.objects.filter(archived_at__isnull=True).order_by("position", "id"))
    rows = rows or [Page(slug=Page.DEFAULT, public_id="", everything=True)]
    groups, parts, others = _groups(), _parts(), _components()
    site = Site.objects.order_by("id").values_list("name", flat=True).first() or Site().name
    applied_at = ConfigRevision.objects.order_by("-id").values_list("applied_at", flat=True).first()
    return Directory(
        pages=tuple(_page(row, groups.get(row.id, []), parts.get(row.id, []), others, site) for row in rows),
        since_us=us_or_none(applied_at) or 0,
        locks={row.slug: row.secret for row in rows if row.secret},
    )


def of(slug: str) -> PageRow | None:
    """Return the page of a slug, None where there is none; ``default`` is always there until others are."""
    return directory().of_slug(slug)


def default() -> PageRow:
    """Return the page that is served where none is named: the first one."""
    return directory().default


def slugs() -> list[str]:
    """Return the slugs of all pages that are not archived, in their order."""
    return [each.slug for each in Page.objects.filter(archived_at__isnull=True)] or [Page.DEFAULT]


def configured(seal: Seal) -> list[Configured]:
    """Return what the next configuration is compared with.

    Raises:
        SealError: A stored password cannot be decrypted.
    """
    parts, groups = _parts(), _groups()
    return [
        Configured(
            row.id, _spec(row, groups.get(row.id, []), parts.get(row.id, []), seal),
            us_or_none(row.archived_at), row.managed == "file",
        )
        for row in Page.objects.all()
    ]  # fmt: skip


def _groups() -> dict[int, list[PageGroup]]:
    """Return by page its groups, in order."""
    found: dict[int, list[PageGroup]] = {}
    for group in PageGroup.objects.order_by("position", "id"):
        found.setdefault(group.page_id, []).append(group)
    return found


def _components() -> list[Component]:
    return list(Component.objects.filter(archived_at__isnull=True).order_by("position", "id"))


def _parts() -> dict[int, list[PageComponent]]:
    """Return by page what stands on it and is not archived, in order."""
    found: dict[int, list[PageComponent]] = {}
    living = PageComponent.objects.filter(component__archived_at__isnull=True)
    for part in living.select_related("component").order_by("position", "id"):
        found.setdefault(part.page_id, []).append(part)
    return found


def _spec(row: Page, groups: list[PageGroup], parts: list[PageComponent], seal: Seal) -> PageSpec:
    within: dict[int | None, list[str]] = {}
    for part in parts:
        within.setdefault(part.group_id, []).append(part.component.slug)
    return PageSpec(
        slug=row.slug,
        name=row.name,
        description=row.description,
        hosts=tuple(row.hosts),
        privacy=row.privacy,
        password=_secret(row.secret, seal),
        groups=tuple(
            GroupSpec(each.name, tuple(within[each.id]), each.description)
            for each in groups
            if each.id in within
        ),
        components=tuple(within.get(None, ())),
        everything=row.everything,
        position=row.position,
    )


def _secret(stored: str, seal: Seal) -> Secret | None:
    if not stored:
        return None
    return Secret("", stored if is_whole(stored) else seal.open(stored))


def _page(
    row: Page, groups: list[PageGroup], parts: list[PageComponent], others: list[Component], site: str
) -> PageRow:
    rest = [each.component for each in parts if each.group_id is None]
    if row.everything:
        named = {each.component_id for each in parts}
        rest += [each for each in others if each.id not in named]
    return PageRow(
        slug=row.slug,
        public_id=row.public_id,
        name=row.name or site,
        description=row.description,
        hosts=tuple(row.hosts),
        privacy=row.privacy,
        everything=row.everything,
        groups=tuple(_group(each, parts) for each in groups),
        rest=tuple(map(_shown, rest)),
    )


def _group(row: PageGroup, parts: list[PageComponent]) -> Group:
    within = tuple(_shown(each.component) for each in parts if each.group_id == row.id)
    return Group(row.public_id, row.name, row.description, within)


def _shown(row: Component) -> Shown:
    return Shown(row.id, row.public_id, row.slug, row.name)

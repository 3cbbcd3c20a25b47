"""Pages with their groups and components in order; without one in the configuration there is ``default``."""

from __future__ import annotations

from dataclasses import dataclass

from trueup.domain.reference import is_whole
from trueup.domain.spec import GroupSpec, PageSpec, Secret
from trueup.store.clock import us_or_none
from trueup.store.models import Component, Page, PageComponent, PageGroup, Site
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


def of(slug: str) -> PageRow | None:
    """Return the page of a slug, None where there is none; ``default`` is always there until others are."""
    row = Page.objects.filter(slug=slug, archived_at__isnull=True).first()
    if row is not None:
        return _page(row)
    if slug == Page.DEFAULT and not Page.objects.filter(archived_at__isnull=True).exists():
        return _page(Page(slug=slug, public_id="", everything=True))
    return None


def default() -> PageRow:
    """Return the page that is served where none is named: the first one."""
    row = Page.objects.filter(archived_at__isnull=True).order_by("position", "id").first()
    return _page(row or Page(slug=Page.DEFAULT, public_id="", everything=True))


def of_host(host: str) -> PageRow | None:
    """Return the page that answers to a host name, None where none claims it."""
    wanted = host.lower().rstrip(".")
    for row in Page.objects.filter(archived_at__isnull=True).order_by("position", "id"):
        if wanted in row.hosts:
            return _page(row)
    return None


def slugs() -> list[str]:
    """Return the slugs of all pages that are not archived, in their order."""
    return [each.slug for each in Page.objects.filter(archived_at__isnull=True)] or [Page.DEFAULT]


def configured(seal: Seal) -> list[Configured]:
    """Return what the next configuration is compared with.

    Raises:
        SealError: A stored password cannot be decrypted.
    """
    parts = _parts()
    groups: dict[int, list[PageGroup]] = {}
    for group in PageGroup.objects.all():
        groups.setdefault(group.page_id, []).append(group)
    return [
        Configured(
            row.id, _spec(row, groups.get(row.id, []), parts.get(row.id, []), seal),
            us_or_none(row.archived_at), row.managed == "file",
        )
        for row in Page.objects.all()
    ]  # fmt: skip


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


def _page(row: Page) -> PageRow:
    parts: list[PageComponent] = []
    groups: list[PageGroup] = []
    if row.pk is not None:
        living = row.parts.filter(component__archived_at__isnull=True)
        parts = list(living.select_related("component").order_by("position", "id"))
        groups = list(row.groups.order_by("position", "id"))
    rest = [each.component for each in parts if each.group_id is None]
    if row.everything:
        named = {each.component_id for each in parts}
        others = Component.objects.filter(archived_at__isnull=True).order_by("position", "id")
        rest += [each for each in others if each.id not in named]
    name = row.name or Site.objects.order_by("id").values_list("name", flat=True).first() or Site().name
    return PageRow(
        slug=row.slug,
        public_id=row.public_id,
        name=name,
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

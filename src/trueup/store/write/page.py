"""Write pages, their groups and the places of components; what refers to a page or a group stays valid."""

from __future__ import annotations

from collections.abc import Iterable

from trueup.domain.reference import is_whole
from trueup.domain.spec import PageSpec, Secret
from trueup.store.clock import at
from trueup.store.models import Component, Page, PageComponent, PageGroup
from trueup.store.seal import Seal


def ensure_default(now_us: int) -> None:
    """Write the page that there is where the configuration names none, unless it is there."""
    Page.objects.get_or_create(
        slug=Page.DEFAULT, defaults={"name": "", "everything": True, "created_at": at(now_us)}
    )


def write(row: int | None, spec: PageSpec, now_us: int, seal: Seal, managed: str = "file") -> None:
    """Write a page, a new one where there is no id; an archived one is there again."""
    fields = {
        "slug": spec.slug,
        "name": spec.name,
        "description": spec.description,
        "hosts": list(spec.hosts),
        "privacy": spec.privacy,
        "secret": _sealed(spec.password, seal),
        "everything": spec.everything,
        "position": spec.position,
        "managed": managed,
    }
    if row is None:
        row = Page.objects.create(**fields, created_at=at(now_us)).pk
    else:
        Page.objects.filter(id=row).update(**fields, archived_at=None)
    _write_parts(row, spec, now_us)


def archive(rows: Iterable[int], now_us: int) -> None:
    """Archive pages, by id."""
    Page.objects.filter(id__in=list(rows)).update(archived_at=at(now_us))


def _write_parts(row: int, spec: PageSpec, now_us: int) -> None:
    """Write groups and places; a group keeps its identity as long as it keeps its name."""
    known = {each.name: each for each in PageGroup.objects.filter(page=row)}
    PageComponent.objects.filter(page=row).delete()
    groups: list[tuple[int | None, tuple[str, ...]]] = []
    for position, wanted in enumerate(spec.groups):
        group = known.pop(wanted.name, None) or PageGroup(
            page_id=row, name=wanted.name, created_at=at(now_us)
        )
        group.description, group.position = wanted.description, position
        group.save()
        groups.append((group.pk, wanted.components))
    PageGroup.objects.filter(id__in=[each.id for each in known.values()]).delete()
    groups.append((None, spec.components))
    ids = dict(Component.objects.values_list("slug", "id"))
    places = [(group, slug) for group, slugs in groups for slug in slugs]
    PageComponent.objects.bulk_create(
        PageComponent(page_id=row, group_id=group, component_id=ids[slug], position=position)
        for position, (group, slug) in enumerate(places)
    )


def _sealed(password: Secret | None, seal: Seal) -> str:
    """Return a password as it is stored: a reference as it stands, else encrypted."""
    if password is None:
        return ""
    return password.source if is_whole(password.source) else seal.close(password.source)

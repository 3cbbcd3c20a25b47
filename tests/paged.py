"""Pages in a small world."""

from __future__ import annotations

from typing import Any

from tests.world import World

from trueup.store.clock import at
from trueup.store.models import Component, Page, PageComponent, PageGroup


def paged(
    world: World, slug: str, *components: str, groups: dict[str, list[str]] | None = None, **page: Any
) -> Page:
    """Write a page with components, in groups or not, after those there are; without any: everything."""
    values = {"name": slug.title(), "everything": not (components or groups), "created_at": at(world.now_us)}
    row = Page.objects.create(slug=slug, position=Page.objects.count(), **{**values, **page})
    for number, (name, slugs) in enumerate((groups or {}).items()):
        group = PageGroup.objects.create(
            page=row, name=name, position=number, created_at=at(world.now_us), description=f"All of {name}"
        )
        _stand(row, slugs, group)
    _stand(row, components, None)
    world.applied()
    return row


def _stand(page: Page, slugs: Any, group: PageGroup | None) -> None:
    for number, slug in enumerate(slugs):
        component = Component.objects.get(slug=slug)
        PageComponent.objects.create(page=page, group=group, component=component, position=number)

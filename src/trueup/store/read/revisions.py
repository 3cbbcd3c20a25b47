"""What checks asked, from when on: as far as it decides how well outages can be seen."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from trueup.store.models import CheckRevision


class Revision(NamedTuple):
    """A revision of a check, from an instant on until the next one holds."""

    number: int
    valid_from_us: int
    kind: str
    interval_us: int
    timeout_us: int
    confirm: int
    recover: int


def of_components(components: Collection[int]) -> dict[str, tuple[Revision, ...]]:
    """Return by the slug of a check its revisions, oldest first, for the checks that count; one query."""
    rows = CheckRevision.objects.filter(owner__component__in=components, owner__counts=True)
    found: dict[str, list[Revision]] = {}
    for slug, *values in rows.order_by("owner_id", "valid_from_us", "number").values_list(
        "owner__slug", *Revision._fields
    ):
        found.setdefault(slug, []).append(Revision(*values))
    return {slug: tuple(each) for slug, each in found.items()}

"""What lies over the ledgers of components and contracts: maintenance and exclusions, read at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from trueup.domain.interval import Span
from trueup.domain.sla import Exclusion, Maintenance
from trueup.store.read import exclusion, maintenance
from trueup.store.read.exclusion import Excluded
from trueup.store.read.maintenance import Announced


@dataclass(frozen=True, slots=True)
class Overlays:
    """What was planned for some components, and what was decided about each contract, by its id."""

    planned: Sequence[Announced] = ()
    decided: Mapping[int, Sequence[Excluded]] = field(default_factory=dict)

    def touching(self, components: Collection[int], span: Span) -> tuple[Announced, ...]:
        """Return the maintenance of any of some components, by id, that reaches into a span."""
        wanted = frozenset(components)
        return tuple(
            each
            for each in self.planned
            if each.start_us < span.end_us
            and each.end_us > span.start_us
            and not wanted.isdisjoint(each.components)
        )

    def about(self, contract: int | None, span: Span) -> tuple[Excluded, ...]:
        """Return what was decided about a contract, by id, and reaches into a span."""
        return tuple(
            each
            for each in self.decided.get(contract or 0, ())
            if each.start_us < span.end_us and each.end_us > span.start_us
        )


def read(components: Collection[int], within: Span) -> Overlays:
    """Return what was planned for components, by id, within a span, and everything that was decided."""
    return Overlays(maintenance.announced(components, within), exclusion.decided_of_all())


def planned(row: Announced) -> Maintenance:
    """Return maintenance as a case holds it; its id names the revision that announced it."""
    identity = f"{row.public_id}/{row.revision}"
    return Maintenance(row.start_us, row.end_us, row.announced_at_us, row.cancelled, identity)


def excluded(row: Excluded) -> Exclusion:
    """Return a decision as a case holds it."""
    return Exclusion(row.start_us, row.end_us, reason=row.reason, id=row.public_id)

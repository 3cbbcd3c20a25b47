"""Contracts, maintenance and exclusions in a small world."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.world import World

from trueup.domain import terms
from trueup.figures.sla.book import Book
from trueup.figures.sla.figure import Figure
from trueup.store.models import AuditEntry, Component, Contract, Exclusion
from trueup.store.read import position
from trueup.store.write import maintenance
from trueup.store.write.contract import add_version
from trueup.store.write.maintenance import Announcement

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def contract(
    world: World,
    *components: str,
    slug: str = "standard",
    since_us: int = 0,
    default: bool = False,
    published: bool = True,
    of: dict[str, Any] | None = None,
    **beside: Any,
) -> Contract:
    """Write a contract over components, by the month; ``of`` are keys of its terms."""
    row, _ = Contract.objects.get_or_create(
        slug=slug,
        defaults={
            "name": slug.title(),
            "document": {"default": default, "published": published},
            "created_at": _at(since_us),
        },
    )
    document = {
        "direction": "customer", "parties": {}, "components": list(components), "fixed": None,
        "fee": "1000", "currency": "EUR", "contract_from": None, "contract_to": None,
        "settle_seconds": "86400", "budget_basis": "min_nominal30",
        "terms": terms.document(terms.read({"aggregation": {"type": "any"}, **(of or {})})), **beside,
    }  # fmt: skip
    add_version(row.id, document, since_us, since_us)
    world.applied()
    return row


def planned(start_us: int, end_us: int, *components: str, announced_us: int = 0, name: str = "Works") -> None:
    """Announce a maintenance of components."""
    ids = tuple(Component.objects.filter(slug__in=components).values_list("id", flat=True))
    maintenance.add(
        name, "", Announcement(start_us=start_us, end_us=end_us, components=ids, by="anna"), announced_us
    )


def excluded(row: Contract, start_us: int, end_us: int) -> None:
    """Approve an exclusion; the log of people's deeds moves on, as it does when they do it."""
    Exclusion.objects.create(
        contract=row, start_us=start_us, end_us=end_us, reason="storm", asked_by="anna", created_at=_at(0),
        decision="approved", decided_by="ben", decided_at=_at(start_us), decided_why="seen",
    )  # fmt: skip
    number = AuditEntry.objects.count()
    AuditEntry.objects.create(
        at_us=start_us, who="ben", verb="approve", noun="exclusion", digest=f"{number:064d}"
    )


def book(now_us: int) -> Book:
    """Return the book of an instant."""
    found = Book()
    found.turn(now_us, position.newest())
    return found


def figure(now_us: int, slug: str | None = None, label: str | None = None) -> Figure:
    """Return the figure of a contract over a window, by default that of now."""
    of = book(now_us)
    if label is not None:
        return of.named(of.contract(slug), label)[0]
    found = of.current(of.contract(slug))
    assert found is not None
    return found


def _at(at_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=at_us)

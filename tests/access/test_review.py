"""What one asks for and another decides."""

from __future__ import annotations

import pytest
from tests.databases import Database
from tests.engine.centre.platform import AT

from trueup.access.actor import Actor
from trueup.access.review import ReviewError, ask_exclusion, decide
from trueup.domain.interval import Span
from trueup.store.models import AuditEntry, Contract
from trueup.store.read import exclusion

S = 1_000_000
ANNA, BEN = Actor("anna", "here", S), Actor("ben", "here", 2 * S)


def asked(contract: int, start_s: int, end_s: int, **more: str) -> str:
    """Ask for an exclusion as Anna and return its name."""
    return ask_exclusion(contract, "gold", start_s * S, end_s * S, "customer", "their wall", ANNA, **more)


def approve(name: str) -> None:
    """Approve what Anna asked for as Ben."""
    decide("exclusion", name, "anna", "approved", "seen", BEN)


def test_of_two_that_would_take_one_place_only_the_first_is_approved(database: Database) -> None:
    contract = Contract.objects.create(slug="gold", document={}, created_at=AT).id
    approve(old := asked(contract, 10, 20))
    one, other = asked(contract, 10, 15, supersedes=old), asked(contract, 40, 60, supersedes=old)
    approve(one)
    decided = AuditEntry.objects.count()

    with pytest.raises(ReviewError, match=f"take the place of {old}, which {one} has taken meanwhile"):
        approve(other)

    assert [each.public_id for each in exclusion.decided(contract, Span(0, 100 * S))] == [one]
    assert [each.status for each in exclusion.asked("gold")] == ["open", "approved", "superseded"]
    assert AuditEntry.objects.count() == decided
    decide("exclusion", other, "anna", "refused", "too late", BEN)

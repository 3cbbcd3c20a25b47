"""Statements for tests: made of worked cases, signed with a key that is known; and a contract in a world."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.domain.sla.worked import CASES
from tests.world import World

from trueup.domain import terms
from trueup.domain.sla import read_case
from trueup.reports import key
from trueup.reports.canonical import Document
from trueup.reports.case import write_case
from trueup.reports.signer import Signer
from trueup.reports.statement import (
    Place,
    evaluate,
    file_document,
    inputs_document,
    message,
    statement_document,
)
from trueup.store.models import Component, Contract
from trueup.store.write.contract import add_version

PRIVATE = bytes(range(32))
PUBLIC = Ed25519PrivateKey.from_private_bytes(PRIVATE).public_key().public_bytes_raw()
SIGNER = Signer(key.id_of(PUBLIC), PRIVATE)
KEYS = {SIGNER.key_id: key.PublicKey(SIGNER.key_id, PUBLIC, "2026-01-01T00:00:00Z")}
CONTRACT = {
    "id": "c0ntract0001", "slug": "standard", "name": "Standard <b>& more</b>", "direction": "customer",
    "provider": {"name": "THE BOT", "contact": "sla@example.org", "reference": None},
    "customer": {"name": 'ACME "Worldwide" GmbH, Köln', "contact": None, "reference": "C-17"},
    "fee": "1200", "currency": "EUR", "contract_from": None, "contract_to": None, "settle_seconds": "86400",
    "version": "3", "version_from": "2025-01-01T00:00:00Z", "version_hash": "ab" * 32,
}  # fmt: skip
CHECK = {
    "check": "eu", "revision": "1", "valid_from": "2025-01-01T00:00:00Z", "kind": "http",
    "interval_seconds": "60", "timeout_seconds": "10", "confirm": "2", "recover": "1",
}  # fmt: skip
NAMES = {"eu": {"name": "Frontend"}, "us": {"name": "Backend"}}


def case_of(name: str) -> dict[str, Any]:
    """Return a worked case by its name, as a document with everything resolved and a fee."""
    return write_case(replace(read_case(CASES[name]), fee=Fraction(1200)), NAMES)


def made(
    case: str = "K01",
    /,
    place: Place | None = None,
    signer: Signer = SIGNER,
    every_s: int = 60,
    **contract: Any,
) -> Document:
    """Return the signed file of a worked case, asked about as often as is said."""
    checks = [{**CHECK, "interval_seconds": str(every_s)}]
    inputs = inputs_document(
        contract={**CONTRACT, **contract}, case=case_of(case), checks=checks, tzdata="2025b"
    )
    statement = statement_document(inputs, evaluate(inputs), place or Place(1), signer.key_id)
    signature = signer.sign(message(statement))
    return file_document(statement, inputs, signature=signature, built_at="2026-04-02T00:00:00Z")


def contract(
    world: World, components: list[Component], *, slug: str = "standard", made_us: int, **document: Any
) -> Contract:
    """Write a contract by the month that holds from an instant on."""
    said = {
        "direction": "customer",
        "parties": {"provider": {"name": "THE BOT"}, "customer": {"name": "ACME GmbH"}},
        "components": [each.slug for each in components],
        "terms": terms.document(terms.read(document.pop("terms", {"aggregation": {"type": "any"}}))),
        "fixed": None, "fee": "1000", "currency": "EUR", "contract_from": None, "contract_to": None,
        "settle_seconds": "86400", "budget_basis": "min_nominal30",
    }  # fmt: skip
    row = Contract.objects.create(
        slug=slug,
        name=slug.title(),
        document={},
        created_at=datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=made_us),
    )
    add_version(row.id, {**said, **document}, made_us, made_us)
    world.applied()
    return row

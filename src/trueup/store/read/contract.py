"""Contracts and their versions, as they are stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from trueup.domain import terms
from trueup.domain.interval import Span
from trueup.domain.node import Node
from trueup.domain.versions import Version
from trueup.store.models import Component, Contract, ContractVersion

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ContractRow:
    """A contract as it is listed; ``document`` is what the file says of it, ``default`` whether it leads."""

    id: int
    public_id: str
    slug: str
    name: str
    document: Mapping[str, Any]
    by_file: bool
    created_us: int
    archived_us: int | None
    default: bool


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a contract; ``document`` is the whole contract, expanded."""

    id: int
    contract_id: int
    number: int
    valid_from_us: int
    document: Mapping[str, Any]
    digest: str
    split: bool
    created_us: int
    by: str
    superseded_us: int | None

    @property
    def terms(self) -> terms.Terms:
        """Return the terms, read."""
        return terms.read(self.document["terms"])

    @property
    def component_ids(self) -> tuple[str, ...]:
        """Return the public ids of its components, in order."""
        return tuple(self.document["component_ids"])

    @property
    def contract_from_us(self) -> int | None:
        """Return when the contract begins, where it says so."""
        return _instant(self.document.get("contract_from"))

    @property
    def contract_to_us(self) -> int | None:
        """Return when the contract ends, where it says so."""
        return _instant(self.document.get("contract_to"))

    @property
    def settle_us(self) -> int:
        """Return how long after a window's end its statement waits."""
        return Node(self.document["settle_seconds"]).length_us()

    @property
    def fixed(self) -> Span | None:
        """Return the one window of a contract with a fixed one."""
        found = self.document.get("fixed")
        if found is None:
            return None
        return Span(Node(found["start"]).instant_us(), Node(found["end"]).instant_us())

    @property
    def timed(self) -> Version:
        """Return the version as far as time is concerned."""
        return Version(self.number, self.valid_from_us, self.terms.window, self.split, self.fixed)


def contracts(*, archived: bool = False) -> list[ContractRow]:
    """Return the contracts in the order in which they were made; with ``archived`` those too."""
    rows = Contract.objects.order_by("id")
    return [_contract(row) for row in (rows if archived else rows.filter(archived_at__isnull=True))]


def contract(slug: str) -> ContractRow | None:
    """Return a contract by its slug, archived or not; None where there is none."""
    row = Contract.objects.filter(slug=slug).first()
    return None if row is None else _contract(row)


def versions(slug: str) -> tuple[VersionRow, ...]:
    """Return the versions of a contract that hold, held or will, in the order of their instants."""
    rows = ContractVersion.objects.filter(contract__slug=slug, superseded_at__isnull=True)
    return tuple(_version(row) for row in rows.order_by("valid_from_us", "number"))


def all_versions(slug: str) -> tuple[VersionRow, ...]:
    """Return every version of a contract, also those that were replaced, in the order of their numbers."""
    rows = ContractVersion.objects.filter(contract__slug=slug).order_by("number")
    return tuple(_version(row) for row in rows)


def version_at(slug: str, at_us: int) -> VersionRow | None:
    """Return the version that holds at an instant; None before the first."""
    held = [each for each in versions(slug) if each.valid_from_us <= at_us]
    return held[-1] if held else None


def by_contract() -> dict[int, tuple[VersionRow, ...]]:
    """Return for each contract, by id, what ``versions`` returns."""
    found: dict[int, list[VersionRow]] = {}
    rows = ContractVersion.objects.filter(superseded_at__isnull=True)
    for row in rows.order_by("valid_from_us", "number"):
        found.setdefault(row.contract_id, []).append(_version(row))
    return {contract_id: tuple(each) for contract_id, each in found.items()}


def ends_us(held: Iterable[VersionRow]) -> int | None:
    """Return when a contract ends: what its newest version says, also before that one holds."""
    newest = max(held, key=lambda each: each.number, default=None)
    return None if newest is None else newest.contract_to_us


def component_slugs(public_ids: Iterable[str]) -> dict[str, str]:
    """Return the slugs that components have now, by their public ids."""
    rows = Component.objects.filter(public_id__in=list(public_ids))
    return dict(rows.values_list("public_id", "slug"))


def _contract(row: Contract) -> ContractRow:
    return ContractRow(
        id=row.id,
        public_id=row.public_id,
        slug=row.slug,
        name=row.name,
        document=row.document,
        by_file=row.managed == "file",
        created_us=_us(row.created_at),
        archived_us=None if row.archived_at is None else _us(row.archived_at),
        default=row.document.get("default") is True,
    )


def _version(row: ContractVersion) -> VersionRow:
    return VersionRow(
        id=row.id,
        contract_id=row.contract_id,
        number=row.number,
        valid_from_us=row.valid_from_us,
        document=row.document,
        digest=row.digest,
        split=row.split,
        created_us=_us(row.created_at),
        by=row.by,
        superseded_us=None if row.superseded_at is None else _us(row.superseded_at),
    )


def _instant(written: Any) -> int | None:
    return None if written is None else Node(written).instant_us()


def _us(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)

"""What figures need to know of a contract: its versions, read; and the profile that holds without one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from trueup.domain import terms as words
from trueup.domain.node import Node
from trueup.domain.terms import Terms
from trueup.domain.versions import Version
from trueup.store.read import contract as stored
from trueup.store.read.component import ComponentRow
from trueup.store.read.contract import ContractRow, VersionRow

BUILT_IN = "built-in"  # the profile that holds where there is no contract to speak of
NOMINAL = "min_nominal30"  # never more than a month of 30 days allows; the other basis is ``exact``


@dataclass(frozen=True, slots=True)
class Deal:
    """One version of a contract. ``components`` are their public ids by the names that the terms use."""

    version: Version
    terms: Terms
    components: Mapping[str, str]
    fee: Fraction | None
    currency: str | None
    budget_basis: str
    settle_us: int
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract with the versions that hold, held or will, in the order of their instants."""

    slug: str
    name: str
    default: bool
    deals: tuple[Deal, ...]
    until_us: int | None = None
    built_in: bool = False
    id: int | None = None

    @property
    def newest(self) -> Deal:
        """Return the version that was made last."""
        return self.deals[-1]

    @property
    def published(self) -> bool:
        """Return whether public documents may speak of it."""
        return self.newest.document.get("published", True) is not False

    @property
    def versions(self) -> tuple[Version, ...]:
        """Return the versions as far as time is concerned."""
        return tuple(deal.version for deal in self.deals)

    def deal(self, number: int) -> Deal:
        """Return a version by its number.

        Raises:
            KeyError: There is none.
        """
        for deal in self.deals:
            if deal.version.number == number:
                return deal
        raise KeyError(number)


def contracts() -> list[Contract]:
    """Return the contracts that are not archived and say something, in the order they were made."""
    versions = stored.by_contract()
    return [_contract(row, versions[row.id]) for row in stored.contracts() if versions.get(row.id)]


def contract(slug: str) -> Contract | None:
    """Return a contract by its slug, archived or not; None where there is none, or it says nothing yet."""
    row, versions = stored.contract(slug), stored.versions(slug)
    return None if row is None or not versions else _contract(row, versions)


def built_in(components: Sequence[ComponentRow], timezone: str) -> Contract:
    """Return the profile that holds where there is no contract: 99.9 % a month, by the site's clock.

    It speaks of all components: down when any is down. Paused time, and time in which a component was
    not watched yet, is left out, as in every percentage that is shown without a contract.
    """
    document = {
        **words.DEFAULTS,
        "window": {"type": "calendar", "period": "month", "timezone": timezone},
        "aggregation": {"type": "any"},
        "paused": "exclude",
    }
    terms = words.read(document)
    since = [voice.since_us for row in components for voice in row.voices]
    deal = Deal(
        version=Version(1, min(since, default=0), terms.window),
        terms=terms,
        components={row.slug: row.public_id for row in components},
        fee=None,
        currency=None,
        budget_basis=NOMINAL,
        settle_us=86_400_000_000,
        document={"terms": words.document(terms)},
    )
    return Contract(BUILT_IN, "Built-in profile", default=True, deals=(deal,), built_in=True)


def chosen(every: Sequence[Contract]) -> Contract | None:
    """Return the contract that is meant where none is named: the default, else the only one."""
    named = [each for each in every if each.default]
    if named:
        return named[0]
    return every[0] if len(every) == 1 else None


def with_terms(deal: Deal, terms: Terms) -> Deal:
    """Return a version with other terms, for a question of what would be."""
    return replace(deal, terms=terms, version=replace(deal.version, window=terms.window))


def _contract(row: ContractRow, versions: Sequence[VersionRow]) -> Contract:
    return Contract(
        slug=row.slug,
        name=row.name,
        default=row.default,
        deals=tuple(_deal(each) for each in versions),
        until_us=stored.ends_us(versions),
        id=row.id,
    )


def _deal(row: VersionRow) -> Deal:
    document = row.document
    fee = document.get("fee")
    terms = row.terms
    return Deal(
        version=Version(row.number, row.valid_from_us, terms.window, row.split, row.fixed),
        terms=terms,
        components=dict(zip(document["components"], row.component_ids, strict=True)),
        fee=None if fee is None else Node(fee, ("fee",)).number(),
        currency=document.get("currency"),
        budget_basis=document.get("budget_basis", NOMINAL),
        settle_us=row.settle_us,
        document=document,
    )

"""What figures need to know of a contract: its versions, read; and the profile that holds without one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from trueup.domain import terms as words
from trueup.domain.interval import Span
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
    published: bool = True  # public documents may speak of it
    built_in: bool = False
    id: int | None = None

    @property
    def newest(self) -> Deal:
        """Return the version that was made last."""
        return self.deals[-1]

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


def of_document(slug: str, name: str, document: Mapping[str, Any], from_us: int) -> Contract:
    """Return a contract as it is written in a file, expanded, as if it held from an instant on."""
    fixed = document.get("fixed")
    ends = document.get("contract_to")
    span = fixed and Span(Node(fixed["start"]).instant_us(), Node(fixed["end"]).instant_us())
    read = words.read(document["terms"])
    version = Version(1, from_us, read.window, fixed=span)
    names = {each: each for each in document["components"]}
    until_us = None if ends is None else Node(ends).instant_us()
    return Contract(
        slug, name, default=True, deals=(_deal(version, read, names, document),), until_us=until_us
    )


def _contract(row: ContractRow, versions: Sequence[VersionRow]) -> Contract:
    return Contract(
        slug=row.slug,
        name=row.name,
        default=row.default,
        published=row.document.get("published") is not False,
        deals=tuple(map(_of_row, versions)),
        until_us=stored.ends_us(versions),
        id=row.id,
    )


def _of_row(row: VersionRow) -> Deal:
    read = row.terms
    version = Version(row.number, row.valid_from_us, read.window, row.split, row.fixed)
    names = dict(zip(row.document["components"], row.component_ids, strict=True))
    return _deal(version, read, names, row.document)


def _deal(version: Version, terms: Terms, names: Mapping[str, str], document: Mapping[str, Any]) -> Deal:
    fee = document.get("fee")
    return Deal(
        version=version,
        terms=terms,
        components=names,
        fee=None if fee is None else Node(fee, ("fee",)).number(),
        currency=document.get("currency"),
        budget_basis=document.get("budget_basis", NOMINAL),
        settle_us=Node(document["settle_seconds"]).length_us(),
        document=document,
    )

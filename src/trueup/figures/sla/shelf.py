"""The contracts that the public documents of one page may speak of, and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from trueup.figures.sla import deal
from trueup.figures.sla.book import Book, unknown
from trueup.figures.sla.deal import Contract
from trueup.figures.sla.fault import UnknownContractError
from trueup.figures.sla.figure import Figure
from trueup.store.read.component import ComponentRow


class Shelf:
    """A part of the book: published contracts, all of whose components stand on the page.

    Args:
        book: All contracts.
        page: The slug of the page.
        shown: Its components.
        hidden: The public ids of those that are watched and stand elsewhere only; without any, the page
            shows everything.
        timezone: Of the site, for the profile that holds without a contract.
    """

    def __init__(
        self, book: Book, page: str, shown: Sequence[ComponentRow], hidden: Collection[str], timezone: str
    ) -> None:
        self._book = book
        self._page = page
        self._shown = shown
        self._hidden = frozenset(hidden)
        self._timezone = timezone
        self.current: Callable[[Contract], Figure | None] = book.current
        self.period: Callable[[Contract, str], Figure | None] = book.period
        self.past: Callable[[Figure, str, int], list[Figure]] = book.past

    @property
    def now_us(self) -> int:
        """Return the instant for which it speaks."""
        return self._book.now_us

    def contracts(self) -> list[Contract]:
        """Return the contracts that are published here; there may be none."""
        return [each for each in self._book.contracts() if not each.built_in and self._may_show(each)]

    def published(self, slug: str | None) -> Contract:
        """Return a contract that public documents may speak of; the built-in profile where none is meant.

        Raises:
            UnknownContractError: There is none of that name here.
        """
        public = {each.slug: each for each in self.contracts()}
        if slug is not None and slug in public:
            return public[slug]
        if slug is not None and (public or slug != deal.BUILT_IN):
            raise UnknownContractError(unknown(slug, public))
        return deal.chosen(list(public.values())) or self._built_in()

    def _built_in(self) -> Contract:
        """Return the profile that holds without a contract, over what stands on the page."""
        if not self._hidden:
            return self._book.built_in()
        made = deal.built_in(self._shown, self._timezone)
        return replace(made, slug=f"{made.slug} {self._page}")  # its figures are kept by this name

    def _may_show(self, contract: Contract) -> bool:
        if not contract.published:
            return False
        if not self._hidden:
            return True
        # Its newest version is shown by the names of its components, older ones only as figures.
        here = {each.public_id for each in self._shown}
        before = {each for one in contract.deals for each in one.components.values()}
        return set(contract.newest.components.values()) <= here and not before & self._hidden

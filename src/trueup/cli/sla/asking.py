"""Which figure is asked for: a contract and a window, as people name them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from trueup.figures.sla.book import Book
    from trueup.figures.sla.figure import Figure

Contract = Annotated[
    str | None,
    typer.Argument(metavar="[CONTRACT]", help="Its slug; default: the one marked default, or the only one."),
]
Period = Annotated[
    str | None,
    typer.Option("--period", metavar="WINDOW", help="Such as 2025-12, 2025-Q4 or 2025; default: now's."),
]


def book() -> Book:
    """Return the book of now."""
    import time

    from trueup.figures.sla.book import Book, now

    found = Book()
    found.turn(*now(time.time_ns() // 1000))
    return found


def figures(of: Book, slug: str | None, period: str | None) -> list[Figure]:
    """Return the figures that are asked for; several where the contract was changed inside the window.

    Raises:
        UnknownContractError: There is no such contract.
        WindowError: It has no such window.
        StartError: There is no figure of now.
    """
    from trueup.figures.sla.metrics import outside
    from trueup.server.faults import StartError

    contract = of.contract(slug, archived=True)
    if not contract.newest.components:
        raise StartError(outside(contract, of.now_us))
    if period is not None:
        return list(of.named(contract, period))
    found = of.current(contract)
    if found is None:
        raise StartError(f"{contract.slug}: {outside(contract, of.now_us)} Name a window with --period.")
    return [found]

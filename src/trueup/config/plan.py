"""Compare a configuration with what is stored: what would be created, changed, archived and restored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from trueup.config import contract
from trueup.config.change import Change, Spec
from trueup.config.differences import Difference, differences
from trueup.config.effects import with_effects
from trueup.config.excerpt import masked_address
from trueup.config.page import IMPLICIT
from trueup.config.versions import VersionError, with_versions
from trueup.domain import duration
from trueup.domain.spec import ChannelSpec, CheckSpec, ComponentSpec, ConfigSpec, ContractSpec, PageSpec
from trueup.store.read.config import Current, Stored

S = TypeVar("S", ComponentSpec, CheckSpec, ContractSpec, ChannelSpec, PageSpec)
_NOTHING: Mapping[str, str] = MappingProxyType({})
_TAKEN = "made by hand until now, managed by the file from now on"


class PlanError(ValueError):
    """A configuration that what is stored does not allow."""


def diff(current: Current, spec: ConfigSpec, now_us: int) -> tuple[Change, ...]:
    """Return what applying a configuration at an instant would do, nothing if it is applied already.

    What people made by hand is left alone unless the file names it: then the file takes it over.

    Raises:
        PlanError: A former slug cannot be taken over, or a contract would change inside a closed window.
    """
    checks = [check for component in spec.components for check in component.checks]
    found = [
        *_site(current, spec),
        *_kept_for_checks(_compare("component", current.components, spec.components), current, checks),
        *_compare("check", current.checks, checks, _moves(current, spec)),
        *_compare("contract", current.contracts, spec.contracts),
        *_compare("channel", current.channels, spec.channels),
        *_compare("page", current.pages, spec.pages or _implicit(current)),
        *_reordered(current, spec),
    ]
    found += _following(current, found)
    try:
        found = list(with_versions(found, current, spec, now_us))
    except VersionError as error:
        raise PlanError(str(error)) from None
    return tuple(with_effects(found, current, spec, now_us))


def stored_row(spec: S, stored: Mapping[str, Stored[S]], wanted: Mapping[str, S]) -> Stored[S] | None:
    """Return the row that a wanted thing is, under its slug or the one it had; None if it is new.

    Raises:
        PlanError: Both exist, or the slug belongs to something archived.
    """
    row, former = stored.get(spec.slug), stored.get(spec.was) if spec.was not in wanted else None
    if row is None:
        return former
    if former is None or former.archived:
        return row
    state = "belongs to something archived" if row.archived else "exists already"
    raise PlanError(
        f"{spec.slug!r} {state} and cannot take over the history of {spec.was!r}: "
        f"choose another slug, or remove 'was: {spec.was}'."
    )


def _implicit(current: Current) -> tuple[PageSpec, ...]:
    """Return the page that there is without a word: it is made without a word, too."""
    return (IMPLICIT,) if IMPLICIT.slug in current.pages else ()


def _site(current: Current, spec: ConfigSpec) -> Iterator[Change]:
    if current.site is None:
        yield Change("create", "site", "", (spec.site.name,))
    elif found := differences(current.site, spec.site):
        yield Change("change", "site", "", differences=found)


def _compare(
    noun: str, stored: Mapping[str, Stored[S]], specs: Sequence[S], moves: Mapping[str, str] = _NOTHING
) -> Iterator[Change]:
    wanted = {spec.slug: spec for spec in specs}
    kept = set()
    for spec in specs:
        row = stored_row(spec, stored, wanted)
        if row is None:
            yield Change("create", noun, spec.slug, _described(spec), spec=spec)
            continue
        kept.add(row.id)
        change = _changed(noun, row, spec, moves.get(spec.slug, ""))
        if change:
            yield change
    for slug, row in stored.items():
        if row.id not in kept and row.by_file and not row.archived:
            yield Change("archive", noun, slug, row=row.id, spec=row.spec, has_history=row.has_history)


def _changed(noun: str, row: Stored[S], spec: S, move: str) -> Change | None:
    was = row.spec.slug if row.spec.slug != spec.slug else ""
    phrases = (f"was {was}" if was else "", move, "" if row.by_file else _TAKEN)
    details, found = tuple(each for each in phrases if each), differences(row.spec, spec)
    if not (details or found or row.archived):
        return None
    action = "restore" if row.archived else "rename" if was else "change"
    return Change(
        action, noun, spec.slug, details, row.id, spec, row.has_history,
        revises=_asks_else(row.spec, spec), differences=found, was=was,
    )  # fmt: skip


def _asks_else(old: Spec, new: Spec) -> bool:
    """Return whether a check asks another question: its name, its tags, and whether it counts, are none."""
    if not isinstance(old, CheckSpec) or not isinstance(new, CheckSpec):
        return False
    first, second = (replace(each, slug="", was="", name="", counts=True, tags=()) for each in (old, new))
    return first != second


def _kept_for_checks(
    changes: Iterator[Change], current: Current, wanted: Sequence[CheckSpec]
) -> Iterator[Change]:
    """Keep a component that the file names no more where a check stands in it that was made by hand."""
    named = {each.slug for each in wanted}
    by_hand: dict[int, list[str]] = {}
    for slug, row in current.checks.items():
        if not row.by_file and not row.archived and slug not in named:
            by_hand.setdefault(row.owner, []).append(slug)
    for each in changes:
        kept = by_hand.get(each.row or 0) if each.action == "archive" else None
        if kept:
            why = f"the file names it no more; kept for {', '.join(kept)}, made by hand, and managed so too"
            each = replace(each, action="change", details=(why,), managed="hand")
        yield each


def _following(current: Current, changes: Sequence[Change]) -> list[Change]:
    """Let contracts that were made by hand follow components to their new slugs."""
    renamed = {each.was: each.slug for each in changes if each.noun == "component" and each.was}
    taken = {each.row for each in changes if each.noun == "contract"}
    found = []
    for slug, row in current.contracts.items():
        old = contract.named(row.spec.document)
        new = [renamed.get(each, each) for each in old]
        if new != old and not row.by_file and not row.archived and row.id not in taken:
            spec = replace(row.spec, document=contract.renamed(row.spec.document, renamed))
            moved = (Difference("components", ", ".join(old), ", ".join(new)),)
            found.append(
                Change("change", "contract", slug, (), row.id, spec, differences=moved, managed="hand")
            )
    return found


def _moves(current: Current, spec: ConfigSpec) -> dict[str, str]:
    """Return for each check that would change its component from which one it comes."""
    owners = {row.id: slug for slug, row in current.components.items()}
    components = {each.slug: each for each in spec.components}
    checks = {check.slug: check for component in spec.components for check in component.checks}
    moves = {}
    for component in spec.components:
        home = stored_row(component, current.components, components)
        for check in component.checks:
            row = stored_row(check, current.checks, checks)
            if row is not None and (home is None or row.owner != home.id):
                moves[check.slug] = f"moves from component {owners[row.owner]} to {component.slug}"
    return moves


def _reordered(current: Current, spec: ConfigSpec) -> Iterator[Change]:
    wanted = [each.slug for each in spec.components if each.slug in current.components]
    orders = [(wanted, [current.components[slug].position for slug in wanted])]
    for component in spec.components:
        checks = [each.slug for each in component.checks if each.slug in current.checks]
        orders.append((checks, [current.checks[slug].position for slug in checks]))
    if any(positions != sorted(positions) for _, positions in orders):
        yield Change("change", "order", "", ("components or checks stand in another order",))


def _described(spec: Spec) -> tuple[str, ...]:
    if isinstance(spec, CheckSpec):
        return (f"{spec.kind} {masked_address(spec.target)} every {duration.text(spec.interval_us)}",)
    return (spec.kind,) if isinstance(spec, ChannelSpec) else (spec.name,)

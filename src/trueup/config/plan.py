"""Compare a configuration with what is stored: what would be created, changed, archived and restored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar

from trueup.config.differences import differences
from trueup.config.excerpt import masked_address
from trueup.domain import duration
from trueup.domain.spec import ChannelSpec, CheckSpec, ComponentSpec, ConfigSpec, ContractSpec
from trueup.store.read.config import Current, Stored

Spec = ComponentSpec | CheckSpec | ContractSpec | ChannelSpec
S = TypeVar("S", ComponentSpec, CheckSpec, ContractSpec, ChannelSpec)
_SIGNS = {"create": "+", "change": "~", "rename": ">", "archive": "-", "restore": "+"}


_NOTHING: Mapping[str, str] = MappingProxyType({})


class PlanError(ValueError):
    """A configuration that what is stored does not allow."""


@dataclass(frozen=True)
class Change:
    """One thing that applying a configuration would do.

    ``row`` is the stored row it happens to, ``spec`` what is wanted. ``details`` say what differs.
    """

    action: str  # create | change | rename | archive | restore
    noun: str  # site | component | check | contract | channel | order
    slug: str
    details: tuple[str, ...] = ()
    row: int | None = None
    spec: Spec | None = None
    has_history: bool = False  # something was measured
    revises: bool = False  # what a check asks is another thing now

    @property
    def line(self) -> str:
        """Return the change as people read it."""
        details = f": {'; '.join(self.details)}" if self.details else ""
        return f"{_SIGNS[self.action]} {self.action} {self.noun} {self.slug}".rstrip() + details

    def as_json(self) -> dict[str, Any]:
        """Return the change for a program."""
        return {
            "action": self.action,
            "noun": self.noun,
            "slug": self.slug,
            "details": list(self.details),
            "has_history": self.has_history,
        }


def diff(current: Current, spec: ConfigSpec) -> tuple[Change, ...]:
    """Return what applying a configuration would do, nothing if it is applied already.

    Raises:
        PlanError: A former slug cannot be taken over.
    """
    checks = [check for component in spec.components for check in component.checks]
    found = [
        *_site(current, spec),
        *_compare("component", current.components, spec.components),
        *_compare("check", current.checks, checks, _moves(current, spec)),
        *_compare("contract", current.contracts, spec.contracts),
        *_compare("channel", current.channels, spec.channels),
        *_reordered(current, spec),
    ]
    return tuple(_hinted(found, current, spec))


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


def _site(current: Current, spec: ConfigSpec) -> Iterator[Change]:
    if current.site is None:
        yield Change("create", "site", "", (spec.site.name,))
    elif details := differences(current.site, spec.site):
        yield Change("change", "site", "", details)


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
    renamed = row.spec.slug != spec.slug
    phrases = (f"was {row.spec.slug}" if renamed else "", *differences(row.spec, spec), move)
    details = tuple(each for each in phrases if each)
    if not (details or row.archived or not row.by_file):
        return None
    action = "restore" if row.archived else "rename" if renamed else "change"
    revises = _asks_else(row.spec, spec)
    return Change(action, noun, spec.slug, details, row.id, spec, row.has_history, revises)


def _asks_else(old: Spec, new: Spec) -> bool:
    """Return whether a check asks another question: its name, and whether it counts, are none."""
    if not isinstance(old, CheckSpec) or not isinstance(new, CheckSpec):
        return False
    return replace(old, slug="", was="", name="", counts=True) != replace(
        new, slug="", was="", name="", counts=True
    )


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


def _hinted(changes: Sequence[Change], current: Current, spec: ConfigSpec) -> Iterator[Change]:
    """Say how to keep the history of what only changed its slug: it asks what something new asks."""
    created = {
        each.slug for each in changes if each.action == "create" and each.noun in ("component", "check")
    }
    new = {
        (check.kind, check.target): (component.slug, check.slug)
        for component in spec.components
        for check in component.checks
        if check.slug in created
    }
    for each in changes:
        if each.action != "archive" or not each.has_history:
            yield each
            continue
        details = ["its history is kept, and it counts no more"]
        heirs = {new[asked][each.noun == "check"] for asked in _asked(each, current) if asked in new}
        for slug in sorted(heirs & created):
            details.append(f"write 'was: {each.slug}' at {each.noun} {slug} if it is the same one")
        yield replace(each, details=tuple(details))


def _asked(change: Change, current: Current) -> list[tuple[str, str]]:
    """Return what a check, or each check of a component, asks: kind and target."""
    if isinstance(change.spec, CheckSpec):
        return [(change.spec.kind, change.spec.target)]
    rows = current.checks.values() if change.noun == "component" else ()
    return [(row.spec.kind, row.spec.target) for row in rows if row.owner == change.row]

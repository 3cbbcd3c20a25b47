"""Say what applying a change would do to history: what is kept, what comes back, what counts no more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from trueup.config import contract
from trueup.config.change import Change
from trueup.domain import text
from trueup.domain.spec import CheckSpec, ConfigSpec
from trueup.store.read.config import Current, Stored

_DAY_US = 86_400_000_000


def with_effects(
    changes: Sequence[Change], current: Current, spec: ConfigSpec, now_us: int
) -> Iterator[Change]:
    """Yield the changes, each with what it does to history at an instant (microseconds UTC)."""
    heirs = _Heirs(changes, current, spec)
    for each in changes:
        row = _row(each, current)
        effects = [] if row is None else list(_effects(each, row, current, now_us))
        if each.action == "archive" and each.has_history:
            effects += heirs.hints(each)
        yield replace(each, effects=tuple(effects), since_us=None if row is None else row.since_us)


def history(row: Stored[Any], now_us: int) -> str:
    """Return how much history a row has, in words: ``41 days of history``."""
    length_us = max(0, (row.archived_us or now_us) - (row.since_us or now_us))
    days = length_us // _DAY_US
    if days:
        return f"{days} day{'' if days == 1 else 's'} of history"
    return f"{text.duration(length_us)} of history"


def _row(change: Change, current: Current) -> Stored[Any] | None:
    if change.row is None:
        return None
    rows: dict[str, Mapping[str, Stored[Any]]] = {
        "component": current.components,
        "check": current.checks,
        "contract": current.contracts,
        "channel": current.channels,
        "page": current.pages,
    }
    return rows[change.noun].get(change.was or change.slug)


def _effects(change: Change, row: Stored[Any], current: Current, now_us: int) -> Iterator[str]:
    if change.action == "archive":
        if change.noun in ("component", "check"):
            kept = f"{history(row, now_us)} kept" if row.has_history else "nothing was measured"
            yield f"{kept}, and it counts no more"
        if change.noun == "component":
            yield from _losing(change.slug, current)
        return
    if change.action == "restore":
        since = "" if row.archived_us is None else f" (archived since {text.instant(row.archived_us)})"
        yield (
            f"{history(row, now_us)} is there again{since}"
            if row.has_history
            else f"it is there again{since}"
        )
    if change.action == "rename" and row.has_history:
        yield f"{history(row, now_us)} goes with it"
    if change.revises:
        kept = f": history before stays under revision {row.revision}" if row.has_history else ""
        yield f"new revision {row.revision + 1}{kept}"


def _losing(component: str, current: Current) -> Iterator[str]:
    losing = [
        slug
        for slug, row in current.contracts.items()
        if not row.archived and component in contract.named(row.spec.document)
    ]
    if losing:
        many = f"{len(losing)} contracts lose" if len(losing) > 1 else "1 contract loses"
        yield f"{many} a component: {', '.join(losing)}"


class _Heirs:
    """Find what is new and asks what something archived asks: it may be the same thing, renamed."""

    def __init__(self, changes: Sequence[Change], current: Current, spec: ConfigSpec) -> None:
        created = {(each.noun, each.slug) for each in changes if each.action == "create"}
        self._current = current
        self._new: dict[tuple[str, str], dict[str, str]] = {}
        for component in spec.components:
            for check in component.checks:
                slugs = {"component": component.slug, "check": check.slug}
                self._new[check.kind, check.target] = {
                    noun: slug for noun, slug in slugs.items() if (noun, slug) in created
                }

    def hints(self, change: Change) -> list[str]:
        """Return how to keep the history of something that would be archived, if it was only renamed."""
        heirs = {
            self._new[asked][change.noun]
            for asked in self._asked(change)
            if change.noun in self._new.get(asked, {})
        }
        return [
            f"write 'was: {change.slug}' at {change.noun} {slug} if it is the same one"
            for slug in sorted(heirs)
        ]

    def _asked(self, change: Change) -> list[tuple[str, str]]:
        """Return what a check, or each check of a component, asks: kind and target."""
        if isinstance(change.spec, CheckSpec):
            return [(change.spec.kind, change.spec.target)]
        rows = self._current.checks.values() if change.noun == "component" else ()
        return [(row.spec.kind, row.spec.target) for row in rows if row.owner == change.row]

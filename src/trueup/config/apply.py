"""Make a configuration hold: one transaction, from an instant on; what holds already is left alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from trueup import conf
from trueup.config.change import ACTIONS, Change
from trueup.config.plan import diff
from trueup.domain.audit import Entry
from trueup.domain.reference import is_whole
from trueup.domain.spec import (
    ChannelSpec,
    CheckSpec,
    ComponentSpec,
    ConfigSpec,
    ContractSpec,
    PageSpec,
    Secret,
)
from trueup.store.read import config as read
from trueup.store.seal import Seal
from trueup.store.write import audit, page
from trueup.store.write import config as write
from trueup.store.write.contract import add_version, supersede

_WRITTEN = tuple(action for action in ACTIONS if action != "archive")


class WouldArchiveError(Exception):
    """Applying would archive what has a history, and that was not allowed; ``changes`` are those."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self.changes = tuple(changes)
        names = ", ".join(f"{each.noun} {each.slug}" for each in changes)
        super().__init__(f"this would archive {names}, which have a history.")


@dataclass(frozen=True)
class Applied:
    """What applying a configuration did; ``revision`` is the id of the one that holds now."""

    changes: tuple[Change, ...]
    revision: int


def apply(
    spec: ConfigSpec,
    now_us: int,
    source: str,
    *,
    archive: bool = False,
    seal: Seal | None = None,
    by: str = "",
) -> Applied:
    """Make a configuration hold from an instant on, in one transaction.

    Args:
        spec: What is wanted.
        now_us: From when on, microseconds UTC.
        source: The file, or who did it.
        archive: Whether things with a history may be archived.
        seal: The key of secrets; the one of the settings by default.
        by: Who does it, for the audit log; the source by default.

    Raises:
        WouldArchiveError: Something with a history would be archived, and that is not allowed.
        PlanError: A former slug cannot be taken over, or a contract would change inside a closed window.
        SealError: The key of secrets cannot be used.
    """
    seal = seal or default_seal()
    with transaction.atomic():
        write.lock()
        if not spec.pages:
            page.ensure_default(now_us)
        current = read.current(seal)
        changes = diff(current, spec, now_us)
        lost = with_history(changes)
        if lost and not archive:
            raise WouldArchiveError(lost)
        if not changes:
            return Applied((), read.config_revision())
        _Write(spec, current, changes, now_us, seal).all()
        done = Applied(changes, write.add_revision(source, digest(spec), now_us))
        _record(done, by or source, source, now_us)
        return done


def plan(spec: ConfigSpec, now_us: int, seal: Seal | None = None) -> tuple[Change, ...]:
    """Return what ``apply`` would do at an instant.

    Raises:
        PlanError: A former slug cannot be taken over, or a contract would change inside a closed window.
        SealError: The key of secrets cannot be used.
    """
    return diff(read.current(seal or default_seal()), spec, now_us)


def plan_of_nothing(spec: ConfigSpec, now_us: int) -> tuple[Change, ...]:
    """Return what ``apply`` would do where nothing is stored yet."""
    return diff(read.Current(), spec, now_us)


def with_history(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Return the changes that would archive something that was measured."""
    return tuple(each for each in changes if each.action == "archive" and each.has_history)


def default_seal() -> Seal:
    """Return the key of secrets that the settings name."""
    return Seal(conf.current().key_file)


def digest(spec: ConfigSpec) -> str:
    """Return the SHA-256 of a configuration without its secrets, in hexadecimal."""
    left_out = ("notices",) if spec.pages else ("notices", "pages")  # no pages: as before there were any
    document = _plain({name: value for name, value in asdict(spec).items() if name not in left_out})
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _record(done: Applied, by: str, source: str, now_us: int) -> None:
    after = {"changes": [each.line for each in done.changes]}  # as people read it: secrets are masked
    audit.append(
        Entry(
            at_us=now_us,
            who=by,
            verb="apply",
            noun="config",
            subject=str(done.revision),
            before=None,
            after=after,
            source=source,
        )
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Secret):
        return value.source if is_whole(value.source) else str(value)
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


class _Write:
    """Carry out changes: components first, since checks stand in them."""

    def __init__(
        self,
        spec: ConfigSpec,
        current: read.Current,
        changes: Sequence[Change],
        now_us: int,
        seal: Seal,
    ) -> None:
        self._spec, self._changes, self._now_us, self._seal = spec, changes, now_us, seal
        self._homes = {slug: row.id for slug, row in current.components.items()}
        self._owners = {
            check.slug: component.slug for component in spec.components for check in component.checks
        }

    def all(self) -> None:
        """Write every change."""
        if any(each.noun == "site" for each in self._changes):
            write.write_site(self._spec.site)
        self._components()
        self._checks()
        write.archive_contracts(_rows(self._of("contract", "archive")), self._now_us)
        for each in self._of("contract", *_WRITTEN):
            self._contract(each)
        write.archive_channels(_rows(self._of("channel", "archive")), self._now_us)
        for each in self._of("channel", *_WRITTEN):
            self._channel(each)
        page.archive(_rows(self._of("page", "archive")), self._now_us)
        for each in self._of("page", *_WRITTEN):
            assert isinstance(each.spec, PageSpec)
            page.write(each.row, each.spec, self._now_us, self._seal, each.managed)
        write.write_order(
            {each.slug: number for number, each in enumerate(self._spec.components)},
            {each.slug: n for component in self._spec.components for n, each in enumerate(component.checks)},
        )

    def _of(self, noun: str, *actions: str) -> list[Change]:
        return [
            each for each in self._changes if each.noun == noun and (not actions or each.action in actions)
        ]

    def _components(self) -> None:
        write.archive_components(_rows(self._of("component", "archive")), self._now_us)
        for each in self._of("component", "change", "rename", "restore"):
            assert each.row is not None
            assert isinstance(each.spec, ComponentSpec)
            write.write_component(each.row, each.spec, each.managed)
            self._homes[each.slug] = each.row
        new = [each.spec for each in self._of("component", "create")]
        self._homes |= write.create_components([s for s in new if isinstance(s, ComponentSpec)], self._now_us)

    def _checks(self) -> None:
        write.archive_checks(_rows(self._of("check", "archive")), self._now_us)
        for each in self._of("check", "change", "rename", "restore"):
            assert each.row is not None
            assert isinstance(each.spec, CheckSpec)
            write.write_check(each.row, self._home(each.slug), each.spec)
            if each.revises:
                write.revise_check(each.row, each.spec, self._now_us, self._seal)
        write.restore_checks(_rows(self._of("check", "restore")), self._now_us)
        new = [each.spec for each in self._of("check", "create")]
        write.create_checks(
            [(self._home(spec.slug), spec) for spec in new if isinstance(spec, CheckSpec)],
            self._now_us,
            self._seal,
        )

    def _home(self, check: str) -> int:
        return self._homes[self._owners[check]]

    def _contract(self, change: Change) -> None:
        assert isinstance(change.spec, ContractSpec)
        row, step = (
            write.write_contract(change.row, change.spec, self._now_us, change.managed),
            change.version,
        )
        if step is not None and step.document is None:
            supersede(row, step.replaces, self._now_us)
        elif step is not None and step.document is not None:
            add_version(
                row,
                step.document,
                step.valid_from_us,
                self._now_us,
                split=step.split,
                by=change.managed,
                replaces=step.replaces,
            )

    def _channel(self, change: Change) -> None:
        assert isinstance(change.spec, ChannelSpec)
        write.write_channel(change.row, change.spec, self._now_us, self._seal)


def _rows(changes: Sequence[Change]) -> list[int]:
    return [each.row for each in changes if each.row is not None]

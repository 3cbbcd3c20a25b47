"""Which versions contracts get when a configuration is applied, and what that means, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from trueup.config import contract
from trueup.config.change import Change, VersionStep
from trueup.domain import terms
from trueup.domain.interval import Span
from trueup.domain.node import Node
from trueup.domain.spec import ConfigSpec, ContractSpec
from trueup.domain.taking import Taking, TakingError, Wanted, change, first
from trueup.domain.versions import Version, around, day, version_at
from trueup.store.read.config import Current, Stored
from trueup.store.read.contract import VersionRow

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class VersionError(ValueError):
    """A contract that cannot change as the file says: which, why and what to do."""


def with_versions(
    changes: Sequence[Change], current: Current, spec: ConfigSpec, now_us: int
) -> Iterator[Change]:
    """Yield the changes, those of contracts with the versions they make, and such as only make one.

    Raises:
        VersionError: A change would rewrite a closed window, or begin inside one without ``split``.
    """
    steps = _Steps(changes, current, spec, now_us)
    for each in changes:
        yield each if each.noun != "contract" or each.action == "archive" else steps.complete(each)
    yield from steps.silent()


class _Steps:
    def __init__(self, changes: Sequence[Change], current: Current, spec: ConfigSpec, now_us: int) -> None:
        self._current, self._spec, self._now_us = current, spec, now_us
        self._changed = {each.row for each in changes if each.noun == "contract"}
        self._file = {each.slug: each for each in spec.contracts}
        ids = {slug: row.id for slug, row in current.components.items()}
        moved = {each.slug: each.row for each in changes if each.noun == "component" and each.row}
        self._ids: dict[str, int] = {**ids, **moved}

    def complete(self, change: Change) -> Change:
        """Return a change of a contract with its version."""
        assert isinstance(change.spec, ContractSpec)
        row = self._current.contracts.get(change.was or change.slug) if change.row else None
        step = self._step(change.spec, row)
        return change if step is None else replace(change, version=step)

    def silent(self) -> Iterator[Change]:
        """Yield contracts that read as before and mean something else, or have no version yet."""
        for slug, row in self._current.contracts.items():
            if row.archived or row.id in self._changed:
                continue
            spec = self._file.get(slug, row.spec)
            step = self._step(spec, row)
            if step is not None:
                managed = "file" if row.by_file else "hand"
                yield Change("change", "contract", slug, (), row.id, spec, managed=managed, version=step)

    def _step(self, spec: ContractSpec, row: Stored[ContractSpec] | None) -> VersionStep | None:
        expanded = spec.expanded
        if expanded is None:
            read = contract.of_row(spec, self._spec.site.timezone)
            if read is None or read.expanded is None:
                return None  # written by an older release, which took what cannot be meant
            if not all(slug in self._ids for slug in read.expanded["components"]):
                return None  # it was made by hand, of something that is not there
            spec, expanded = read, read.expanded
        held = self._current.versions.get(row.id, ()) if row is not None else ()
        wanted = _wanted(spec, expanded)
        if not held:
            applied_us = self._now_us if row is None or row.since_us is None else row.since_us
            taking = first(wanted, applied_us, self._watched_us(expanded["components"]))
            return _step(expanded, taking, spec, (_begins(taking, wanted, 1),))
        if self._same(held[-1], expanded) and self._stays(held[-1], spec):
            return None
        current = version_at([each.timed for each in held], self._now_us)
        holding = next((each for each in held if current and each.number == current.number), None)
        if holding is not None and self._same(holding, expanded) and spec.effective_us is None:
            return self._taken_back(held, holding)
        self._check_end(spec.slug, held[-1], current, expanded)
        try:
            taking = change([each.timed for each in held], wanted, self._now_us)
        except TakingError as error:
            raise VersionError(f"contract {spec.slug}: {error}.") from None
        return _step(expanded, taking, spec, self._words(held, holding, wanted, taking))

    def _check_end(
        self, slug: str, newest: VersionRow, current: Version | None, expanded: Mapping[str, Any]
    ) -> None:
        """Refuse an end inside what is closed, where it did not stand before: an end holds at once."""
        written = expanded["contract_to"]
        if written is None or current is None or written == newest.document["contract_to"]:
            return
        ends_us = Node(written).instant_us()
        window = around(current.window, self._now_us, current.fixed)
        open_us = self._now_us if window is None else window[1].start_us
        if ends_us < open_us:
            zone = current.window.timezone
            raise VersionError(
                f"contract {slug}: contract_to {day(ends_us, zone)} lies in what is closed: the earliest end "
                f"is {day(open_us, zone)}, where the running window began."
            )

    def _same(self, version: VersionRow, expanded: Mapping[str, Any]) -> bool:
        """Tell whether a version means the same, however its components are called now."""
        ids = dict(zip(version.document["components"], version.component_ids, strict=True))
        new = {
            slug: self._current.public_ids.get(self._ids.get(slug, 0), slug)
            for slug in expanded["components"]
        }
        return _by_id(version.document, ids) == _by_id(expanded, new)

    def _stays(self, version: VersionRow, spec: ContractSpec) -> bool:
        """Tell whether a version holds when the file wants it; one that holds already does not move."""
        if spec.effective_us is None or version.valid_from_us <= self._now_us:
            return True
        return version.valid_from_us == spec.effective_us

    def _taken_back(self, held: Sequence[VersionRow], holding: VersionRow) -> VersionStep | None:
        coming = [each for each in held if each.valid_from_us > self._now_us]
        names = ", ".join(f"version {each.number}" for each in coming)
        words = f"version {holding.number} goes on; {names}, which was to come, is taken back"
        return VersionStep(None, 0, False, tuple(each.number for each in coming), (words,))

    def _watched_us(self, components: Iterable[str]) -> int:
        """Return since when every component has a ledger; now, where one is new."""
        ids = [self._ids.get(slug, 0) for slug in components]
        return max((self._current.watched.get(each, self._now_us) for each in ids), default=self._now_us)

    def _words(
        self, held: Sequence[VersionRow], holding: VersionRow | None, wanted: Wanted, taking: Taking
    ) -> tuple[str, ...]:
        number = max(each.number for each in held) + 1
        words = [_begins(taking, wanted, number)]
        if holding is not None and taking.valid_from_us > self._now_us:
            old = holding.timed
            stays = around(old.window, taking.valid_from_us - 1, old.fixed)
            now = around(old.window, self._now_us, old.fixed)
            if stays is not None and stays[1].start_us < taking.valid_from_us < stays[1].end_us:
                words.append(f"it splits {_name(stays[0])}")
            elif now is not None:
                words.append(f"{_name(now[0])} stays as it was")
        elif holding is not None and wanted.window.type != "rolling":
            words.append("the open window is counted anew by it, closed ones stay as they were")
        coming = [
            f"version {each.number}, which was to hold from {day(each.valid_from_us, wanted.window.timezone)}"
            for each in held
            if each.number in taking.replaces and each.valid_from_us > self._now_us
        ]
        if coming:
            words.append(f"it replaces {' and '.join(coming)}")
        return tuple(words)


def _begins(taking: Taking, wanted: Wanted, number: int) -> str:
    return f"version {number} from {day(taking.valid_from_us, wanted.window.timezone)}"


def _step(
    expanded: Mapping[str, Any], taking: Taking, spec: ContractSpec, words: tuple[str, ...]
) -> VersionStep:
    return VersionStep(expanded, taking.valid_from_us, spec.split, taking.replaces, words)


def _wanted(spec: ContractSpec, expanded: Mapping[str, Any]) -> Wanted:
    fixed = expanded["fixed"]
    begins = expanded["contract_from"]
    return Wanted(
        terms.read(expanded["terms"]).window,
        fixed and Span(Node(fixed["start"]).instant_us(), Node(fixed["end"]).instant_us()),
        spec.effective_us,
        None if begins is None else Node(begins).instant_us(),
        spec.split,
    )


def _by_id(document: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """Return a contract with its components by id."""
    found = {key: value for key, value in document.items() if key != "component_ids"}
    found["components"] = sorted(ids.get(slug, slug) for slug in document["components"])
    aggregation = document["terms"]["aggregation"]
    if "weights" in aggregation:
        weights = {ids.get(slug, slug): share for slug, share in aggregation["weights"].items()}
        found["terms"] = {**document["terms"], "aggregation": {**aggregation, "weights": weights}}
    return found


def _name(label: str) -> str:
    """Return a period as people call it: a month by its name."""
    year, _, month = label.partition("-")
    if len(label) != 7 or not (year + month).isdecimal():
        return label if label != "fixed" else "the window"
    return f"{_EPOCH.replace(year=int(year), month=int(month)):%B}"

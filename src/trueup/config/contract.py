"""A contract: its short form expanded to the one document that is stored, hashed and judged by."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from trueup.config import agreement, hours, presets, schema, short, soundness
from trueup.config.document import Document, Path
from trueup.config.findings import Findings
from trueup.config.scalar import as_core, described
from trueup.config.slug import Names, from_name
from trueup.config.vocabulary import vocabulary
from trueup.domain import terms
from trueup.domain.calendar import zones
from trueup.domain.spec import ComponentSpec, ContractSpec

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_IDENTITY = ("name", "slug", "was")


def read(
    trees: list[Any], components: Sequence[ComponentSpec] | None, timezone: str, findings: Findings
) -> tuple[ContractSpec, ...]:
    """Return the contracts.

    Args:
        trees: What is written.
        components: All that are configured; None where they are not all known.
        timezone: The zone of the site, in which windows and dates lie that name none.
        findings: Where errors and warnings go.
    """
    names = Names("contract", findings)
    known = None if components is None else {each.slug: each for each in components}
    specs = []
    for number, tree in enumerate(trees):
        path: Path = ("contracts", number)
        written = schema.read(schema.Contract, tree, path, "a contract", findings)
        if written is None:
            continue
        slug = _slug(written, path, names, findings)
        names.rename(written.was, slug, (*path, "was"))
        specs.append(_Reading(written, tree, path, findings).spec(slug, known, timezone))
    names.check_former()
    _check_default(trees, findings)
    return tuple(specs)


def of_row(spec: ContractSpec, timezone: str) -> ContractSpec | None:
    """Return a stored contract with what its keys mean; None where they cannot be used any more."""
    tree = {"name": spec.name, "slug": spec.slug, **spec.document}
    findings = Findings(spec.slug, Document(tree=tree), vocabulary())
    written = schema.read(schema.Contract, tree, (), "a contract", findings)
    found = None if written is None else _Reading(written, tree, (), findings).spec(spec.slug, None, timezone)
    return None if findings.are_errors else found


def named(document: Mapping[str, Any]) -> list[str]:
    """Return the slugs of a contract's components, as its document has them."""
    written = document.get("components", [])
    return [written] if isinstance(written, str) else list(written)


def renamed(document: Mapping[str, Any], slugs: Mapping[str, str]) -> dict[str, Any]:
    """Return a contract's document with components under their new slugs."""
    written, found = document.get("components", []), dict(document)
    if isinstance(written, Mapping):
        found["components"] = {slugs.get(each, each): share for each, share in written.items()}
    else:
        found["components"] = [slugs.get(each, each) for each in named(document)]
    aggregation = document.get("aggregation")
    if isinstance(aggregation, Mapping):
        found["aggregation"] = {
            key: {slugs.get(each, each): share for each, share in value.items()}
            if isinstance(value, Mapping)
            else value
            for key, value in aggregation.items()
        }
    return found


def _slug(contract: schema.Contract, path: Path, names: Names, findings: Findings) -> str:
    slug = contract.slug or from_name(contract.name)
    if not slug:
        findings.error(
            (*path, "name"), f"contract '{contract.name}' has no Latin letter or digit: add 'slug:'"
        )
    elif names.claim("name", contract.name, (*path, "name")):
        names.claim("slug", slug, (*path, "slug") if contract.slug else (*path, "name"))
    return slug


def _check_default(trees: list[Any], findings: Findings) -> None:
    leading = [
        number
        for number, tree in enumerate(trees)
        if isinstance(tree, dict) and as_core(tree.get("default")) is True
    ]
    for number in leading[1:]:
        line = findings.document.place(("contracts", leading[0], "default")).line
        findings.error(
            ("contracts", number, "default"),
            f"the contract on line {line} is the default already: leave it out",
        )


class _Reading:
    """Read one contract; what is wrong goes to the findings, with the place where it is written."""

    def __init__(
        self, written: schema.Contract, tree: Mapping[str, Any], path: Path, findings: Findings
    ) -> None:
        self._written, self._path, self._findings = written, path, findings
        self._tree = tree
        core = {key: value for key, value in as_core(tree).items() if key in schema.Contract.model_fields}
        self._core: dict[str, Any] = {**self._preset(), **core}

    def spec(self, slug: str, known: Mapping[str, ComponentSpec] | None, timezone: str) -> ContractSpec:
        """Return the contract; ``known`` are the components by slug, None where they are not known."""
        components = self._components(known)
        for key in ("objective", "window"):
            if key not in self._core:
                self._findings.error(self._path, f"a contract needs the key '{key}'")
        beside = agreement.Agreement(self._core, self._zone(timezone))
        years = _years(beside.contract_from_us, beside.contract_to_us)
        expanded = short.expand(self._core, timezone, years)
        read = expanded.read()
        settle_us = agreement.SETTLE_US if self._written.settle is None else self._written.settle
        document = beside.document(components, terms.document(read), settle_us)
        self._say([*expanded.wrong, *beside.wrong])
        if not any(path[0] in ("aggregation", "components") for path, _ in expanded.wrong):
            self._check_aggregation(read.aggregation, components)
        if known is not None and not self._findings.are_errors:
            counted = [known[each] for each in components]
            for key, message in soundness.warnings(read, beside.fixed, counted):
                self._findings.notice((*self._path, key), message)
        return ContractSpec(
            slug,
            self._written.name,
            _as_written(self._tree),
            self._written.was or "",
            document,
            beside.effective_us,
            self._written.split,
        )

    def _preset(self) -> Mapping[str, Any]:
        name = self._written.preset
        if name is None:
            return {}
        known = presets.presets()
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known)}"
            self._error(("preset",), f"no preset is called '{name}': {hint}")
            return known[presets.DEFAULT].contract
        unread = [each.of for each in known[name].figures if not each.verified]
        if unread:
            self._findings.notice(
                (*self._path, "preset"),
                f"preset {name}: {', '.join(dict.fromkeys(unread))} not verified against its text yet; "
                "`trueup sla presets` shows what was read where",
            )
        party = known[name].party
        beside = {"direction": "supplier", "parties": {"provider": party}} if party else {}
        return {**known[name].contract, **beside}

    def _zone(self, timezone: str) -> str:
        """Return the zone in which the contract's dates begin."""
        window = self._core.get("window")
        found = window.get("timezone") if isinstance(window, Mapping) else None
        return found if isinstance(found, str) and found in zones() else timezone

    def _components(self, known: Mapping[str, ComponentSpec] | None) -> list[str]:
        written = self._core.get("components")
        if isinstance(written, str):
            written = [written]
        if not isinstance(written, list | Mapping):
            self._error(("components",), f"components must be a list of slugs, but is {described(written)}")
            return []
        if not written:
            self._error(("components",), "components is empty: write at least one")
        slugs: list[str] = []
        for place, slug in (
            enumerate(written) if isinstance(written, list) else zip(written, written, strict=True)
        ):
            path: Path = ("components",) if self._core["components"] == slug else ("components", place)
            if not isinstance(slug, str):
                self._error(path, f"a component must be named by its slug, but this is {described(slug)}")
            elif slug in slugs:
                self._error(path, f"component '{slug}' stands in this contract twice")
            else:
                slugs.append(slug)
                self._check_component(slug, known, path)
        # a mapping has no order of its own
        return sorted(slugs) if isinstance(written, Mapping) else slugs

    def _check_component(self, slug: str, known: Mapping[str, ComponentSpec] | None, path: Path) -> None:
        if known is None:
            return
        if slug not in known:
            near = difflib.get_close_matches(slug, known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(sorted(known)[:10])}"
            self._error(path, f"no component has the slug '{slug}': {hint}")
        elif not any(check.counts for check in known[slug].checks):
            self._error(
                path,
                f"no check of component '{slug}' counts, so it has no availability to promise: "
                "write counts: true at one of its checks, or leave the component out",
            )

    def _check_aggregation(self, found: terms.Aggregation, components: list[str]) -> None:
        weighted = [name for name, _ in found.weights]
        if found.type == "single" and len(components) > 1:
            self._error(
                ("aggregation",), f"aggregation single speaks of one component, not of {len(components)}"
            )
        elif found.type == "quorum" and components and found.k > len(components):
            self._error(
                ("aggregation",),
                f"quorum {found.k} of {len(components)} components can never be down: "
                f"write 1 to {len(components)}",
            )
        elif weighted and (missing := [each for each in components if each not in weighted]):
            self._error(("aggregation",), f"weights are missing for {', '.join(missing)}: write one for each")
        elif weighted and (strange := [each for each in weighted if each not in components]):
            self._error(
                ("aggregation",), f"{', '.join(strange)} has a weight and is no component of the contract"
            )

    def _say(self, wrong: list[tuple[Path, str]]) -> None:
        for path, message in wrong:
            self._error(path, message)

    def _error(self, path: Path, message: str) -> None:
        """Add an error; what a preset wrote is shown where the preset is named."""
        if path and path[0] not in self._tree and "preset" in self._tree:
            path = ("preset",)
        self._findings.error((*self._path, *path), message)


def _years(from_us: int | None, to_us: int | None) -> tuple[int, int]:
    """Return for which years a country's holidays are written out."""
    first = hours.FIRST_YEAR if from_us is None else (_EPOCH + timedelta(microseconds=from_us)).year
    last = hours.LAST_YEAR if to_us is None else (_EPOCH + timedelta(microseconds=to_us)).year
    return first, max(first, last)


def _as_written(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _exact(as_core(value)) for key, value in tree.items() if key not in _IDENTITY}


def _exact(value: Any) -> Any:
    """Numbers with a point stay as they were written, as texts: JSON would make 99.9 a binary fraction."""
    if isinstance(value, dict):
        return {key: _exact(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_exact(inner) for inner in value]
    return str(value) if isinstance(value, Decimal) else value

"""A contract: a promise, checked as far as it is understood today and kept as it was written."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from trueup.config import schema
from trueup.config.document import Path
from trueup.config.findings import Findings
from trueup.config.scalar import as_core, as_text, described
from trueup.config.slug import Names, from_name
from trueup.domain.spec import ContractSpec

_AGGREGATIONS = ("any", "all", "single", "worst", "quorum", "weighted_mean")
_PERIODS = ("day", "week", "month", "quarter", "year")


def read(
    trees: list[Any], components: Collection[str] | None, findings: Findings
) -> tuple[ContractSpec, ...]:
    """Return the contracts; ``components`` are the slugs that exist, None where they are not all known."""
    names = Names("contract", findings)
    specs = []
    for number, tree in enumerate(trees):
        path: Path = ("contracts", number)
        written = {key: tree[key] for key in tree if key not in schema.PROMISED} if _is_dict(tree) else tree
        contract = schema.read(schema.Contract, written, path, "a contract", findings)
        if contract is None:
            continue
        _check_components(contract, components, path, findings)
        _check_window(contract.window, (*path, "window"), findings)
        _check_aggregation(tree.get("aggregation", "any"), contract, (*path, "aggregation"), findings)
        slug = _slug(contract, path, names, findings)
        names.rename(contract.was, slug, (*path, "was"))
        specs.append(ContractSpec(slug, contract.name, _document(tree), contract.was or ""))
    names.check_former()
    return tuple(specs)


def _slug(contract: schema.Contract, path: Path, names: Names, findings: Findings) -> str:
    slug = contract.slug or from_name(contract.name)
    if not slug:
        findings.error(
            (*path, "name"), f"contract '{contract.name}' has no Latin letter or digit: add 'slug:'"
        )
    elif names.claim("name", contract.name, (*path, "name")):
        names.claim("slug", slug, (*path, "slug") if contract.slug else (*path, "name"))
    return slug


def _check_components(
    contract: schema.Contract, known: Collection[str] | None, path: Path, findings: Findings
) -> None:
    for number, slug in enumerate(contract.components):
        if contract.components.index(slug) != number:
            findings.error((*path, "components", number), f"component '{slug}' stands in this contract twice")
        elif known is not None and slug not in known:
            near = difflib.get_close_matches(slug, known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(sorted(known)[:10])}"
            findings.error((*path, "components", number), f"no component has the slug '{slug}': {hint}")


def _check_window(window: schema.Window, path: Path, findings: Findings) -> None:
    forms = [name for name in ("calendar", "rolling", "fixed") if getattr(window, name) is not None]
    if len(forms) != 1:
        findings.error(
            path, "a window is exactly one of calendar: PERIOD, rolling: DURATION, fixed: {from, to}"
        )
    elif window.calendar is not None and window.calendar not in _PERIODS:
        findings.error((*path, "calendar"), f"calendar '{window.calendar}' is none of {', '.join(_PERIODS)}")
    elif window.rolling is not None and window.rolling < 1_000_000:
        findings.error((*path, "rolling"), "rolling is shorter than a second")
    elif window.fixed is not None and set(window.fixed) != {"from", "to"}:
        findings.error((*path, "fixed"), "fixed needs the keys from and to, and no others")


def _check_aggregation(tree: object, contract: schema.Contract, path: Path, findings: Findings) -> None:
    name = next(iter(tree)) if isinstance(tree, dict) and len(tree) == 1 else tree
    if not isinstance(name, str) or as_text(name) not in _AGGREGATIONS:
        shown = f"'{as_text(name)[:40]}'" if isinstance(name, str) else described(tree)
        findings.error(path, f"aggregation {shown} is none of {', '.join(_AGGREGATIONS)}")
    elif as_text(name) == "single" and len(contract.components) > 1:
        findings.error(path, f"aggregation single speaks of one component, not of {len(contract.components)}")


def _document(tree: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in tree.items() if key not in ("name", "slug", "was")}
    return {key: _exact(as_core(value)) for key, value in kept.items()}


def _exact(value: Any) -> Any:
    """Numbers with a point stay as they were written, as texts: JSON would make 99.9 a binary fraction."""
    if isinstance(value, dict):
        return {key: _exact(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_exact(inner) for inner in value]
    return str(value) if isinstance(value, Decimal) else value


def _is_dict(tree: object) -> bool:
    return isinstance(tree, dict)

"""Write down what is stored as a document that means the same: applying it changes nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from trueup.channels import base as channels
from trueup.config import schema
from trueup.config.check import ASKING
from trueup.config.contract import named
from trueup.config.page import IMPLICIT, tree_of
from trueup.config.slug import from_name
from trueup.domain import duration
from trueup.domain.reference import escape, is_whole
from trueup.domain.spec import ChannelSpec, CheckSpec, ComponentSpec, ContractSpec, PageSpec, Secret, SiteSpec
from trueup.probes import base as probes
from trueup.probes.awaited import Awaited
from trueup.store.read.config import Current, Stored

PLACEHOLDER = "TRUEUP_SECRET_"
_NO_NAME = re.compile(r"[^A-Z0-9]+")

S = TypeVar("S")


class Number(str):
    """A number with a point, written exactly as it stands."""

    __slots__ = ()


class ByHand(dict[str, Any]):
    """A mapping that stands for something made by hand."""


@dataclass
class Exported:
    """A document, and what people should know about it.

    ``placeholders`` are the variables that stand for secrets which were written out, each with where it
    is used. ``left_out`` is what was made by hand, as "component cellar".
    """

    tree: dict[str, Any]
    placeholders: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def export(current: Current, *, by_hand: bool) -> Exported:
    """Return what is stored and not archived as a document; ``by_hand`` takes in what was made so, too."""
    return _Export(current, by_hand=by_hand).all()


class _Export:
    def __init__(self, current: Current, *, by_hand: bool) -> None:
        self._current = current
        self._by_hand = by_hand
        self._done = Exported({})

    def all(self) -> Exported:
        """Return the whole document."""
        tree = self._done.tree
        if self._current.site is not None and (site := _site(self._current.site)):
            tree["site"] = site
        components = self._living("component", self._current.components)
        tree["components"] = [self._component(each) for each in components]
        known = {each.spec.slug for each in components}
        contracts = self._living("contract", self._current.contracts)
        ways = self._living("channel", self._current.channels)
        if contracts:
            tree["contracts"] = [_marked(each, _contract(each.spec, known)) for each in contracts]
        if ways:
            tree["channels"] = [_marked(each, self._channel(each.spec)) for each in ways]
        pages = self._living("page", self._current.pages)
        if any(replace(each.spec, position=0) != IMPLICIT for each in pages):
            tree["pages"] = [_marked(each, self._page(each.spec, known)) for each in pages]
        return self._done

    def _living(self, noun: str, rows: Mapping[str, Stored[S]]) -> list[Stored[S]]:
        """Return the rows to be written, in their order."""
        alive = sorted((row for row in rows.values() if not row.archived), key=lambda row: row.position)
        if self._by_hand:
            return alive
        self._done.left_out += [f"{noun} {slug}" for slug, row in rows.items() if _left_out(row)]
        return [row for row in alive if row.by_file]

    def _component(self, row: Stored[ComponentSpec]) -> dict[str, Any]:
        spec = row.spec
        inside = {slug: each for slug, each in self._current.checks.items() if each.owner == row.id}
        checks = self._living("check", inside)
        tree: dict[str, Any] = {"name": escape(spec.name)}
        if from_name(spec.name) != spec.slug:
            tree["slug"] = spec.slug
        if spec.description:
            tree["description"] = escape(spec.description)
        if spec.down_when != "any":
            tree["down_when"] = int(spec.down_when) if spec.down_when.isdecimal() else spec.down_when
        single = len(checks) == 1
        tree["checks"] = [_marked(each, self._check(each.spec, spec, single=single)) for each in checks]
        return _marked(row, tree)

    def _check(self, spec: CheckSpec, home: ComponentSpec, *, single: bool) -> dict[str, Any]:
        tree: dict[str, Any] = {spec.kind: escape(spec.target)}
        own = spec.slug != (home.slug if single else f"{home.slug}-{spec.kind}")
        if own:
            tree["slug"] = spec.slug
        if spec.name != (home.name if single else spec.slug if own else f"{home.name} {spec.kind}"):
            tree["name"] = escape(spec.name)
        for name, value in spec.options.items():
            tree[name] = self._value(value, f"{spec.slug}_{name}", f"check {spec.slug}, {name}")
        return tree | _common(spec)

    def _channel(self, spec: ChannelSpec) -> dict[str, Any]:
        main = channels.registry()[spec.kind].main
        written = {
            name: self._value(value, f"{spec.slug}_{name}", f"channel {spec.slug}, {name}")
            for name, value in spec.options.items()
        }
        tree = {spec.kind: written.pop(main, None), **written}
        return tree if spec.slug == spec.kind else {**tree, "slug": spec.slug}

    def _page(self, spec: PageSpec, known: Collection[str]) -> dict[str, Any]:
        groups = tuple(
            replace(each, components=tuple(slug for slug in each.components if slug in known))
            for each in spec.groups
        )
        shown = replace(
            spec,
            groups=tuple(each for each in groups if each.components),
            components=tuple(slug for slug in spec.components if slug in known),
        )
        return tree_of(shown, self._value(spec.password, f"page_{spec.slug}", f"page {spec.slug}"))

    def _value(self, value: Any, name: str, where: str) -> Any:
        if isinstance(value, Secret):
            return value.source if is_whole(value.source) else self._placeholder(name, where)
        if isinstance(value, Mapping):
            return {
                key: self._value(inner, f"{name}_{key}", f"{where}.{key}") for key, inner in value.items()
            }
        if isinstance(value, list | tuple):
            return [self._value(each, f"{name}_{n}", f"{where}.{n}") for n, each in enumerate(value, 1)]
        return escape(value) if isinstance(value, str) else value

    def _placeholder(self, name: str, where: str) -> str:
        """Return a reference in place of a secret that was written out: its value is never shown."""
        variable = PLACEHOLDER + _NO_NAME.sub("_", name.upper()).strip("_")
        number, free = 2, variable
        while free in self._done.placeholders:
            free, number = f"{variable}_{number}", number + 1
        self._done.placeholders[free] = where
        return f"${{{free}}}"


def _left_out(row: Stored[Any]) -> bool:
    return not row.by_file and not row.archived


def _marked(row: Stored[Any], tree: dict[str, Any]) -> dict[str, Any]:
    return tree if row.by_file else ByHand(tree)


def _site(spec: SiteSpec) -> dict[str, Any]:
    written = {each.name: getattr(spec, each.name) for each in fields(spec)}
    default = SiteSpec()
    return {
        name: [escape(each) for each in value] if isinstance(value, tuple) else escape(value)
        for name, value in written.items()
        if value != getattr(default, name)
    }


def _common(spec: CheckSpec) -> dict[str, Any]:
    """Return the keys of a check that do not depend on its kind, where they are not what they would be."""
    probe, defaults = probes.registry()[spec.kind], schema.Defaults()
    interval_us = duration.parse(probe.default_interval) if probe.default_interval else defaults.interval
    keys: dict[str, tuple[Any, Any]] = {
        "interval": (duration.text(spec.interval_us), duration.text(interval_us)),
        "timeout": (
            duration.text(spec.timeout_us),
            duration.text(defaults.timeout) if defaults.timeout <= spec.interval_us else None,
        ),
        "confirm": (spec.confirm, defaults.confirm),
        "recover": (spec.recover, defaults.recover),
        "expect": (_texts(spec.expect), _texts(probe.default_expect)),
        "degraded_when": (_texts(spec.degraded_when), _texts(probe.default_degraded_when)),
        "counts": (spec.counts, probe.counts),
        "tags": (list(spec.tags), []),
    }
    meaningless = ASKING if issubclass(probe, Awaited) else ()
    return {
        key: value for key, (value, default) in keys.items() if value != default and key not in meaningless
    }


def _texts(texts: Iterable[str]) -> list[str]:
    return [escape(each) for each in texts]


def _contract(spec: ContractSpec, known: Iterable[str]) -> dict[str, Any]:
    tree: dict[str, Any] = {"name": escape(spec.name)}
    if from_name(spec.name) != spec.slug:
        tree["slug"] = spec.slug
    document, there = dict(spec.document), set(known)
    written = document.get("components", ())
    if isinstance(written, Mapping):
        document["components"] = {slug: share for slug, share in written.items() if slug in there}
    elif not isinstance(written, str):
        document["components"] = [each for each in named(document) if each in there]
    return tree | {key: _plain(value) for key, value in document.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if not isinstance(value, str):
        return value
    return Number(value) if _is_number(value) else escape(value)


def _is_number(text: str) -> bool:
    """Tell whether a text is a number with a point that comes back as it stands: no 1e5, no .5."""
    try:
        return "." in text and text.isascii() and format(Decimal(text), "f") == text
    except InvalidOperation:
        return False

"""From a document to what is meant: every default filled in, every name given, every error found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from trueup.config import channel, check, contract, page, schema
from trueup.config.check import Context
from trueup.config.document import Document, Path
from trueup.config.findings import Findings
from trueup.config.scalar import is_null
from trueup.config.slug import Names, from_name
from trueup.config.vocabulary import vocabulary
from trueup.domain.spec import CheckSpec, ComponentSpec, ConfigSpec, SiteSpec


def expand(document: Document, source: str, folder: FilePath) -> ConfigSpec:
    """Return the configuration that a document means.

    Args:
        document: The document, references expanded.
        source: The file as errors name it.
        folder: What relative paths in it are relative to.

    Raises:
        ConfigErrors: With everything that is wrong with it.
    """
    findings = Findings(source, document, vocabulary())
    spec = _Expansion(findings, folder).spec() if document.tree is not None else None
    findings.raise_errors()
    assert spec is not None, "a document without a tree has a problem"
    return replace(spec, notices=findings.notices())


class _Expansion:
    def __init__(self, findings: Findings, folder: FilePath) -> None:
        self._findings = findings
        self._folder = folder
        self._components = Names("component", findings)
        self._checks = Names("check", findings)

    def spec(self) -> ConfigSpec | None:
        """Return the whole configuration; where there were errors it must not be used."""
        root = self._findings.document.tree
        schema.read(schema.Root, root, (), "a configuration", self._findings)
        if not isinstance(root, dict):
            return None
        site = self._part(schema.Site, root, "site")
        defaults = self._part(schema.Defaults, root, "defaults")
        context = Context(defaults, self._folder, self._findings)
        components = tuple(
            each
            for number, tree in enumerate(_items(root.get("components")))
            if (each := self._component(tree, ("components", number), context)) is not None
        )
        self._components.check_former()
        self._checks.check_former()
        known = None if self._findings.are_errors else components
        contracts = contract.read(_items(root.get("contracts")), known, site.timezone, self._findings)
        channels = channel.read(_items(root.get("channels")), self._folder, self._findings)
        if channels:
            self._findings.notice(("channels",), "channels: kept, not used yet", at_key=True)
        slugs = None if known is None else {each.slug for each in components}
        pages = page.read(_items(root.get("pages")), slugs, self._findings)
        return ConfigSpec(SiteSpec(**site.model_dump()), components, contracts, channels, pages)

    def _part(self, model: type[schema.M], root: dict[str, Any], key: str) -> schema.M:
        if is_null(root.get(key)):
            return model()
        return schema.read(model, root[key], (key,), f"'{key}'", self._findings) or model()

    def _component(self, tree: object, path: Path, context: Context) -> ComponentSpec | None:
        component = schema.read(schema.Component, tree, path, "a component", self._findings)
        trees = _items(tree.get("checks")) if isinstance(tree, dict) else []
        read = [check.read(each, (*path, "checks", number), context) for number, each in enumerate(trees)]
        if component is None:
            return None
        slug = self._component_slug(component, path)
        checks = tuple(
            self._named(each, component, slug, (*path, "checks", number), single=len(read) == 1)
            for number, each in enumerate(read)
            if each is not None
        )
        if len(checks) == len(read):
            self._check_down_when(component, checks, path)
        return ComponentSpec(
            slug=slug,
            name=component.name,
            checks=checks,
            description=component.description,
            down_when=component.down_when,
            was=component.was or "",
        )

    def _component_slug(self, component: schema.Component, path: Path) -> str:
        slug = component.slug or from_name(component.name)
        where = (*path, "slug") if component.slug else (*path, "name")
        if not slug:
            self._findings.error(
                where, f"component '{component.name}' has no Latin letter or digit: add 'slug:'"
            )
        elif self._components.claim("name", component.name, (*path, "name")):
            self._components.claim("slug", slug, where)
        self._components.rename(component.was, slug, (*path, "was"))
        return slug

    def _named(
        self, spec: CheckSpec, component: schema.Component, owner: str, path: Path, *, single: bool
    ) -> CheckSpec:
        """Return a check with its slug and name; where its component was renamed, its slug follows."""
        name, kind = component.name, spec.kind
        tail = kind.replace("_", "-")  # a slug has hyphens alone
        slug = spec.slug or (owner if single else f"{owner}-{tail}")
        if slug:
            self._checks.claim("slug", slug, (*path, "slug") if spec.slug else path)
        self._checks.rename(spec.was, slug, (*path, "was"))
        if spec.name:
            self._checks.claim("name", f"{name}: {spec.name}", (*path, "name"))
        former = spec.was
        if component.was and not spec.slug and not spec.was:
            former = component.was if single else f"{component.was}-{tail}"
        given = name if single else spec.slug or f"{name} {kind}"
        return replace(spec, slug=slug, name=spec.name or given, was=former)

    def _check_down_when(
        self, component: schema.Component, checks: tuple[CheckSpec, ...], path: Path
    ) -> None:
        counting = sum(1 for each in checks if each.counts)
        if component.down_when.isdecimal() and int(component.down_when) > counting:
            self._findings.error(
                (*path, "down_when"),
                f"down_when is {component.down_when}, but of its checks only {counting} count: "
                "it could never be down",
            )
        elif checks and not counting:
            self._findings.notice(path, f"no check of '{component.name}' counts: it has no availability")


def _items(tree: object) -> list[Any]:
    return tree if isinstance(tree, list) else []

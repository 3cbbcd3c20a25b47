"""Pages: what each audience sees, in which order, and who may see it."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from typing import Any

from trueup.config import options, schema
from trueup.config.document import Path
from trueup.config.findings import Findings
from trueup.config.page_shape import ALL, Page, PageGroup
from trueup.config.scalar import Scalar, as_text
from trueup.config.slug import Names, from_name
from trueup.domain.reference import escape
from trueup.domain.spec import GroupSpec, PageSpec, Secret

# What there is where the file names no page; without a name it bears the site's.
IMPLICIT = PageSpec(slug="default", name="", everything=True)


def read(trees: list[Any], components: Collection[str] | None, findings: Findings) -> tuple[PageSpec, ...]:
    """Return the pages; ``components`` are the slugs that exist, None where they are not all known."""
    names, hosts = Names("page", findings), Names("page", findings)
    specs = []
    for number, tree in enumerate(trees):
        path: Path = ("pages", number)
        page = schema.read(Page, tree, path, "a page", findings)
        if page is None:
            continue
        groups = _groups(page, path, findings)
        shown = _Shown(components, findings)
        shown.groups(groups)
        rest = page.components if isinstance(page.components, list) else []
        slug = _slug(page, path, names, findings)
        for index, host in enumerate(page.hosts):
            hosts.claim("host", host, (*path, "hosts", index))
        specs.append(
            PageSpec(
                slug=slug,
                name=page.name,
                description=page.description,
                hosts=page.hosts,
                privacy=page.privacy,
                password=_password(tree, page, path, findings),
                groups=tuple(each for each, _ in groups),
                components=shown.listed(rest, (*path, "components")),
                everything=page.components == ALL or (page.components is None and not page.groups),
                position=number,
                was=page.was or "",
            )
        )
    names.check_former()
    return tuple(specs)


def tree_of(spec: PageSpec, password: Any) -> dict[str, Any]:
    """Return a page as a file says it; ``password`` is how its own is written."""
    tree: dict[str, Any] = {"name": escape(spec.name or spec.slug)}
    if from_name(spec.name or spec.slug) != spec.slug:
        tree["slug"] = spec.slug
    if spec.description:
        tree["description"] = escape(spec.description)
    if spec.hosts:
        tree["hosts"] = list(spec.hosts)
    if spec.privacy != "public":
        tree["privacy"] = spec.privacy
    if spec.password is not None:
        tree["password"] = password
    if spec.groups:
        tree["groups"] = [_group_tree(each) for each in spec.groups]
    if spec.everything and spec.groups:
        tree["components"] = ALL
    elif spec.components:
        tree["components"] = list(spec.components)
    return tree


def _group_tree(spec: GroupSpec) -> dict[str, Any]:
    described = {"description": escape(spec.description)} if spec.description else {}
    return {"name": escape(spec.name), **described, "components": list(spec.components)}


class _Shown:
    """Which components a page shows already, and where."""

    def __init__(self, known: Collection[str] | None, findings: Findings) -> None:
        self._known = known
        self._findings = findings
        self._seen: dict[str, Path] = {}

    def groups(self, groups: Sequence[tuple[GroupSpec, Path]]) -> None:
        """Take what stands in groups, each with its place."""
        for spec, place in groups:
            self.listed(list(spec.components), (*place, "components"))

    def listed(self, slugs: Sequence[object], path: Path) -> tuple[str, ...]:
        """Take a list of slugs and return it; what is not there, or shown already, is an error."""
        found = []
        for index, each in enumerate(slugs):
            slug, place = _plain(each), (*path, index)
            found.append(slug)
            first = self._seen.setdefault(slug, place)
            if first != place:
                line = self._findings.document.place(first).line
                self._findings.error(place, f"component '{slug}' stands on this page already, on line {line}")
            elif self._known is not None and slug not in self._known:
                near = difflib.get_close_matches(slug, self._known, n=1)
                hint = (
                    f"did you mean '{near[0]}'?"
                    if near
                    else f"there are {', '.join(sorted(self._known)[:10])}"
                )
                self._findings.error(place, f"no component has the slug '{slug}': {hint}")
        return tuple(found)


def _groups(page: Page, path: Path, findings: Findings) -> list[tuple[GroupSpec, Path]]:
    names = Names("group", findings)
    found = []
    for number, tree in enumerate(page.groups or ()):
        place: Path = (*path, "groups", number)
        group = schema.read(PageGroup, tree, place, "a group", findings)
        if group is not None and names.claim("name", group.name, (*place, "name")):
            found.append((GroupSpec(group.name, tuple(group.components), group.description), place))
    return found


def _slug(page: Page, path: Path, names: Names, findings: Findings) -> str:
    slug = page.slug or from_name(page.name)
    if not slug:
        findings.error((*path, "name"), f"page '{page.name}' has no Latin letter or digit: add 'slug:'")
    elif names.claim("name", page.name, (*path, "name")):
        names.claim("slug", slug, (*path, "slug") if page.slug else (*path, "name"))
    names.rename(page.was, slug, (*path, "was"))
    return slug


def _password(tree: Any, page: Page, path: Path, findings: Findings) -> Secret | None:
    if page.privacy == "password" and page.password is None:
        if "password" not in tree:
            findings.error(path, "a page of privacy 'password' needs 'password:', such as ${PAGE_PASSWORD}")
        return None
    if page.password is None:
        return None
    if page.privacy != "password":
        findings.error(
            (*path, "password"),
            f"a page of privacy '{page.privacy}' asks for no password: write 'privacy: password', "
            "or leave the password out",
            at_key=True,
        )
    written = tree["password"]
    return options.secret(written) if isinstance(written, Scalar) else Secret(page.password)


def _plain(value: object) -> str:
    return as_text(value).strip() if isinstance(value, str) else ""

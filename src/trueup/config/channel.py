"""A channel: which kind it is and the settings of that kind."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

from trueup.channels import base
from trueup.config import options, schema
from trueup.config.document import Path
from trueup.config.findings import Findings
from trueup.config.kind import find
from trueup.config.scalar import is_null
from trueup.config.slug import Names
from trueup.domain.option import OptionError
from trueup.domain.reference import is_whole
from trueup.domain.spec import ChannelSpec, Secret

COMMON = tuple(schema.Channel.model_fields)


def read(trees: list[Any], folder: FilePath, findings: Findings) -> tuple[ChannelSpec, ...]:
    """Return the channels."""
    names = Names("channel", findings)
    specs = []
    for number, tree in enumerate(trees):
        path: Path = ("channels", number)
        if not isinstance(tree, dict) or not tree:
            findings.error(
                path, "a channel must be a mapping that begins with its kind, such as 'slack: ADDRESS'"
            )
            continue
        written = {key: tree[key] for key in tree if key in COMMON}
        common = schema.read(schema.Channel, written, path, "a channel", findings)
        kind = find(tree, base.registry(), COMMON, "channel", path, findings)
        if kind is None:
            continue
        settings = _settings(kind, tree, path, folder, findings)
        if common is None or settings is None:
            continue
        slug = common.slug or kind
        names.claim("slug", slug, (*path, "slug") if common.slug else path)
        names.rename(common.was, slug, (*path, "was"))
        specs.append(ChannelSpec(slug, kind, settings, common.was or ""))
    names.check_former()
    return tuple(specs)


def _settings(
    kind: str, tree: Mapping[str, Any], path: Path, folder: FilePath, findings: Findings
) -> dict[str, Any] | None:
    """Return the settings, the kind's main one (its key's value) under its own name."""
    fields = base.option_fields(kind)
    main = base.registry()[kind].main
    names = [each.name for each in fields if each.name != main]
    for key in tree:
        if key not in (kind, *COMMON, *names):
            findings.unknown_key((*path, key), "a channel", [*COMMON, *names])
    flat = {key: tree[key] for key in tree if key in names}
    if isinstance(tree[kind], dict):
        findings.error((*path, kind), f"{kind} takes its '{main}' here: write its other settings beside it")
        return None
    if is_null(tree[kind]):
        findings.error((*path, kind), f"{kind} needs its '{main}', such as '{kind}: ${{{kind.upper()}_...}}'")
        return None
    written = options.read({main: tree[kind], **flat}, fields, path, folder, findings)
    written |= _not_set_yet(kind, main, written, path, findings)
    try:
        channel = base.build(kind, written)
    except OptionError as error:
        findings.error((*path, kind if error.field == main else error.field), str(error))
        return None
    return {name: options.jsonable(getattr(channel, name)) for name in written}


def _not_set_yet(
    kind: str, main: str, written: Mapping[str, Any], path: Path, findings: Findings
) -> dict[str, Secret]:
    """Let a secret name a variable that is not set: so far nothing is sent, and nothing needs it."""
    excused = {}
    for name, value in written.items():
        place = (*path, kind if name == main else name)
        missing = findings.document.missing.get(place)
        if missing and isinstance(value, Secret) and is_whole(value.source):
            del findings.document.missing[place]
            excused[name] = Secret("", value.source)
            findings.notice(place, f"{missing.name} is not set: {kind} needs it once alerts are sent")
    return excused

"""Options of kinds and channels: from what was written to what their dataclass takes."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath
from typing import Any

from trueup.config.document import Path
from trueup.config.excerpt import secret_parameter
from trueup.config.findings import Findings
from trueup.config.scalar import Scalar, as_core, as_text, is_null
from trueup.domain.option import OptionField
from trueup.domain.option import fields as options_of
from trueup.domain.reference import names
from trueup.domain.spec import Secret

_SECRET = re.compile(r"authorization|cookie|token|secret|passw|api[-_]?key|credential", re.IGNORECASE)
_USERINFO = re.compile(r"^[^/?#]*://[^/?#]*@")


def read(
    tree: Mapping[str, Any], fields: Iterable[OptionField], path: Path, folder: FilePath, findings: Findings
) -> dict[str, Any]:
    """Return the options of a check or channel that are known, secrets as ``Secret``, paths absolute.

    Paths of files are relative to ``folder``. Empty ones are added to the findings.
    """
    known = {each.name: each for each in fields}
    options: dict[str, Any] = {}
    for name in [each for each in tree if each in known]:
        if is_null(tree[name]):
            findings.error((*path, name), f"{name} is empty: write a value, or leave the key out")
        elif known[name].parts and isinstance(tree[name], list):
            options[name] = _parts(tree[name], known[name], (*path, name), folder, findings)
        else:
            options[name] = _value(tree[name], known[name].type, folder)
            if not known[name].secret:
                shown_openly(tree[name], name, (*path, name), findings)
        secret_map = f"secret_{name}"
        if secret_map in known and known[name].type == "map" and isinstance(tree[name], dict):
            for key in filter(_SECRET.search, tree[name]):
                message = (
                    f"'{key}' holds a secret, and {name} are stored and shown: write it below '{secret_map}'"
                )
                findings.error((*path, name, key), message, at_key=True)
    return options


def _parts(
    items: list[Any], known: OptionField, path: Path, folder: FilePath, findings: Findings
) -> list[Any]:
    """Return the parts of a list as ``read`` returns options; unknown keys are added to the findings."""
    names = [each.name for each in known.parts]
    found: list[Any] = []
    for number, each in enumerate(items):
        place: Path = (*path, number)
        if not isinstance(each, dict):
            findings.error(place, f"number {number + 1} of {known.name} must be a mapping of keys and values")
            continue
        for key in each:
            if key not in names:
                findings.unknown_key((*place, key), f"number {number + 1} of {known.name}", names)
        found.append(read(each, known.parts, place, folder, findings))
    return found


def shown_openly(value: Any, what: str, path: Path, findings: Findings) -> None:
    """Add a notice where a variable that is named like a secret stands in what is stored and shown."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            shown_openly(inner, what, (*path, key), findings)
    elif isinstance(value, Scalar):
        for name in filter(_SECRET.search, names(value.template)):
            findings.notice(
                path, f"the value of {name} is stored and shown here: {what} is no place for a secret"
            )


def target(value: object, kind: str, path: Path, findings: Findings) -> str:
    """Return the address a check asks; what cannot be one is added to the findings."""
    if not isinstance(value, Scalar) or is_null(value):
        findings.error(path, f"{kind} needs the address to ask, such as '{kind}: ADDRESS'")
        return ""
    text = as_text(value).strip()
    if not text or not text.isprintable() or len(text) > 2000:
        findings.error(path, "the address is empty, too long, or holds characters that cannot be printed")
    elif _USERINFO.match(text):
        findings.error(
            path,
            "the address holds a user name or password, and addresses are shown: "
            "leave it out and use the options 'username' and 'password'",
        )
        return ""
    shown_openly(value, "an address", path, findings)
    if parameter := secret_parameter(text):
        findings.notice(
            path,
            f"'{parameter}' in the address looks like a secret, and addresses are stored and shown: "
            "use 'secret_headers' if the service takes it there",
        )
    return text


def secret(value: Scalar) -> Secret:
    """Return a leaf as a secret that remembers the references it was written with."""
    return Secret(as_text(value), value.template if "${" in value.template else "")


def jsonable(value: Any) -> Any:
    """Return an option's value in the form in which it is stored: lists for tuples, secrets as they are.

    Of a part of a list it is what differs from the defaults.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        options = options_of(type(value))
        return jsonable({each.name: getattr(value, each.name) for each in options if _written(value, each)})
    if isinstance(value, Mapping):
        return {name: jsonable(inner) for name, inner in value.items()}
    if isinstance(value, tuple | list):
        return [jsonable(inner) for inner in value]
    return value


def _written(part: Any, each: OptionField) -> bool:
    return each.required or getattr(part, each.name) != each.default


def _value(value: Any, kind: str, folder: FilePath) -> Any:
    if isinstance(value, dict):
        return {name: _value(inner, kind, folder) for name, inner in value.items()}
    if isinstance(value, list):
        return [_value(inner, kind, folder) for inner in value]
    if kind.startswith("secret") and isinstance(value, Scalar):
        return secret(value)
    if kind == "file":
        return os.path.normpath(folder / as_text(value))
    return as_text(value) if kind in ("text", "texts", "map", "size") else as_core(value)

"""The JSON Schema of a configuration, for editors: from the fixed keys and from every kind that is known.

It accepts whatever the loader may accept, references in every value included, and refuses what can be
seen without understanding it: unknown keys, missing ones, values of the wrong form.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from trueup.channels import base as channels
from trueup.config import contract_shape, page_shape, schema
from trueup.config.check import ASKING
from trueup.domain.option import OptionField
from trueup.probes import base as probes
from trueup.probes.awaited import Awaited

_LEAF = {"type": ["string", "number", "boolean"]}
_REFERENCE = {"type": "string", "pattern": r"\$\{"}  # a variable may hold anything
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def document() -> dict[str, Any]:
    """Return the JSON Schema of the whole configuration."""
    root = _model(schema.Root)
    root["properties"] |= {
        "site": _or_nothing(_model(schema.Site)),
        "defaults": _or_nothing(_model(schema.Defaults)),
        "components": {"type": "array", "minItems": 1, "items": _component()},
        "contracts": _or_nothing({"type": "array", "items": _contract()}),
        "channels": _or_nothing({"type": "array", "items": {"$ref": "#/$defs/channel"}}),
        "pages": _or_nothing({"type": "array", "items": _page()}),
    }
    found: dict[str, Any] = {}
    for noun, kinds in (("check", probes.kinds()), ("channel", list(channels.registry()))):
        found[noun] = {"type": "object", "anyOf": [{"$ref": f"#/$defs/{noun}-{kind}"} for kind in kinds]}
    found |= {f"check-{kind}": _check(kind) for kind in probes.kinds()}
    found |= {f"channel-{kind}": _channel(kind) for kind in channels.registry()}
    return {"$schema": _DIALECT, "title": "The configuration of trueup", **root, "$defs": found}


def text() -> str:
    """Return the JSON Schema as it is published."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def _component() -> dict[str, Any]:
    found = _model(schema.Component)
    found["properties"]["checks"] = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/check"}}
    return found


def _check(kind: str) -> dict[str, Any]:
    """Return what a check of a kind may hold: its target, the options of its kind, the common keys."""
    probe = probes.registry()[kind]
    main = {**_LEAF, "minLength": 1, "description": f"The target: {probe.target_form}."}
    common = _model(schema.Check)["properties"]
    if issubclass(probe, Awaited):
        common = {key: value for key, value in common.items() if key not in ASKING}
    found = _object({kind: main, **_options(probes.option_fields(kind)), **common}, [kind])
    return {**found, "description": (probe.__doc__ or kind).strip().splitlines()[0]}


def _channel(kind: str) -> dict[str, Any]:
    fields, main = channels.option_fields(kind), channels.registry()[kind].main
    options = _options(fields)
    properties = {kind: options.pop(main), **options, **_model(schema.Channel)["properties"]}
    needed = [each.name for each in fields if each.required and each.name != main]
    return _object(properties, [kind, *needed])


def _contract() -> dict[str, Any]:
    """Return what a contract may hold, in its short form and in its long one."""
    found = _model(schema.Contract)
    found["properties"] |= contract_shape.properties()
    found["anyOf"] = [{"required": ["objective", "window"]}, {"required": ["preset"]}]
    return found


def _page() -> dict[str, Any]:
    found = _model(page_shape.Page)
    found["properties"]["groups"] = {"type": "array", "items": _model(page_shape.PageGroup)}
    return found


def _model(model: type[BaseModel]) -> dict[str, Any]:
    """Return a part with fixed keys; what stands in them may be a reference."""
    generated = model.model_json_schema()
    properties = {key: _field(value) for key, value in generated["properties"].items()}
    found = _object(properties, generated.get("required", []))
    return {**found, "description": (model.__doc__ or "").strip().splitlines()[0].split("``")[0].strip()}


def _field(generated: dict[str, Any]) -> dict[str, Any]:
    """Return one key's schema: without defaults in our own units, and without null, which is refused."""
    kept = {key: value for key, value in generated.items() if key not in ("title", "default")}
    variants = [each for each in kept.pop("anyOf", []) if each != {"type": "null"}]
    if len(variants) == 1:
        kept |= variants.pop()
    flat = [inner for each in variants for inner in each.get("anyOf", [each])]
    if flat:
        return {**kept, "anyOf": [*flat, _REFERENCE]}
    return {"anyOf": [kept, _REFERENCE]} if _may_be_reference(kept) else kept


def _may_be_reference(found: dict[str, Any]) -> bool:
    """Tell whether a leaf stands there that a reference would not fit as it is."""
    return bool(found) and found.get("type") not in ("array", "object") and found != _LEAF


def _options(fields: Iterable[OptionField]) -> dict[str, Any]:
    return {each.name: {**_option(each), "description": each.help} for each in fields}


def _option(each: OptionField) -> dict[str, Any]:
    if each.choices:
        return {"anyOf": [{"enum": list(each.choices)}, _REFERENCE]}
    leaves = {"type": "object", "additionalProperties": _LEAF}
    forms: dict[str, dict[str, Any]] = {
        "number": {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^\s*-?[0-9]+\s*$"}]},
        "flag": {"anyOf": [{"type": "boolean"}, {"type": "string", "pattern": "^([Tt]rue|[Ff]alse)$"}]},
        "texts": {"anyOf": [_LEAF, {"type": "array", "items": _LEAF}]},
        "map": leaves,
        "secret map": leaves,
    }
    if each.parts:
        needed = [one.name for one in each.parts if one.required]
        return {"type": "array", "items": _object(_options(each.parts), needed)}
    found = forms.get(each.type, _LEAF)
    return {"anyOf": [*found["anyOf"], _REFERENCE]} if each.type in ("number", "flag") else found


def _object(properties: dict[str, Any], required: Iterable[str]) -> dict[str, Any]:
    found = {"type": "object", "properties": properties, "additionalProperties": False}
    needed = list(required)
    return {**found, "required": needed} if needed else found


def _or_nothing(found: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [{"type": "null"}, found]}

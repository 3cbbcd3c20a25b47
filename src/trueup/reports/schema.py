"""The JSON Schema of a statement's file, for programs that read it."""

from __future__ import annotations

from typing import Any

from trueup.reports import shape
from trueup.reports.statement import INPUTS, SCHEMA

_TEXT = {"type": "string"}
_OPTIONAL = {"type": ["string", "null"]}
_HASH = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_INSTANT = {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]{6})?Z$"}
_COUNT = {"type": "string", "pattern": "^[1-9][0-9]*$"}
_EXACT = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?(/[0-9]+)?$"}
_LEAF = {"type": ["string", "boolean", "null"]}  # there is no number in it, anywhere
_TREE = {"anyOf": [_LEAF, {"type": "array", "items": {"$ref": "#/$defs/tree"}},
                   {"type": "object", "additionalProperties": {"$ref": "#/$defs/tree"}}]}  # fmt: skip


def statement() -> dict[str, Any]:
    """Return the schema; it says of the case in it only that it holds no number."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A statement of trueup ({SCHEMA})",
        "description": "The signature is over the canonical JSON (RFC 8785) of `statement`.",
        **_object(shape.FILE, {
            "schema": {"const": SCHEMA},
            "statement": {"$ref": "#/$defs/statement"},
            "inputs": {"$ref": "#/$defs/inputs"},
            "hash": {**_HASH, "description": "SHA-256 of the canonical JSON of `statement`."},
            "signature": {**_OPTIONAL, "description": "Ed25519, in base64; null in a draft."},
            "draft": {**_OPTIONAL, "description": "Why it is not signed."},
            "fingerprints": {
                "type": "object",
                "additionalProperties": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]},
                "description": "By path, to name what was changed; not signed.",
            },
            "built_at": {**_INSTANT, "description": "Not signed."},
        }),
        "$defs": {
            "tree": _TREE,
            "statement": _statement(),
            "inputs": _inputs(),
            "contract": _contract(),
        },
    }  # fmt: skip


def _statement() -> dict[str, Any]:
    before = _object({"id", "revision", "hash"}, {"id": _TEXT, "revision": _COUNT, "hash": _HASH})
    change = _object(
        {"key", "before", "after"},
        {"key": _TEXT, "before": {"$ref": "#/$defs/tree"}, "after": {"$ref": "#/$defs/tree"}},
    )
    return _object(shape.STATEMENT, {
        "schema": {"const": SCHEMA},
        "id": {"type": "string", "pattern": "^[a-z0-9]{12}$"},
        "contract": {"$ref": "#/$defs/contract"},
        "period": _TEXT,
        "start": _INSTANT,
        "end": _INSTANT,
        "as_of": {"anyOf": [_INSTANT, {"type": "null"}]},
        "revision": _COUNT,
        "supersedes": {"anyOf": [before, {"type": "null"}]},
        "reason": _OPTIONAL,
        "changes": {"type": "array", "items": change},
        "seq": _COUNT,
        "previous": {"anyOf": [_HASH, {"type": "null"}]},
        "kernel": _COUNT,
        "tzdata": _TEXT,
        "inputs_hash": _HASH,
        "result": {"type": "object", "required": ["status", "outcome"],
                   "additionalProperties": {"$ref": "#/$defs/tree"}},
        "key_id": _OPTIONAL,
    })  # fmt: skip


def _inputs() -> dict[str, Any]:
    return _object(shape.INPUT, {
        "schema": {"const": INPUTS},
        "contract": {"$ref": "#/$defs/contract"},
        "case": {"type": "object", "required": ["contract", "components", "resolved"],
                 "additionalProperties": {"$ref": "#/$defs/tree"}},
        "checks": {"type": "array", "items": {
            "type": "object",
            "required": ["check", "revision", "valid_from", "interval_seconds"],
            "additionalProperties": _TEXT,
        }},
        "tzdata": _TEXT,
        "kernel": _COUNT,
    })  # fmt: skip


def _contract() -> dict[str, Any]:
    party = {"anyOf": [{"type": "object", "required": ["name"], "additionalProperties": _OPTIONAL},
                       {"type": "null"}]}  # fmt: skip
    known: dict[str, Any] = {
        "id": _TEXT, "slug": _TEXT, "name": _TEXT, "direction": {"enum": ["customer", "supplier"]},
        "provider": party, "customer": party, "fee": {"anyOf": [_EXACT, {"type": "null"}]},
        "currency": _OPTIONAL, "contract_from": _OPTIONAL, "contract_to": _OPTIONAL, "settle_seconds": _EXACT,
        "version": _COUNT, "version_from": _INSTANT, "version_hash": _HASH,
    }  # fmt: skip
    return _object(set(known), known)


def _object(required: set[str], properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": sorted(required),
        "properties": properties,
        "additionalProperties": False,
    }

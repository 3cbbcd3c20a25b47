"""The keys and kinds of value of a statement's file: what is read from elsewhere is looked at first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from trueup.reports.statement import INPUTS, SCHEMA

_NUMBER = re.compile(r"[1-9][0-9]{0,9}")
_LENGTH = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6}|/[1-9][0-9]{0,11})?")  # seconds, exactly
FILE = {"schema", "statement", "inputs", "hash", "signature", "draft", "fingerprints", "built_at"}
STATEMENT = {
    "schema", "id", "contract", "period", "start", "end", "as_of", "revision", "supersedes", "reason",
    "changes", "seq", "previous", "kernel", "tzdata", "inputs_hash", "result", "key_id",
}  # fmt: skip
INPUT = {"schema", "contract", "case", "checks", "tzdata", "kernel"}
_SUPERSEDED = {"id", "revision", "hash"}


def misshapen(file: Mapping[str, Any]) -> list[str]:
    """Return what keeps a document from being looked at as a statement's file; empty if nothing does."""
    return list(_wrong(file))


def _wrong(file: Mapping[str, Any]) -> Iterator[str]:
    if file.get("schema") != SCHEMA:
        named = f"its schema is {str(file['schema'])[:60]!r}" if "schema" in file else "it names no schema"
        yield f"{named}, not {SCHEMA!r}: trueup did not write it so."
        return
    yield from _keys("the file", file, FILE)
    for part, keys, schema in (("statement", STATEMENT, SCHEMA), ("inputs", INPUT, INPUTS)):
        found = file.get(part)
        if not isinstance(found, dict):
            yield f"{part} is no object."
            continue
        yield from _keys(part, found, keys)
        if found.get("schema") != schema:
            yield f"{part}.schema is {str(found.get('schema'))[:60]!r}, not {schema!r}."
    if not (isinstance(file.get("statement"), dict) and isinstance(file.get("inputs"), dict)):
        return
    yield from _kinds(file)


def _keys(name: str, found: Mapping[str, Any], wanted: set[str]) -> Iterator[str]:
    for key in sorted(wanted - found.keys()):
        yield f"{name} has no key {key!r}."
    for key in sorted(found.keys() - wanted):
        yield f"{name} has a key {key[:60]!r}, which is not known there."


def _kinds(file: Mapping[str, Any]) -> Iterator[str]:
    statement, inputs = file["statement"], file["inputs"]
    texts = {
        **{key: file.get(key) for key in ("hash", "built_at")},
        **{
            f"statement.{key}": statement.get(key)
            for key in ("id", "period", "start", "end", "kernel", "tzdata", "inputs_hash")
        },
        **{f"inputs.{key}": inputs.get(key) for key in ("tzdata", "kernel")},
    }
    optional = {
        **{key: file.get(key) for key in ("signature", "draft")},
        **{f"statement.{key}": statement.get(key) for key in ("as_of", "reason", "previous", "key_id")},
    }
    objects = {"fingerprints": file.get("fingerprints"), "inputs.case": inputs.get("case")}
    objects |= {f"statement.{key}": statement.get(key) for key in ("contract", "result")}
    objects |= {"inputs.contract": inputs.get("contract")}
    yield from (f"{name} is no text." for name, each in texts.items() if not isinstance(each, str))
    yield from (
        f"{name} is neither a text nor null."
        for name, each in optional.items()
        if not isinstance(each, str | None)
    )
    yield from (f"{name} is no object." for name, each in objects.items() if not isinstance(each, dict))
    for key in ("seq", "revision"):
        if not isinstance(statement.get(key), str) or not _NUMBER.fullmatch(statement[key]):
            yield f"statement.{key} is no number from 1 on, written as text."
    if isinstance(statement.get("contract"), dict) and not isinstance(statement["contract"].get("id"), str):
        yield "statement.contract.id is no text."
    before = statement.get("supersedes")
    if before is not None and not (isinstance(before, dict) and before.keys() == _SUPERSEDED):
        yield "statement.supersedes is neither null nor an object of id, revision and hash."
    elif before is not None and not all(isinstance(each, str) for each in before.values()):
        yield "statement.supersedes holds what is no text."
    if file.get("draft") == "":
        yield "draft is empty: it says why a statement is not signed, or is null."
    if not _asked(inputs.get("checks")):
        yield "inputs.checks is no list of objects, each with interval_seconds as a number in text."
    prints = file.get("fingerprints")
    if isinstance(prints, dict) and not all(map(_print, prints.values())):
        yield "fingerprints holds what is neither a text nor a list of texts."


def _print(found: Any) -> bool:
    return isinstance(found, str) or (
        isinstance(found, list) and all(isinstance(each, str) for each in found)
    )


def _asked(checks: Any) -> bool:
    """Return whether of every check it can be read how often it asked."""
    return isinstance(checks, list) and all(
        isinstance(each, dict)
        and isinstance(each.get("interval_seconds"), str)
        and _LENGTH.fullmatch(each["interval_seconds"])
        for each in checks
    )

"""Whether a statement is what was signed, and says what its inputs give: by the public key alone.

No database, no network and no settings are read here; the verdict depends on the bytes and the keys.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trueup.domain.sla import KERNEL, CaseError
from trueup.reports.canonical import Document, FormError, decode, digest
from trueup.reports.fingerprint import changes, fingerprints
from trueup.reports.key import PublicKey
from trueup.reports.shape import misshapen
from trueup.reports.statement import evaluate, identity, message

_SHOWN = 60  # characters of a value in a sentence


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold: where in the file or the chain, and what."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Verified:
    """What became of one file; ``statement`` is there unless the file is none of a statement."""

    name: str
    statement: Document | None
    findings: tuple[Finding, ...] = ()
    draft: str = ""
    digest: str = ""

    @property
    def holds(self) -> bool:
        """Return whether it is signed, and nothing is wrong with it."""
        return self.statement is not None and not self.findings and not self.draft

    @property
    def verdict(self) -> str:
        """Return what it is, in a sentence."""
        if self.statement is None:
            return "this is no statement"
        if self.findings:
            return "this does not hold"
        if self.draft:
            return f"this is a draft, and not signed: {self.draft}"
        computed, key_id = self.statement["kernel"], self.statement["key_id"]
        if computed != str(KERNEL):
            return f"signed and intact, computed by kernel {computed}, this is kernel {KERNEL}"
        return f"signed by key {key_id}, intact, and its inputs give this very result"


def verify(data: bytes, keys: Mapping[str, PublicKey], name: str = "") -> Verified:
    """Return what holds of the file of a statement.

    Args:
        data: Its bytes, in whatever layout.
        keys: The public keys that are trusted, by their names.
        name: What the file is called.
    """
    try:
        file = decode(data)
    except FormError as error:
        return Verified(name, None, (Finding("form", f"{error}."),))
    if wrong := misshapen(file):
        return Verified(name, None, tuple(Finding("form", each) for each in wrong))
    try:
        findings = tuple(_findings(file, keys))
        return Verified(name, file["statement"], findings, file["draft"] or "", digest(file["statement"]))
    except FormError as error:
        return Verified(name, None, (Finding("form", f"{error}."),))


def _findings(file: Document, keys: Mapping[str, PublicKey]) -> Iterator[Finding]:
    statement, inputs = file["statement"], file["inputs"]
    authentic = list(_signature(file, keys))
    for each in changes(file["fingerprints"], fingerprints({"statement": statement, "inputs": inputs})):
        where, _, what = each.partition(" ")
        inside = authentic or where.startswith("inputs")
        yield Finding(where.rstrip(":"), what if inside else f"{what}, or its fingerprint was")
    if (found := digest(statement)) != file["hash"]:
        yield Finding("hash", f"the file names {file['hash'][:_SHOWN]}, the statement has {found}.")
    if (found := digest(inputs)) != statement["inputs_hash"]:
        yield Finding("inputs", f"their hash is {found}, the statement names {statement['inputs_hash']}.")
    yield from authentic
    yield from _agreement(statement, inputs)
    yield from _result(statement, inputs)


def _signature(file: Document, keys: Mapping[str, PublicKey]) -> Iterator[Finding]:
    statement, written = file["statement"], file["signature"]
    if file["draft"] and written is None:
        return
    if written is None:
        yield Finding("signature", "there is none.")
        return
    key = keys.get(statement["key_id"] or "")
    if key is None:
        known = ", ".join(keys) or "none"
        yield Finding("key", f"{statement['key_id']} is not among the keys that are trusted ({known}).")
        return
    try:
        signature = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        yield Finding("signature", "it is no base64.")
        return
    if base64.b64encode(signature).decode() != written:
        yield Finding("signature", "it is written in another way than trueup does.")
    if not key.verifies(signature, message(statement)):
        yield Finding(
            "signature",
            f"it is not the one of key {key.key_id} over this statement: one of both was changed.",
        )


def _agreement(statement: Document, inputs: Document) -> Iterator[Finding]:
    """Yield where the statement does not say the same as its inputs, or as itself."""
    said = {key: inputs[key] for key in ("contract", "kernel", "tzdata")}
    result, case = statement["result"], inputs["case"]
    said |= {"start": result.get("window_start"), "end": result.get("window_end")}
    said |= {"as_of": case.get("as_of")}
    revision, first = statement["revision"], statement["seq"] == "1"
    said["id"] = identity(statement["contract"]["id"], statement["start"], statement["end"], int(revision))
    for key, value in said.items():
        if statement[key] != value:
            yield Finding(
                f"statement.{key}", f"it is {_words(statement[key])}, it ought to be {_words(value)}."
            )
    if first is not (statement["previous"] is None):
        yield Finding(
            "statement.previous", "the first statement of a contract has none, all others have one."
        )
    if (revision == "1") is not (statement["supersedes"] is None):
        yield Finding(
            "statement.supersedes", "the first revision supersedes none, all others the one before."
        )


def _result(statement: Document, inputs: Document) -> Iterator[Finding]:
    """Yield where the result is not the one that the inputs give, by this kernel if it was this one."""
    if inputs["kernel"] != str(KERNEL):
        return
    try:
        derived = evaluate(inputs)
    except CaseError as error:
        yield Finding("inputs", f"they cannot be judged: {error}")
        return
    result = statement["result"]
    for key in sorted(derived.keys() | result.keys()):
        if derived.get(key) != result.get(key):
            says, gives = _words(result.get(key)), _words(derived.get(key))
            yield Finding(f"statement.result.{key}", f"it says {says}, its inputs give {gives}.")


def _words(value: Any) -> str:
    words = "nothing" if value is None else value if isinstance(value, str) else repr(value)
    return words if len(words) <= _SHOWN else f"{words[:_SHOWN]}..."

"""What a statement says, and the file in which it travels: the signed part, its inputs, the signature."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from trueup.domain.node import SECOND
from trueup.domain.sla import (
    KERNEL,
    TOO_COARSE,
    Case,
    judge,
    read_case,
    resolution,
    too_coarse,
    undecided,
    write_band,
    write_result,
)
from trueup.reports.canonical import Document, digest, encode, spelled
from trueup.reports.fingerprint import fingerprints

SCHEMA = "trueup-statement/1"
INPUTS = "trueup-statement-inputs/1"
ID_DIGITS = 12
_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Superseded:
    """The revision before."""

    id: str
    revision: int
    digest: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a statement stands in the chain of its contract, and why there is another revision."""

    seq: int
    previous: str = ""  # the digest of the statement before; empty for the first
    revision: int = 1
    supersedes: Superseded | None = None
    reason: str = ""
    changes: tuple[Mapping[str, Any], ...] = ()


def inputs_document(
    *, contract: Mapping[str, Any], case: Mapping[str, Any], checks: list[Any], tzdata: str
) -> Document:
    """Return all that a statement is computed from, with the number of the kernel that computes it.

    Args:
        contract: Its name, parties, fee and version.
        case: The case, everything resolved, as ``write_case`` gives it.
        checks: What was asked how often, by revision.
        tzdata: The version of the zones by which the window was found.
    """
    return {
        "schema": INPUTS,
        "contract": spelled(contract),
        "case": case,  # long, and spelled by who wrote it
        "checks": spelled(checks),
        "tzdata": tzdata,
        "kernel": str(KERNEL),
    }


def evaluate(inputs: Mapping[str, Any]) -> Document:
    """Return the result of an inputs document; nothing else is read.

    Raises:
        CaseError: The case in it cannot be judged.
    """
    return result_of(read_case(inputs["case"], ("inputs", "case")), inputs["checks"])


def result_of(case: Case, checks: list[Mapping[str, str]]) -> Document:
    """Return the result of a case: what ``evaluate`` finds in the inputs that are written of it.

    Where a check was asked too rarely for what is promised there is no verdict and no credit, and
    ``reason`` says what would do.

    Args:
        case: What is judged.
        checks: What was asked how often, as in the inputs.

    Raises:
        CaseError: The case cannot be judged.
    """
    result = judge(case)
    every_us = _rarest_us(checks)
    reason = too_coarse(resolution(case, result, every_us), every_us)
    if reason and result.decision.status == "ok":
        result = undecided(result)
    found: Document = spelled(
        {
            **write_result(case, result),
            **write_band(result),
            "tier": result.decision.tier,
            **({"reason": reason} if result.decision.status == TOO_COARSE else {}),
        }
    )
    return found


def _rarest_us(checks: list[Mapping[str, str]]) -> int:
    """Return the longest interval at which any check was asked; 0 without one."""
    return max((int(Fraction(each["interval_seconds"]) * SECOND) for each in checks), default=0)


def identity(contract: str, start: str, end: str, revision: int) -> str:
    """Return the public id of a statement: the same one on every machine.

    Args:
        contract: The public id of the contract.
        start: The window's start as it is written.
        end: The window's end as it is written.
        revision: Which revision, from 1.
    """
    seed = "\n".join((SCHEMA, contract, start, end, str(revision)))
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest())
    digits = []
    for _ in range(ID_DIGITS):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(digits)


def statement_document(
    inputs: Document, result: Document, place: Place, key_id: str | None, *, inputs_hash: str = ""
) -> Document:
    """Return the part of a statement that is signed; without a key it is that of a draft.

    Args:
        inputs: What it is computed from.
        result: What they come to.
        place: Where it stands in its chain.
        key_id: The key that will sign it.
        inputs_hash: The digest of the inputs, where it is known already.
    """
    contract, case = inputs["contract"], inputs["case"]
    start, end = result["window_start"], result["window_end"]
    before = place.supersedes
    found: Document = spelled(
        {
            "schema": SCHEMA,
            "id": identity(contract["id"], start, end, place.revision),
            "contract": contract,
            "period": case.get("period") or f"{start}/{end}",
            "start": start,
            "end": end,
            "as_of": case.get("as_of"),
            "revision": place.revision,
            "supersedes": before and {"id": before.id, "revision": before.revision, "hash": before.digest},
            "reason": place.reason or None,
            "changes": list(place.changes),
            "seq": place.seq,
            "previous": place.previous or None,
            "kernel": inputs["kernel"],
            "tzdata": inputs["tzdata"],
            "inputs_hash": inputs_hash or digest(inputs),
            "result": result,
            "key_id": key_id,
        }
    )
    return found


def file_document(
    statement: Document, inputs: Document, *, signature: bytes | None, built_at: str, draft: str = ""
) -> Document:
    """Return the file of a statement.

    Args:
        statement: The signed part.
        inputs: What it was computed from; the signed part holds its hash.
        signature: Over the bytes of the signed part; None for a draft.
        built_at: When it was built, ISO 8601; not signed.
        draft: Why it is no statement yet.
    """
    return {
        "schema": SCHEMA,
        "statement": statement,
        "inputs": inputs,
        "hash": digest(statement),
        "signature": None if signature is None else base64.b64encode(signature).decode(),
        "draft": draft or None,
        "fingerprints": fingerprints({"statement": statement, "inputs": inputs}),
        "built_at": built_at,
    }


def message(statement: Document) -> bytes:
    """Return the bytes that are signed."""
    return encode(statement)

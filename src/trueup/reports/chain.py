"""Whether the statements of a contract form the chain in which they were signed: none gone, none put in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from trueup.reports.canonical import Document
from trueup.reports.key import PublicKey
from trueup.reports.verify import Finding, Verified, verify


@dataclass(frozen=True, slots=True)
class Chain:
    """What became of the statements of one contract; ``notes`` is what cannot be told from them."""

    contract: str
    statements: tuple[Verified, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Return whether every statement and the chain between them hold."""
        return not self.findings and all(each.holds for each in self.statements)


def verify_all(
    files: Iterable[tuple[str, bytes]], keys: Mapping[str, PublicKey]
) -> tuple[list[Chain], list[Verified]]:
    """Return the chains that some files make, by contract, and the files that are no statements."""
    found: dict[str, list[Verified]] = {}
    others = []
    for name, data in files:
        each = verify(data, keys, name)
        if each.statement is None:
            others.append(each)
        else:
            found.setdefault(each.statement["contract"]["id"], []).append(each)
    return [_chain(contract, listed) for contract, listed in sorted(found.items())], others


def _chain(contract: str, listed: list[Verified]) -> Chain:
    ordered = sorted(listed, key=lambda each: (_seq(each), each.name))
    signed = [each for each in ordered if not each.draft]
    findings = (*_links(signed), *_revisions(signed))
    first = _seq(signed[0]) if signed else 1
    notes = () if first == 1 else (f"the chain begins with number {first} here: what is before is not seen",)
    return Chain(contract, tuple(ordered), findings, notes)


def _links(signed: list[Verified]) -> Iterator[Finding]:
    for before, after in pairwise(signed):
        one, other = _seq(before), _seq(after)
        if one == other:
            if before.digest != after.digest:
                yield Finding("chain", f"{before.name} and {after.name} are both number {one}.")
        elif other != one + 1:
            gone = f"number {one + 1}" if other == one + 2 else f"numbers {one + 1} to {other - 1}"
            yield Finding("chain", f"{gone} is missing between {before.name} and {after.name}.")
        elif _statement(after)["previous"] != before.digest:
            yield Finding(
                "chain",
                f"{after.name} was signed to follow {_statement(after)['previous']}, "
                f"but {before.name} is {before.digest}.",
            )


def _revisions(signed: list[Verified]) -> Iterator[Finding]:
    by_id = {_statement(each)["id"]: each for each in signed}
    for each in signed:
        before = _statement(each)["supersedes"]
        held = before and by_id.get(before["id"])
        if not before or held is None:
            continue
        older, newer = _statement(held), _statement(each)
        if held.digest != before["hash"]:
            yield Finding("chain", f"{each.name} supersedes another {before['id']} than {held.name} is.")
        elif (older["start"], older["end"]) != (newer["start"], newer["end"]):
            yield Finding("chain", f"{each.name} supersedes {held.name}, which is of another window.")
        elif int(older["revision"]) + 1 != int(newer["revision"]):
            yield Finding("chain", f"{each.name} is not the revision after {held.name}.")


def _seq(each: Verified) -> int:
    return int(_statement(each)["seq"])


def _statement(each: Verified) -> Document:
    assert each.statement is not None, "only statements are in a chain"
    return each.statement

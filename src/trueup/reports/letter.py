"""The letter of a claim, in Markdown: what was promised, what was, what is due."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trueup.domain.interval import Span
from trueup.reports.canonical import Document
from trueup.reports.speaking import length, length_us, money, percent, wall

_MARKUP = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]<>#|"})


def write_letter(file: Document, outages: Sequence[Span]) -> str:
    """Return the letter that claims the credit of a statement.

    Args:
        file: The statement, signed and breached.
        outages: When single checks were down, as the archive holds them.
    """
    return "\n".join(_lines(file, outages)) + "\n"


def _lines(file: Document, outages: Sequence[Span]) -> Iterator[str]:
    statement = file["statement"]
    contract, result = statement["contract"], statement["result"]
    terms = file["inputs"]["case"]["contract"]
    zone = str(terms["window"].get("timezone") or "UTC")
    provider, customer = _party(contract["provider"]), _party(contract["customer"])
    yield f"# Claim for a service credit: {_plain(contract['name'])}, {statement['period']}"
    yield ""
    for noun, party in (("To", provider), ("From", customer)):
        if party:
            yield f"{noun}: {party}  "
    yield f"Our statement: {statement['id']}, revision {statement['revision']}"
    yield ""
    yield (
        f"From {wall(statement['start'], zone)} to {wall(statement['end'], zone)} ({zone}) "
        f"the service was available for {percent(result['uptime_percent'])} of the time that counts."
    )
    yield f"You promised at least {percent(terms['objective'])}."
    if "downtime_seconds" in result:
        yield (
            f"It was down for {length(result['downtime_seconds'])}; "
            f"the promise allows {length(result['allowed_seconds'])}."
        )
    yield ""
    yield from _due(statement)
    yield ""
    yield "## What we saw"
    yield ""
    yield "| | From | To | For |"
    yield "| --- | --- | --- | --- |"
    for number, span in enumerate(outages, 1):
        times = f"{wall(span.start_us, zone)} | {wall(span.end_us, zone)}"
        yield f"| {number:03d} | {times} | {length_us(span.length_us)} |"
    yield ""
    yield "The folder `outages` holds every single result around each of them that is still kept,"
    yield "and what was seen at its edges: when and from which region it was asked, status, error, times."
    yield ""
    yield "## How to check this"
    yield ""
    yield f"`statement.json` is signed with the Ed25519 key {statement['key_id']}; its SHA-256 is"
    yield f"`{file['hash']}`."
    yield "With trueup, and without us:"
    yield ""
    yield "```sh"
    yield "trueup sla verify statement.json --keys trueup-keys.json"
    yield "```"


def _due(statement: Document) -> Iterator[str]:
    contract, result = statement["contract"], statement["result"]
    if result.get("credit_percent") is None:
        yield "Please tell us which credit this makes by your terms."
        return
    share = f"{percent(result['credit_percent'])} of the fee"
    if result.get("credit_amount") is None:
        yield f"By the agreement this makes a credit of {share}. Please credit it to us."
        return
    amount = money(result["credit_amount"], contract["currency"])
    fee = money(contract["fee"], contract["currency"])
    yield f"By the agreement this makes a credit of {share} of {fee}: **{amount}**. Please credit it to us."


def _party(party: Document | None) -> str:
    said = [party.get(key) for key in ("name", "contact", "reference")] if party else []
    return ", ".join(_plain(each) for each in said if each)


def _plain(words: str) -> str:
    """Return words in which nothing is markup."""
    return " ".join(words.split()).translate(_MARKUP)

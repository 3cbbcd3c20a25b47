"""Whether contracts hold and their statements can be signed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from trueup.domain.text import instant
from trueup.server.doctor.finding import Finding


def contracts(now_us: int) -> Iterator[Finding]:
    """Name the contracts that hold no more, or never did; one that is to begin is well.

    Args:
        now_us: The instant, microseconds UTC.
    """
    from trueup.store.read import contract

    versions = contract.by_contract()
    for row in contract.contracts():
        held = versions.get(row.id, ())
        until_us = held[-1].contract_to_us if held else None
        if not held:
            yield Finding(
                "contract-idle",
                f"Contract {row.slug} has no version: it promises nothing, and no statement is built.",
                "Run `trueup apply`, which makes its first version.",
            )
        elif until_us is not None and until_us <= now_us:
            yield Finding(
                "contract-idle",
                f"Contract {row.slug} ended at {instant(until_us)}: no version of it is in force.",
                "Name a later contract_to, or take it out of the configuration; its statements stay.",
            )


def signing_key(folder: Path) -> Iterator[Finding]:
    """Say if the key that signs statements is missing, is another one, or cannot be read.

    Args:
        folder: Where private halves of keys lie.
    """
    from trueup.reports import signer
    from trueup.store.keyfile import SealError
    from trueup.store.read import signing

    registered = signing.current()
    if registered is None:
        return  # the first one is made with the first statement
    try:
        signer.load(folder, registered.key_id)
    except SealError as error:
        sentence, _, remedy = str(error).partition(". ")
        yield Finding("signing-key-unusable", f"{sentence[:1].upper()}{sentence[1:]}.", remedy or _REMEDY)


_REMEDY = "Make it readable for the user of the service, or run `trueup keys rotate`."

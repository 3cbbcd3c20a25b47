"""``trueup sla verify``: whether statements are what was signed, without database and network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trueup.cli import options

if TYPE_CHECKING:
    from trueup.reports.chain import Chain
    from trueup.reports.key import PublicKey
    from trueup.reports.verify import Verified

KEYS = "trueup-keys.json"


def verify(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Statements as JSON, or folders of them.")
    ],
    keys: Annotated[
        Path | None,
        typer.Option(
            "--keys", metavar="FILE", help="The public keys of who signed; default: our own, of --data."
        ),
    ] = None,
    as_json: options.Json = False,
    data: options.Data = None,
) -> None:
    """Check statements by the public key alone: signature, chain, and that their inputs give their result.

    Exit code 0: all hold, 1: something does not, and is named, 2: a file or the keys cannot be read.
    """
    from trueup.reports.chain import verify_all

    trusted = _keys(keys or options.settings(None, data).data / "keys" / KEYS, named=keys is not None)
    chains, others = verify_all(_read(files), trusted)
    if as_json:
        options.print_json({"chains": [_chain(each) for each in chains], "others": [_one(e) for e in others]})
    else:
        _say(chains, others)
    if others or not all(each.holds for each in chains):
        raise typer.Exit(1)


def _read(paths: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each file.

    Raises:
        StartError: There is none.
        OSError: One cannot be read.
    """
    from trueup.server.faults import StartError

    for path in paths:
        found = [path]
        if path.is_dir():
            found = [each for each in sorted(path.glob("*.json")) if each.name != KEYS]
            if not found:
                raise StartError(f"{path} holds no statement: no file there ends in .json.")
        for each in found:
            yield str(each), each.read_bytes()


def _keys(path: Path, *, named: bool) -> dict[str, PublicKey]:
    from trueup.reports import key
    from trueup.reports.canonical import FormError, decode
    from trueup.server.faults import StartError

    if not named and not path.exists():
        raise StartError(
            f"There are no public keys at {path}. Name those of who signed with --keys: "
            "they are published at /.well-known/trueup-keys.json of their site."
        )
    try:
        return key.read(decode(path.read_bytes()))
    except (FormError, key.KeyFileError) as error:
        raise StartError(f"--keys {path} cannot be used: {error}") from None


def _say(chains: Sequence[Chain], others: Sequence[Verified]) -> None:
    for chain in chains:
        for each in chain.statements:
            _say_one(each)
        for finding in chain.findings:
            print(f"  {finding}")
        for note in chain.notes:
            print(f"  note: {note}")
    for each in others:
        _say_one(each)


def _say_one(each: Verified) -> None:
    about = ""
    if each.statement is not None:
        one = each.statement
        about = f"{one['contract'].get('name')}, {one['period']}, revision {one['revision']}: "
    print(f"{each.name}: {about}{each.verdict}")
    for finding in each.findings:
        print(f"  {finding}")


def _chain(chain: Chain) -> dict[str, Any]:
    return {
        "contract": chain.contract,
        "holds": chain.holds,
        "statements": [_one(each) for each in chain.statements],
        "findings": [{"where": each.where, "what": each.what} for each in chain.findings],
        "notes": list(chain.notes),
    }


def _one(each: Verified) -> dict[str, Any]:
    return {
        "file": each.name,
        "holds": each.holds,
        "verdict": each.verdict,
        "hash": each.digest or None,
        "findings": [{"where": finding.where, "what": finding.what} for finding in each.findings],
    }

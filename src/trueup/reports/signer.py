"""The key that signs: its private half is a file of this machine, its public half a row and published."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from trueup.reports import key
from trueup.reports.key import PublicKey
from trueup.store import keyfile
from trueup.store.read import signing as read
from trueup.store.write import signing as write

PUBLISHED = "trueup-keys.json"
_NAME = "the signing key {key_id}"
_REMEDY = "Put it back from a backup, or make a new one with `trueup keys rotate`: old statements stay valid."


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with one key."""

    key_id: str
    private: bytes

    def __repr__(self) -> str:
        return f"Signer({self.key_id})"

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature of a message: the same one each time."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.private).sign(message)


def published() -> list[PublicKey]:
    """Return the public halves of all keys, the newest first."""
    return [
        PublicKey(row.key_id, base64.b64decode(row.public), _iso(row.created_at), _iso(row.retired_at))
        for row in read.all_keys()
    ]


def current(folder: Path, now_us: int) -> Signer:
    """Return what signs now; the first key is made when it is first needed.

    Args:
        folder: Where private halves lie, for their owner alone.
        now_us: The instant, microseconds UTC.

    Raises:
        SealError: The key cannot be read, is another one, or cannot be made.
    """
    row = read.current()
    if row is None:
        with write.held():
            row = read.current()  # another process may have been first
            if row is None:
                return _make(folder, now_us)
    return load(folder, row.key_id)


def rotate(folder: Path, now_us: int) -> Signer:
    """Make a new key, which signs from now on; the old ones stay published.

    Raises:
        SealError: It cannot be made.
    """
    with write.held():
        return _make(folder, now_us)


def load(folder: Path, key_id: str) -> Signer:
    """Return a key by its name.

    Raises:
        SealError: It is not there, cannot be read, or is another one.
    """
    path = path_of(folder, key_id)
    name = _NAME.format(key_id=key_id)
    private = keyfile.read(path, name, _REMEDY)
    if key.id_of(_public(private)) != key_id:
        raise keyfile.SealError(f"{name} at {path} is another key. {_REMEDY}")
    return Signer(key_id, private)


def publish(folder: Path) -> None:
    """Write all public halves beside the private ones, where `trueup sla verify` looks for them."""
    path = folder / PUBLISHED
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps(key.document(published()), indent=2) + "\n", "utf-8")
    part.replace(path)


def path_of(folder: Path, key_id: str) -> Path:
    """Return the file of a key's private half."""
    return folder / f"signing-{key_id}.key"


def _make(folder: Path, now_us: int) -> Signer:
    """Make a key: first its file, which is on the disk then, so that no row is without one."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.generate().private_bytes_raw()
    public = _public(private)
    key_id = key.id_of(public)
    keyfile.make(path_of(folder, key_id), private, _NAME.format(key_id=key_id))
    write.add(key_id, base64.b64encode(public).decode(), now_us)
    publish(folder)
    return Signer(key_id, private)


def _public(private: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def _iso(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

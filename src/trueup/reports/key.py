"""Public keys as they are published and read again: whoever has them can verify, and nobody can sign.

A key is named by its own digest, so that a public half under another's name is noticed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

SCHEMA = "trueup-keys/1"
ALGORITHM = "Ed25519"
_BYTES = 32
_DIGITS = 16


class KeyFileError(ValueError):
    """A document of keys that cannot be used: what is wrong, and with which key."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half of a signing key; instants in ISO 8601, ``retired_at`` empty while it signs."""

    key_id: str
    public: bytes
    created_at: str = ""
    retired_at: str = ""

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Return whether a signature is this key's over a message."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def id_of(public: bytes) -> str:
    """Return the name of a key: the beginning of the SHA-256 of its public half."""
    return hashlib.sha256(public).hexdigest()[:_DIGITS]


def document(keys: Iterable[PublicKey]) -> dict[str, Any]:
    """Return what is published of some keys, the newest first."""
    listed = sorted(keys, key=lambda key: (key.created_at, key.key_id), reverse=True)
    return {
        "schema": SCHEMA,
        "keys": [
            {
                "key_id": key.key_id,
                "algorithm": ALGORITHM,
                "public": base64.b64encode(key.public).decode(),
                "created_at": key.created_at,
                "retired_at": key.retired_at or None,
            }
            for key in listed
        ],
    }


def read(published: Mapping[str, Any]) -> dict[str, PublicKey]:
    """Return the keys of a published document by their names.

    Raises:
        KeyFileError: It is none, or a key in it is not the one that its name says.
    """
    listed = published.get("keys")
    if published.get("schema") != SCHEMA or not isinstance(listed, list):
        raise KeyFileError(
            f"it is no document of keys ({SCHEMA}). "
            "Take the one of /.well-known/trueup-keys.json, or what `trueup keys show --json` prints."
        )
    keys = [_key(each) for each in listed]
    return {key.key_id: key for key in keys}


def _key(entry: Any) -> PublicKey:
    name = entry.get("key_id") if isinstance(entry, Mapping) else None
    if not isinstance(name, str) or entry.get("algorithm") != ALGORITHM:
        raise KeyFileError(f"one of its keys has no key_id, or is not of {ALGORITHM}.")
    try:
        public = base64.b64decode(str(entry.get("public", "")), validate=True)
    except (binascii.Error, ValueError):
        public = b""
    if len(public) != _BYTES:
        raise KeyFileError(f"the public half of key {name} is not {_BYTES} bytes in base64.")
    if id_of(public) != name:
        raise KeyFileError(
            f"key {name}: its public half is that of key {id_of(public)}. "
            "Somebody changed the one or the other; take the keys from their owner again."
        )
    return PublicKey(name, public, str(entry.get("created_at") or ""), str(entry.get("retired_at") or ""))

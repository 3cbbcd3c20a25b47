"""What the messages of SSH are made of, and what an exchange of keys finds (RFC 4251, 4253)."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import dataclass

KEYS = {
    "ed25519": ("ssh-ed25519",),
    "ecdsa": ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    "rsa": ("rsa-sha2-512", "rsa-sha2-256"),
}


class ExchangeError(Exception):
    """What came is no key exchange, or proves nothing; the message says why."""


class NothingInCommonError(ExchangeError):
    """The host offers nothing of what we can ask for: it speaks SSH, and its key stays unknown."""


class Reading:
    """The values in a message, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, size: int) -> bytes:
        """Return so many bytes.

        Raises:
            ExchangeError: There are fewer.
        """
        found = self._data[self._at : self._at + size]
        if len(found) != size:
            raise ExchangeError("a message ended too early")
        self._at += size
        return found

    def text(self) -> bytes:
        """Return a string: its length stands before it."""
        return self.take(int.from_bytes(self.take(4), "big"))

    def names(self) -> list[str]:
        """Return a list of names."""
        return self.text().decode("ascii", "replace").split(",")


def text(data: bytes) -> bytes:
    """Return a string in SSH's form."""
    return len(data).to_bytes(4, "big") + data


def whole(number: int) -> bytes:
    """Return a number of zero or more in SSH's form."""
    return text(number.to_bytes(number.bit_length() // 8 + 1, "big") if number else b"")


@dataclass(frozen=True)
class HostKey:
    """The key that a host has proved to be its own."""

    type: str
    sha256: str  # as ssh-keygen -l shows it

    @classmethod
    def of(cls, blob: bytes) -> HostKey:
        """Return the key of its form on the wire."""
        digest = b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
        return cls(Reading(blob).text().decode("ascii", "replace"), f"SHA256:{digest}")

"""SCRAM-SHA-256: a proof that both sides know a password, which is not sent (RFC 5802, 7677)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import stringprep
import unicodedata
from functools import lru_cache

_MOST_ROUNDS = 200_000  # a server decides how many we work off: more would hold up others


class ScramError(Exception):
    """The server did not keep to the exchange, or does not know the password."""


class Scram:
    """One exchange: ``first``, then ``proof``, then ``verify``."""

    def __init__(self, password: str) -> None:
        self._password = _prepared(password)
        self._nonce = base64.b64encode(os.urandom(18)).decode()
        self._signature = b""
        self.verified = False

    def first(self) -> bytes:
        """Return our first message; the user is named by the protocol around it."""
        return f"n,,n=,r={self._nonce}".encode()

    def proof(self, challenge: bytes) -> bytes:
        """Return our proof for the server's challenge.

        Raises:
            ScramError: The challenge cannot be read, or is none for us.
        """
        try:
            said = challenge.decode("ascii")
            fields = dict(part.split("=", 1) for part in said.split(","))
            nonce, salt, rounds = fields["r"], base64.b64decode(fields["s"], validate=True), int(fields["i"])
        except (ValueError, KeyError, binascii.Error) as error:
            raise ScramError from error
        if not nonce.startswith(self._nonce) or nonce == self._nonce or not 0 < rounds <= _MOST_ROUNDS:
            raise ScramError
        final = f"c=biws,r={nonce}"
        client, stored, server = _keys(self._password, salt, rounds)
        spoken = f"n=,r={self._nonce},{said},{final}".encode()
        self._signature = _hmac(server, spoken)
        mine = bytes(one ^ other for one, other in zip(client, _hmac(stored, spoken), strict=True))
        return f"{final},p={base64.b64encode(mine).decode()}".encode()

    def verify(self, signature: bytes) -> None:
        """Take the server's proof.

        Raises:
            ScramError: It is none.
        """
        wanted = b"v=" + base64.b64encode(self._signature)
        if not self._signature or not hmac.compare_digest(wanted, signature):
            raise ScramError
        self.verified = True


@lru_cache(maxsize=1_024)
def _keys(password: bytes, salt: bytes, rounds: int) -> tuple[bytes, bytes, bytes]:
    """Return client key, stored key and server key; kept, since thousands of rounds cost milliseconds."""
    salted = hashlib.pbkdf2_hmac("sha256", password, salt, rounds)
    client = _hmac(salted, b"Client Key")
    return client, hashlib.sha256(client).digest(), _hmac(salted, b"Server Key")


def _hmac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")


_FORBIDDEN = (
    stringprep.in_table_a1,
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


def _prepared(password: str) -> bytes:
    """Return a password as SASLprep has it (RFC 4013); one that it forbids is taken as it is."""
    kept = [sign for sign in password if not stringprep.in_table_b1(sign)]
    plain = "".join(" " if stringprep.in_table_c12(sign) else sign for sign in kept)
    text = unicodedata.ucd_3_2_0.normalize("NFKC", plain)
    odd = any(table(sign) for sign in text for table in _FORBIDDEN)
    return (password if odd or not text or _mixed(text) else text).encode()


def _mixed(text: str) -> bool:
    """Tell whether a text breaks the rules for text that runs from right to left."""
    right = [stringprep.in_table_d1(sign) for sign in text]
    left = any(stringprep.in_table_d2(sign) for sign in text)
    return any(right) and (left or not (right[0] and right[-1]))

"""The key exchange of SSH, as far as it proves that a host has its key (RFC 4253, 5656, 8731, 8332, 8709)."""

from __future__ import annotations

import hashlib
import os
from base64 import b64encode
from collections.abc import Callable, Sequence

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_public_key

from trueup.probes.packet import KEYS, ExchangeError, HostKey, NothingInCommonError, Reading, text, whole

_HASHES: dict[str, HashAlgorithm] = {"256": SHA256(), "384": SHA384(), "512": SHA512(), "521": SHA512()}


def _curve25519() -> tuple[bytes, Callable[[bytes], int]]:
    private = X25519PrivateKey.generate()

    def agreed(theirs: bytes) -> int:
        return int.from_bytes(private.exchange(X25519PublicKey.from_public_bytes(theirs)), "big")

    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw), agreed


def _on(curve: ec.EllipticCurve) -> Callable[[], tuple[bytes, Callable[[bytes], int]]]:
    def begin() -> tuple[bytes, Callable[[bytes], int]]:
        private = ec.generate_private_key(curve)

        def agreed(theirs: bytes) -> int:
            public = ec.EllipticCurvePublicKey.from_encoded_point(curve, theirs)
            return int.from_bytes(private.exchange(ec.ECDH(), public), "big")

        form = PublicFormat.UncompressedPoint
        return private.public_key().public_bytes(Encoding.X962, form), agreed

    return begin


# How each agreement begins, and the hash it takes.
AGREEMENTS = {
    "curve25519-sha256": (_curve25519, "sha256"),
    "curve25519-sha256@libssh.org": (_curve25519, "sha256"),
    "ecdh-sha2-nistp256": (_on(ec.SECP256R1()), "sha256"),
    "ecdh-sha2-nistp384": (_on(ec.SECP384R1()), "sha384"),
    "ecdh-sha2-nistp521": (_on(ec.SECP521R1()), "sha512"),
}
_CIPHERS = ("aes128-ctr", "aes256-ctr", "chacha20-poly1305@openssh.com", "aes128-gcm@openssh.com",
            "aes256-gcm@openssh.com")  # fmt: skip
_SEALS = ("hmac-sha2-256", "hmac-sha2-512", "hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com")


def proposal(keys: Sequence[str]) -> bytes:
    """Return our KEXINIT; ciphers and seals are named and never used."""
    lists = (AGREEMENTS, keys, _CIPHERS, _CIPHERS, _SEALS, _SEALS, ("none",), ("none",), (), ())
    return b"\x14" + os.urandom(16) + b"".join(text(",".join(each).encode()) for each in lists) + b"\0" * 5


class Exchange:
    """One key exchange: ``begin`` returns what is sent, ``end`` the key that the answer proves."""

    def __init__(self, ours: bytes, theirs: bytes, our_proposal: bytes, their_proposal: bytes) -> None:
        self._said = b"".join(text(each) for each in (ours, theirs, our_proposal, their_proposal))
        reading = Reading(their_proposal)
        reading.take(17)
        mine = Reading(our_proposal)
        mine.take(17)
        self._name = _chosen("key exchange", mine.names(), reading.names())
        self.algorithm = _chosen("type of host key", mine.names(), reading.names())
        begin, self._hash = AGREEMENTS[self._name]
        self._public, self._agreed = begin()

    def begin(self) -> bytes:
        """Return our half of the agreement."""
        return b"\x1e" + text(self._public)

    def end(self, answer: bytes) -> tuple[HostKey, bool]:
        """Return the host's key, and whether the host has proved that it is its own.

        Raises:
            ExchangeError: The answer cannot be read.
        """
        reading = Reading(answer)
        if reading.take(1) != b"\x1f":
            raise ExchangeError("the key exchange was not answered")
        blob, theirs, proof = reading.text(), reading.text(), reading.text()
        key = HostKey.of(blob)
        try:
            secret = whole(self._agreed(theirs))
            said = self._said + text(blob) + text(self._public) + text(theirs) + secret
            return key, _proves(blob, self.algorithm, proof, hashlib.new(self._hash, said).digest())
        except (ValueError, UnsupportedAlgorithm) as error:
            raise ExchangeError("its host key or its half of the agreement cannot be read") from error


def _chosen(what: str, ours: list[str], theirs: list[str]) -> str:
    found = next((name for name in ours if name in theirs), None)
    if found is None:
        offered = ", ".join(theirs)[:200]
        raise NothingInCommonError(f"it knows no {what} that trueup asks for; it offers {offered}")
    return found


def _proves(blob: bytes, algorithm: str, proof: bytes, said: bytes) -> bool:
    key = load_ssh_public_key(Reading(blob).text() + b" " + b64encode(blob))
    reading = Reading(proof)
    if reading.text().decode("ascii", "replace") != algorithm:
        return False
    signature = reading.text()
    try:
        if isinstance(key, ed25519.Ed25519PublicKey) and algorithm == "ssh-ed25519":
            key.verify(signature, said)
        elif isinstance(key, rsa.RSAPublicKey) and algorithm in KEYS["rsa"]:
            key.verify(signature, said, padding.PKCS1v15(), _HASHES[algorithm[-3:]])
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm.endswith(f"p{key.curve.key_size}"):
            numbers = Reading(signature)
            pair = [int.from_bytes(numbers.text(), "big") for _ in range(2)]
            key.verify(encode_dss_signature(*pair), said, ec.ECDSA(_HASHES[algorithm[-3:]]))
        else:
            return False
    except InvalidSignature:
        return False
    return True

"""A chain of certificates as it was served: whom it names, who vouches for it, when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address

from cryptography import x509

_SIZES = {"Ed25519": 256, "Ed448": 456}  # the bits of kinds whose keys have one size


@dataclass(frozen=True, slots=True)
class Chain:
    """What a served chain says of itself; the server's own certificate stands first, and has the key."""

    subjects: tuple[str, ...]
    issuers: tuple[str, ...]
    ends: tuple[datetime, ...]
    key: str
    key_bits: int


def read_chain(served: tuple[bytes, ...]) -> Chain:
    """Return a chain from the DER form of its certificates.

    Raises:
        ValueError: There is none, or one cannot be read.
    """
    if not served:
        raise ValueError("there is none")
    loaded = [x509.load_der_x509_certificate(each) for each in served]
    public = loaded[0].public_key()
    key = type(public).__name__.removesuffix("PublicKey")
    return Chain(
        subjects=tuple(each.subject.rfc4514_string() for each in loaded),
        issuers=tuple(each.issuer.rfc4514_string() for each in loaded),
        ends=tuple(each.not_valid_after_utc for each in loaded),
        key=key,
        key_bits=getattr(public, "key_size", 0) or _SIZES.get(key, 0),
    )


def covers(names: tuple[str, ...], host: str) -> bool:
    """Return whether a certificate for some names is one for a host (RFC 9525).

    A wildcard stands for one whole label, the first; a certificate without names is for nobody.
    """
    try:
        wanted = str(ip_address(host))
    except ValueError:
        wanted = host.lower().rstrip(".")
    else:
        return wanted in names
    first, _, rest = wanted.partition(".")
    known = {name.lower().rstrip(".") for name in names}
    return wanted in known or bool(first and "." in rest and f"*.{rest}" in known)

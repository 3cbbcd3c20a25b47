"""Where the time of a transfer went, and which certificate was served."""

from __future__ import annotations

import ssl
from functools import lru_cache
from typing import TYPE_CHECKING

import pycurl

from trueup.domain.result import Certificate, Phases
from trueup.net.transfer import Transfer

if TYPE_CHECKING:  # imported with the first certificate: who meets none is spared 8 MB
    from cryptography import x509


def phases(transfer: Transfer | None, dns_us: int | None, before: Phases | None) -> Phases:
    """Return how long each phase took that came to its end, those of earlier hops added."""
    connect = tls = wait = None
    if transfer is not None:
        connect = transfer.connected_us or None
        if connect is not None:
            if transfer.request.tls and (secured := transfer.secured_us):
                tls = secured - connect
            wait = transfer.waited_us
    if before is None:
        return Phases(dns_us, connect, tls, wait)
    return Phases(
        dns_us, _sum(before.connect_us, connect), _sum(before.tls_us, tls), _sum(before.wait_us, wait)
    )


def unfinished(transfer: Transfer) -> str:
    """Return the phase a transfer was in: connect, proxy, tls, wait or transfer."""
    if not transfer.connected_us:
        return "connect"
    if transfer.request.tls and not transfer.secured_us:
        return "proxy" if transfer.request.proxy else "tls"
    return "wait" if transfer.waited_us is None else "transfer"


def certificate_of(chain: tuple[bytes, ...]) -> Certificate | None:
    """Return the first certificate of a chain in DER form, None where there is none that can be read."""
    try:
        return _read(tuple(map(ssl.DER_cert_to_PEM_cert, chain))) if chain else None
    except ValueError:
        return None


def certificate(transfer: Transfer) -> Certificate | None:
    """Return the certificate that was served, also where it was not accepted."""
    if not transfer.request.tls:
        return None
    served = transfer.handle.getinfo(pycurl.INFO_CERTINFO)
    chain = tuple(dict(each).get("Cert", "") for each in served)
    try:
        return _read(chain) if chain and all(chain) else None
    except ValueError:  # what the server sent is no certificate: the handshake tells
        return None


@lru_cache(maxsize=4096)
def _read(chain: tuple[str, ...]) -> Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    loaded = [x509.load_pem_x509_certificate(each.encode()) for each in chain]
    leaf = loaded[0]
    return Certificate(
        subject=_name(leaf.subject),
        issuer=_name(leaf.issuer),
        names=_names(leaf),
        not_before_us=int(leaf.not_valid_before_utc.timestamp()) * 1_000_000,
        not_after_us=int(leaf.not_valid_after_utc.timestamp()) * 1_000_000,
        sha256=leaf.fingerprint(SHA256()).hex(),
        chain_not_after_us=min(int(each.not_valid_after_utc.timestamp()) for each in loaded) * 1_000_000,
    )


def _name(name: x509.Name) -> str:
    return name.rfc4514_string()


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    from cryptography import x509

    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    addresses = (str(each) for each in found.get_values_for_type(x509.IPAddress))
    return (*found.get_values_for_type(x509.DNSName), *addresses)


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other

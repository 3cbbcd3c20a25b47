"""TLS for connections that libcurl does not make."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from trueup.net.trust import FileError, authorities, content, trusted

_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
_DER = 2  # the number of that form in Python's binding of OpenSSL


@dataclass(frozen=True, slots=True)
class Secured:
    """What a handshake agreed on, and the chain that was served: DER, the server's certificate first.

    ``refusal`` is OpenSSL's number of what is wrong with the chain, 0 where it is trusted, and ``reason``
    its words.
    """

    protocol: str
    cipher: str
    chain: tuple[bytes, ...]
    refusal: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Tls:
    """How a connection is secured: whose certificates are trusted, which name they must bear, what we show.

    Without ``server_name`` it is the host that is connected to. ``any_name`` trusts a chain whatever name it
    is for; ``min_version`` is 1.2 or 1.3.
    """

    server_name: str = ""
    ca: str = ""
    insecure: bool = False
    client_certificate: str = ""
    client_key: str = ""
    alpn: tuple[str, ...] = ()
    any_name: bool = False
    min_version: str = "1.2"

    def context(self) -> ssl.SSLContext:
        """Return the context, made once for equal settings: reading the authorities takes 10 ms.

        Raises:
            FileError: A file cannot be used.
        """
        own = authorities(self.ca).decode("ascii", "replace") if self.ca else ""
        ways = _Ways(self.insecure, self.any_name, self.min_version, self.alpn)
        shown = self.client_certificate, self.client_key
        return _context(self.ca, own, *shown, ways, tuple(content(path) for path in shown if path))


class _Ways(NamedTuple):
    insecure: bool
    any_name: bool
    min_version: str
    alpn: tuple[str, ...]


def secured(connection: ssl.SSLObject) -> Secured:
    """Return what a finished handshake agreed on."""
    # public from Python 3.13 on; the object below has had it since 3.10
    public = hasattr(connection, "get_unverified_chain")
    below: Any = connection if public else connection._sslobj  # type: ignore[attr-defined]
    served = below.get_unverified_chain() or ()
    chain = tuple(each if isinstance(each, bytes) else each.public_bytes(_DER) for each in served)
    cipher = connection.cipher()
    return Secured(connection.version() or "", cipher[0] if cipher else "", chain)


@lru_cache(maxsize=64)
def _context(
    ca: str, own: str, certificate: str, key: str, ways: _Ways, _shown: tuple[bytes, ...]
) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = _VERSIONS[ways.min_version]
    try:
        context.load_verify_locations(cafile=None if own else trusted(), cadata=own or None)
    except OSError as error:  # SSLError is one of them
        raise FileError(ca or trusted(), _reason(error)) from error
    if ways.any_name or ways.insecure:
        context.check_hostname = False
    if ways.insecure:
        context.verify_mode = ssl.CERT_NONE
    if certificate:
        try:
            # without a password OpenSSL would ask the terminal for that of an encrypted key, and wait
            context.load_cert_chain(certificate, key or None, password=b"")
        except OSError as error:
            raise FileError(certificate, _reason(error)) from error
    if ways.alpn:
        context.set_alpn_protocols(list(ways.alpn))
    return context


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or str(error)).replace("_", " ").lower()
    return error.strerror or str(error)

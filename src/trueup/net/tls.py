"""TLS for connections that libcurl does not make."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import lru_cache

from trueup.net.trust import FileError, authorities, trusted


@dataclass(frozen=True, slots=True)
class Tls:
    """How a connection is secured: whose certificates are trusted, which name they must bear, what we show.

    Without ``server_name`` it is the host that is connected to.
    """

    server_name: str = ""
    ca: str = ""
    insecure: bool = False
    client_certificate: str = ""
    client_key: str = ""
    alpn: tuple[str, ...] = ()

    def context(self) -> ssl.SSLContext:
        """Return the context, made once for equal settings: reading the authorities takes 10 ms.

        Raises:
            FileError: A file cannot be used.
        """
        own = authorities(self.ca).decode("ascii", "replace") if self.ca else ""
        return _context(self.ca, own, self.insecure, self.client_certificate, self.client_key, self.alpn)


@lru_cache(maxsize=64)
def _context(
    ca: str, own: str, insecure: bool, certificate: str, key: str, alpn: tuple[str, ...]
) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cafile=None if own else trusted(), cadata=own or None)
    except OSError as error:  # SSLError is one of them
        raise FileError(ca or trusted(), _reason(error)) from error
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if certificate:
        try:
            context.load_cert_chain(certificate, key or None)
        except OSError as error:
            raise FileError(certificate, _reason(error)) from error
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or str(error)).replace("_", " ").lower()
    return error.strerror or str(error)

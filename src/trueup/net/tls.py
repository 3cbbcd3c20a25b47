"""TLS for connections that libcurl does not make."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import lru_cache

from trueup.net.trust import trusted


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
            OSError: A file cannot be used.
        """
        return _context(self.ca, self.insecure, self.client_certificate, self.client_key, self.alpn)


@lru_cache(maxsize=64)
def _context(ca: str, insecure: bool, certificate: str, key: str, alpn: tuple[str, ...]) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca or trusted())
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if certificate:
        context.load_cert_chain(certificate, key or None)
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context

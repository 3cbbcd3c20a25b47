"""Whom we trust to vouch for a host: the system's certificate authorities."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import certifi

# Where Debian, Fedora, Alpine and SUSE keep the bundle that an administrator can add to.
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
)


@lru_cache(maxsize=1)
def trusted() -> str:
    """Return the file of trusted authorities: the system's, or certifi's where there is none."""
    for bundle in _BUNDLES:
        if Path(bundle).is_file():
            return bundle
    return certifi.where()

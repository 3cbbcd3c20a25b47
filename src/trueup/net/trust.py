"""Whom we trust to vouch for a host: the system's certificate authorities, or a check's own."""

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


class FileError(Exception):
    """A file of certificates or keys that cannot be used: its ``path`` and the ``reason``."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


@lru_cache(maxsize=1)
def trusted() -> str:
    """Return the file of trusted authorities: the system's, or certifi's where there is none."""
    for bundle in _BUNDLES:
        if Path(bundle).is_file():
            return bundle
    return certifi.where()


def authorities(path: str) -> bytes:
    """Return a file of authorities, read again when it has changed.

    Raises:
        FileError: It cannot be read, or holds no certificate.
    """
    found = content(path)
    if b"-----BEGIN CERTIFICATE-----" not in found:
        raise FileError(path, "it holds no certificate in PEM form")
    return found


def content(path: str) -> bytes:
    """Return what a file holds, read again when it has changed.

    Raises:
        FileError: It cannot be read.
    """
    try:
        status = Path(path).stat()
        return _read(path, status.st_mtime_ns, status.st_size)
    except OSError as error:
        raise FileError(path, error.strerror or str(error)) from error


@lru_cache(maxsize=64)
def _read(path: str, _changed_ns: int, _size: int) -> bytes:
    return Path(path).read_bytes()

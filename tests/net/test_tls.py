"""How a connection is secured: files that are renewed under the same name, and keys nobody can open."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from tests.servers.tls import Authority

from trueup.net.tls import Tls
from trueup.net.trust import FileError


def test_renewed_certificate_of_ours_is_read_again(tmp_path: Path) -> None:
    authority, shown = Authority(tmp_path), tmp_path / "shown.pem"
    shown.write_bytes(Path(authority.client("first")).read_bytes())
    tls = Tls(client_certificate=str(shown))
    before = tls.context()

    assert tls.context() is before
    shown.write_bytes(Path(authority.client("a second one")).read_bytes())
    assert tls.context() is not before


def test_key_that_is_encrypted_is_refused_and_nobody_is_asked_for_its_password(tmp_path: Path) -> None:
    pem = Path(Authority(tmp_path).client()).read_bytes()
    key = load_pem_private_key(pem, None)
    locked = tmp_path / "locked.pem"
    locked.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
        + pem[pem.index(b"-----BEGIN CERTIFICATE") :]
    )

    with pytest.raises(FileError, match=r"locked\.pem"):
        Tls(client_certificate=str(locked)).context()

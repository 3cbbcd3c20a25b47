"""Secrets at rest: a reference stays readable, everything else is encrypted with the key of a file.

A stored secret is ``{"$secret": "${NAME}"}`` or ``{"$secret": "v1:..."}``; the text inside is the one that
was written, references and all. v1 is AES-256-GCM: 12 bytes of nonce, then ciphertext and tag, in base64.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trueup.domain.reference import is_whole
from trueup.domain.spec import Secret
from trueup.store import keyfile
from trueup.store.keyfile import SealError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_MARK = "$secret"
_VERSION = "v1:"
_PURPOSE = b"trueup stored secrets v1"
_NONCE_BYTES = 12
_NAME = "the key of stored secrets"
_REMEDY = "Put back the key that belongs to this database, or name its file with TRUEUP_SECRET_KEY_FILE."


class Seal:
    """Encrypts and decrypts with the key of a file, which is read when it is first needed."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file

    @cached_property
    def _cipher(self) -> AESGCM:
        # here: who has no secret to read is spared 8 MB
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        return AESGCM(
            HKDF(SHA256(), keyfile.BYTES, salt=None, info=_PURPOSE).derive(read_key(self._key_file))
        )

    def close(self, text: str) -> str:
        """Return the encrypted form of a text; it is another one each time."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, text.encode(), _PURPOSE)
        return _VERSION + base64.urlsafe_b64encode(sealed).decode()

    def open(self, sealed: str) -> str:
        """Return the text of an encrypted form.

        Raises:
            SealError: The key is another one, the form is damaged, or of a version that is not known.
        """
        if not sealed.startswith(_VERSION):
            raise SealError(
                "a stored secret is in a form that this version of trueup does not know. Upgrade it."
            )
        from cryptography.exceptions import InvalidTag

        try:
            raw = base64.urlsafe_b64decode(sealed.removeprefix(_VERSION))
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _PURPOSE).decode()
        except (InvalidTag, ValueError, binascii.Error):
            raise SealError(
                f"a stored secret cannot be decrypted with the key in {self._key_file}: "
                f"it was encrypted with another one, or is damaged. {_REMEDY}"
            ) from None

    def pack(self, value: Any) -> Any:
        """Return options in the form in which they are stored: every ``Secret`` in it closed."""
        if isinstance(value, Secret):
            return {_MARK: value.source if is_whole(value.source) else self.close(value.source)}
        if isinstance(value, Mapping):
            return {_escaped(name): self.pack(inner) for name, inner in value.items()}
        return [self.pack(inner) for inner in value] if isinstance(value, list | tuple) else value

    def unpack(self, value: Any) -> Any:
        """Return stored options with every secret as the text it was written as; nothing is expanded.

        Raises:
            SealError: As ``open``.
        """
        if isinstance(value, dict):
            if value.keys() == {_MARK}:
                inner = str(value[_MARK])
                return Secret("", inner if is_whole(inner) else self.open(inner))
            return {name.removeprefix("$"): self.unpack(inner) for name, inner in value.items()}
        return [self.unpack(inner) for inner in value] if isinstance(value, list) else value


def ensure_key(path: Path) -> bool:
    """Make the key at the first start; return whether it was made now. An existing one is checked.

    Raises:
        SealError: It cannot be made, or what is there cannot be used.
    """
    if path.exists():
        read_key(path)
        return False
    return keyfile.make(path, secrets.token_bytes(keyfile.BYTES), _NAME)


def read_key(path: Path, user: int | None = None) -> bytes:
    """Return the key in a file, which only its owner may read: ``user``, by default who we are, or root.

    Raises:
        SealError: It is missing, unreadable, readable by others, or no key.
    """
    return keyfile.read(path, _NAME, _REMEDY, user)


def _escaped(name: str) -> str:
    return "$" + name if name.startswith("$") else name

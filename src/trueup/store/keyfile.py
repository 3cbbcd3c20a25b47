"""Keys in files: 32 bytes in base64, for their owner alone, made once and never half."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from pathlib import Path

BYTES = 32


class SealError(Exception):
    """A key or a stored secret that cannot be used: what, why and what to do, without either's value."""


def make(path: Path, key: bytes, what: str) -> bool:
    """Write a new key to a file; return False where another process was first. It is on the disk then.

    Args:
        path: The file; its directory is made for its owner alone.
        key: The bytes.
        what: The key in the words of an error, such as ``the key of stored secrets``.

    Raises:
        SealError: It cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _written(path, key)
    except OSError as error:
        raise SealError(f"{what} cannot be made at {path}: {error.strerror}.") from error


def read(path: Path, what: str, remedy: str, user: int | None = None) -> bytes:
    """Return the key in a file, which only its owner may read: ``user``, by default who we are, or root.

    Raises:
        SealError: It is missing, unreadable, readable by others, or no key.
    """
    try:
        with path.open("rb") as file:
            facts = os.fstat(file.fileno())
            text = file.read(200)
    except FileNotFoundError:
        raise SealError(f"{what} is not at {path}. {remedy}") from None
    except OSError as error:
        raise SealError(f"{what} at {path} cannot be read: {error.strerror}.") from None
    if (os.geteuid() if user is None else user) not in (0, facts.st_uid):
        raise SealError(f"the key at {path} belongs to another user. Run: chown $(id -un) {path}")
    if stat.S_IMODE(facts.st_mode) & 0o077:
        mode = f"{stat.S_IMODE(facts.st_mode):04o}"
        raise SealError(f"the key at {path} can be read by others (mode {mode}). Run: chmod 600 {path}")
    try:
        key = base64.urlsafe_b64decode(text.strip())
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != BYTES:
        raise SealError(f"{path} holds no key of trueup ({BYTES} bytes in base64). {remedy}")
    return key


def _written(path: Path, key: bytes) -> bool:
    new = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(base64.urlsafe_b64encode(key) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(new, path)
    except FileExistsError:
        return False  # another process was first; nobody reads half a key
    finally:
        new.unlink(missing_ok=True)
    return True

"""Write tokens: their digest, what they may do, when they were used last."""

from __future__ import annotations

import hashlib
import secrets
import string
from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Q

from trueup.store.clock import at
from trueup.store.models import Page, Token

MARK = "trueup"  # before every token, so that people and scanners of secrets know one when they see it
PREFIX = 8  # characters
_SECRET = 32
_PREFIX_OF = string.ascii_lowercase + string.digits
_SECRET_OF = string.ascii_letters + string.digits
_USED_US = 60_000_000  # between two notes of the last use


class Minted(NamedTuple):
    """A new token; ``raw`` is what its owner shows, and is known to nobody else."""

    public_id: str
    prefix: str
    raw: str


def mint(
    name: str, scopes: Sequence[str], *, page: str | None, expires_us: int | None, by: str, now_us: int
) -> Minted:
    """Store a new token; ``page`` is the slug of the only page that it opens, None for all."""
    prefix = "".join(secrets.choice(_PREFIX_OF) for _ in range(PREFIX))
    raw = f"{MARK}_{prefix}_{''.join(secrets.choice(_SECRET_OF) for _ in range(_SECRET))}"
    row = Token.objects.create(
        name=name,
        digest=digest(raw),
        prefix=prefix,
        scopes=list(scopes),
        page=None if page is None else Page.objects.get(slug=page),
        created_by=by,
        created_at=at(now_us),
        expires_at=None if expires_us is None else at(expires_us),
    )
    return Minted(row.public_id, prefix, raw)


def digest(raw: str) -> str:
    """Return what is kept of a token: SHA-256, 64 hexadecimal digits.

    A fast digest is enough: nobody tries out 190 random bits, and it is made anew for each request.
    """
    return hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()


def revoke(public_id: str, now_us: int) -> bool:
    """Let a token open nothing from now on; return False where that is so already."""
    rows = Token.objects.filter(public_id=public_id, revoked_at__isnull=True)
    return bool(rows.update(revoked_at=at(now_us)))


def note_use(token: int, now_us: int) -> None:
    """Note that a token, by id, was used; at most once a minute, or reading would be writing."""
    stale = Q(used_at__isnull=True) | Q(used_at__lte=at(now_us - _USED_US))
    Token.objects.filter(stale, id=token).update(used_at=at(now_us))

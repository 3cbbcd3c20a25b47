"""Write subscribers: their address sealed, a salted hash of it for the log, a hash of their token."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from typing import NamedTuple

from trueup.store.clock import at
from trueup.store.models import Page, Subscriber
from trueup.store.seal import Seal


class Added(NamedTuple):
    """A new subscriber; the token is known to nobody but who is told it now."""

    public_id: str
    fingerprint: str
    token: str


def add(page: str, kind: str, address: str, components: Sequence[str], seal: Seal, now_us: int) -> Added:
    """Store a subscriber of a page, by its slug, not confirmed yet; ``components`` are public ids."""
    salt, token = secrets.token_hex(16), secrets.token_urlsafe(32)
    row = Subscriber.objects.create(
        page=Page.objects.get(slug=page, archived_at__isnull=True),
        kind=kind,
        address=seal.close(address),
        fingerprint=fingerprint(salt, address),
        salt=salt,
        components=list(components),
        token_hash=_hash(token),
        created_at=at(now_us),
    )
    return Added(row.public_id, row.fingerprint, token)


def confirm(public_id: str, now_us: int) -> bool:
    """Note that somebody wants it, once; return False where that is known, or it has ended."""
    rows = Subscriber.objects.filter(public_id=public_id, confirmed_at__isnull=True, ended_at__isnull=True)
    return bool(rows.update(confirmed_at=at(now_us)))


def end(public_id: str, now_us: int) -> bool:
    """End a subscription; return False where it has ended."""
    rows = Subscriber.objects.filter(public_id=public_id, ended_at__isnull=True)
    return bool(rows.update(ended_at=at(now_us)))


def erase(public_id: str, now_us: int) -> bool:
    """Forget the address and what could prove it, and end the subscription; return False where it is so.

    The fingerprint stays, without its salt: nobody can find the address from it, and the log still holds.
    """
    end(public_id, now_us)
    rows = Subscriber.objects.filter(public_id=public_id, erased_at__isnull=True)
    return bool(rows.update(address="", salt="", token_hash="", erased_at=at(now_us)))


def fingerprint(salt: str, address: str) -> str:
    """Return the salted hash of an address, in lower case, 64 hexadecimal digits."""
    return _hash(f"{salt}:{address.strip().casefold()}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

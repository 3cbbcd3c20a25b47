"""Who wants to hear of a page."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from trueup.store.models import Subscriber
from trueup.store.seal import Seal
from trueup.store.write.subscriber import fingerprint


@dataclass(frozen=True, slots=True)
class SubscriberRow:
    """One subscriber; ``sealed`` is the address as it is stored, empty once it is erased."""

    public_id: str
    page: str  # its slug
    kind: str
    sealed: str
    fingerprint: str
    components: Sequence[str]
    created_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None
    erased_at: datetime | None

    @property
    def status(self) -> str:
        """Return where it stands: waiting, confirmed, ended or erased."""
        if self.erased_at is not None:
            return "erased"
        if self.ended_at is not None:
            return "ended"
        return "waiting" if self.confirmed_at is None else "confirmed"


def of_page(page: str = "", *, living: bool = False) -> list[SubscriberRow]:
    """Return the subscribers of a page by its slug, or of all, the oldest first; or those confirmed."""
    rows = Subscriber.objects.order_by("id")
    if page:
        rows = rows.filter(page__slug=page)
    if living:
        rows = rows.filter(confirmed_at__isnull=False, ended_at__isnull=True)
    return _rows(rows)


def find(public_id: str) -> SubscriberRow | None:
    """Return one by its public id."""
    rows = _rows(Subscriber.objects.filter(public_id=public_id))
    return rows[0] if rows else None


def by_token(token: str) -> SubscriberRow | None:
    """Return the one whose token it is."""
    hashed = hashlib.sha256(token.encode()).hexdigest()
    rows = _rows(Subscriber.objects.filter(token_hash=hashed))
    return rows[0] if rows else None


def subscribed(page: str, kind: str, address: str) -> str | None:
    """Return the public id of the subscription of an address to a page, None where none goes on."""
    rows = Subscriber.objects.filter(page__slug=page, kind=kind, ended_at__isnull=True)
    for public_id, salt, known in rows.values_list("public_id", "salt", "fingerprint").iterator(2_000):
        if fingerprint(salt, address) == known:
            return str(public_id)
    return None


def address(row: SubscriberRow, seal: Seal) -> str:
    """Return the address of a subscriber, empty once it is erased.

    Raises:
        SealError: It cannot be decrypted.
    """
    return seal.open(row.sealed) if row.sealed else ""


def _rows(rows: QuerySet[Subscriber]) -> list[SubscriberRow]:
    columns = (
        "public_id", "page__slug", "kind", "address", "fingerprint", "components", "created_at",
        "confirmed_at", "ended_at", "erased_at",
    )  # fmt: skip
    return [SubscriberRow(*row) for row in rows.values_list(*columns)]

"""The public halves of the keys that sign statements, old ones too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trueup.store.models import SigningKey


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key that signs, or has signed until ``retired_at``; ``public`` in base64."""

    key_id: str
    public: str
    created_at: datetime
    retired_at: datetime | None


def all_keys() -> list[KeyRow]:
    """Return all keys, the newest first."""
    rows = SigningKey.objects.order_by("-created_at", "key_id")
    return [KeyRow(row.key_id, row.public, row.created_at, row.retired_at) for row in rows]


def current() -> KeyRow | None:
    """Return the key that signs, None where there is none yet."""
    return next((each for each in all_keys() if each.retired_at is None), None)

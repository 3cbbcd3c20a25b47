"""Note the public halves of signing keys; one signs at a time, and none is ever forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from trueup.store.models import SigningKey

_LOCK = 0x74727567  # any number that nothing else locks
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@contextmanager
def held() -> Iterator[None]:
    """Hold the keys in a transaction: whoever else would change them waits until it has ended."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            else:
                # A host project may open its transactions without the right to write: this takes it.
                cursor.execute("UPDATE trueup_signingkey SET retired_at = retired_at WHERE 0")
        yield


def add(key_id: str, public: str, now_us: int) -> None:
    """Note a new key, which signs from now on; call it while the keys are ``held``.

    Args:
        key_id: Its name.
        public: Its public half, in base64.
        now_us: When, in microseconds UTC.
    """
    at = _EPOCH + timedelta(microseconds=now_us)
    SigningKey.objects.filter(retired_at__isnull=True).update(retired_at=at)
    SigningKey.objects.create(key_id=key_id, public=public, created_at=at)

"""Append to the log of what people did; nothing else ever happens to it."""

from __future__ import annotations

from django.db import connection, transaction

from trueup.domain.audit import Entry, digest, plain
from trueup.store.models import AuditEntry

_LOCK = 0x74727566  # any number that nothing else locks
_MOST = {"who": 150, "verb": 40, "noun": 40, "subject": 120, "source": 200}  # characters of the columns


def append(entry: Entry) -> str:
    """Append an entry in the transaction of the caller and return its digest.

    Only one transaction appends at a time; the others wait until it has ended.
    """
    held = {name: getattr(entry, name)[:most] for name, most in _MOST.items()}
    kept = Entry(
        at_us=entry.at_us,
        before=plain(entry.before),
        after=plain(entry.after),
        **{name: plain(text) for name, text in held.items()},
    )
    with transaction.atomic():
        _lock()
        previous = AuditEntry.objects.order_by("-id").values_list("digest", flat=True).first() or ""
        made = digest(kept, previous)
        AuditEntry.objects.create(
            at_us=kept.at_us,
            who=kept.who,
            verb=kept.verb,
            noun=kept.noun,
            subject=kept.subject,
            before=kept.before,
            after=kept.after,
            source=kept.source,
            previous_digest=previous,
            digest=made,
        )
    return made


def _lock() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        else:
            # A host project may open its transactions without the right to write: this takes it.
            cursor.execute("UPDATE trueup_auditentry SET id = id WHERE 0")

"""Record who did what, in the transaction of what was done."""

from __future__ import annotations

from typing import Any

from trueup.domain.audit import Entry
from trueup.store.write import audit as write


def record(
    who: str, verb: str, noun: str, subject: str, before: Any, after: Any, source: str, now_us: int
) -> str:
    """Append one entry to the audit log, in the transaction of the caller, and return its digest.

    Call it once for each thing that people do, last in the transaction that does it: other writers of the
    log wait until that has ended. Secrets are masked; numbers that are not whole become text.

    Args:
        who: Who acts, as ``access.who`` says it.
        verb: What is done: ``apply``, ``pause``, ``approve``.
        noun: To what: ``config``, ``check``, ``exclusion``.
        subject: Its public id or slug; the log never holds an address of a person.
        before: What changed, as it was: JSON, dataclasses; None for what is new.
        after: What changed, as it is now; None for what is gone.
        source: From where: a host, a file, an address.
        now_us: When, in microseconds UTC.
    """
    entry = Entry(
        at_us=now_us,
        who=who,
        verb=verb,
        noun=noun,
        subject=subject,
        before=before,
        after=after,
        source=source,
    )
    return write.append(entry)

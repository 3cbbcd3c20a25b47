"""Record who did what, in the transaction of what was done."""

from __future__ import annotations

from typing import Any, NamedTuple

from trueup.domain.audit import Entry
from trueup.domain.chain import Fault, faults
from trueup.store.read import audit as read
from trueup.store.write import audit as write


class Verdict(NamedTuple):
    """What became of the log: how many entries, the newest digest, all that does not hold."""

    entries: int
    digest: str
    faults: tuple[Fault, ...]
    missing: bool  # no entry has the digest that was asked for

    @property
    def holds(self) -> bool:
        """Return whether nothing is wrong."""
        return not self.faults and not self.missing


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


def verify(known: str = "") -> Verdict:
    """Check the chain of the audit log.

    Args:
        known: A digest that somebody kept; where no entry has it, the log was made anew or cut off.
    """
    links = read.links()
    found = faults(links)
    missing = bool(known) and all(each.digest != known for each in links)
    return Verdict(len(links), links[-1].digest if links else "", tuple(found), missing)

"""Append a statement to the chain of its contract; nothing else ever happens to one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from trueup.store.models import Contract, Statement

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Link(NamedTuple):
    """The end of a chain: the number and the digest of its newest statement; 0 and empty before the first."""

    seq: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStatement:
    """A statement as it is stored; instants in microseconds UTC, documents as canonical JSON."""

    public_id: str
    contract_id: int
    version_id: int
    seq: int
    period: str
    start_us: int
    end_us: int
    revision: int
    supersedes_id: int | None
    reason: str
    kernel: int
    inputs: str
    document: str
    digest: str
    previous_digest: str
    key_id: str
    signature: str
    built_us: int


@contextmanager
def chain(contract_id: int) -> Iterator[Link]:
    """Hold the chain of a contract in a transaction and give its end; whoever else would append waits."""
    with transaction.atomic():
        Contract.objects.select_for_update().filter(id=contract_id).values_list("id").first()
        newest = Statement.objects.filter(contract_id=contract_id).order_by("-seq").first()
        yield Link(0, "") if newest is None else Link(newest.seq, newest.digest)


def append(new: NewStatement) -> int:
    """Append a statement, while its chain is held, and return its row's id.

    Raises:
        IntegrityError: Another process has appended this very one.
    """
    at = _EPOCH + timedelta(microseconds=new.built_us)
    left_out = ("contract_id", "built_us")
    values = {name: getattr(new, name) for name in new.__dataclass_fields__ if name not in left_out}
    row = Statement(contract_id=new.contract_id, created_at=at, **values)
    row.save(force_insert=True)
    return row.id

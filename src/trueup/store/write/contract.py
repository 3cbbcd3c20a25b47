"""Write versions of contracts: what a contract says from an instant on. Nothing is changed or deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Max

from trueup.domain.versions import digest
from trueup.store.models import Component, ContractVersion

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def add_version(
    contract_id: int,
    document: Mapping[str, Any],
    valid_from_us: int,
    now_us: int,
    *,
    split: bool = False,
    by: str = "",
    replaces: Iterable[int] = (),
) -> int:
    """Add a version in the transaction of its configuration, and return its number.

    The ids of its components are written beside their slugs, so that it stays true when they are renamed.

    Args:
        contract_id: The id of the contract's row.
        document: The whole contract, expanded and validated.
        valid_from_us: From when on it holds, microseconds UTC.
        now_us: When it was written.
        split: Whether it may begin inside a window.
        by: Who wrote it.
        replaces: The numbers of versions that it replaces.
    """
    supersede(contract_id, replaces, now_us)
    last = ContractVersion.objects.filter(contract_id=contract_id).aggregate(Max("number"))["number__max"]
    whole = {**document, "component_ids": _ids(document["components"])}
    row = ContractVersion.objects.create(
        contract_id=contract_id,
        number=(last or 0) + 1,
        valid_from_us=valid_from_us,
        document=whole,
        digest=digest(whole),
        split=split,
        created_at=_at(now_us),
        by=by[:150],
    )
    return row.number


def supersede(contract_id: int, numbers: Iterable[int], now_us: int) -> None:
    """Take back versions, by number, that closed no window yet."""
    rows = ContractVersion.objects.filter(contract_id=contract_id, number__in=list(numbers))
    rows.filter(superseded_at__isnull=True).update(superseded_at=_at(now_us))


def _ids(slugs: Iterable[str]) -> list[str]:
    wanted = list(slugs)
    known = dict(Component.objects.filter(slug__in=wanted).values_list("slug", "public_id"))
    return [known[slug] for slug in wanted]


def _at(now_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=now_us)

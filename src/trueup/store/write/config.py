"""Write what is configured: rows with an identity, revisions with the instant from which they hold.

Every function belongs into the transaction of one applied configuration. Nothing is deleted here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet

from trueup.domain.spec import ChannelSpec, CheckSpec, ComponentSpec, ContractSpec, SiteSpec
from trueup.store.models import (
    Channel,
    Check,
    CheckRevision,
    Component,
    ConfigRevision,
    Contract,
    Region,
    Series,
    Site,
)
from trueup.store.seal import Seal
from trueup.store.write import ledger

FILE, HAND = "file", "hand"  # who manages a row: the configuration file, or people one by one

_LOCK = 0x74727565  # any number that nothing else locks
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def lock() -> None:
    """Make a second configuration wait until this transaction has ended."""
    # an SQLite transaction that may write is the only one anyway
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def write_site(spec: SiteSpec) -> None:
    """Write what the installation is called."""
    Site.objects.update_or_create(id=1, defaults={**asdict(spec), "witnesses": list(spec.witnesses)})


def create_components(specs: Iterable[ComponentSpec], now_us: int, managed: str = FILE) -> dict[str, int]:
    """Write new components and return their ids by slug."""
    rows = Component.objects.bulk_create(
        Component(**_component_fields(spec, managed), created_at=_at(now_us)) for spec in specs
    )
    return {row.slug: row.id for row in rows}


def write_component(row: int, spec: ComponentSpec, managed: str = FILE) -> None:
    """Write a component that exists, by id; an archived one is there again."""
    Component.objects.filter(id=row).update(**_component_fields(spec, managed), archived_at=None)


def write_order(components: Mapping[str, int], checks: Mapping[str, int]) -> None:
    """Write the positions of components and checks, by slug, where they are others."""
    for rows, positions in ((Component.objects.all(), components), (Check.objects.all(), checks)):
        _reorder(rows, positions)


def create_checks(
    wanted: Sequence[tuple[int, CheckSpec]], now_us: int, seal: Seal, managed: str = FILE
) -> None:
    """Write new checks, each with the id of its component, and open their series and ledgers."""
    checks = Check.objects.bulk_create(
        Check(**_check_fields(owner, spec, managed), created_at=_at(now_us)) for owner, spec in wanted
    )
    CheckRevision.objects.bulk_create(
        _revision(check.id, 1, spec, now_us, seal) for check, (_, spec) in zip(checks, wanted, strict=True)
    )
    regions = [_region(slug, now_us) for slug in (Region.LOCAL, Region.VERDICT)]
    series = Series.objects.bulk_create(
        Series(owner=check, region=region, created_us=now_us) for check in checks for region in regions
    )
    ledger.open_series((each.id for each in series), now_us)


def write_check(row: int, owner: int, spec: CheckSpec, managed: str = FILE) -> None:
    """Write a check that exists, by id; what it asks is its revision's matter."""
    Check.objects.filter(id=row).update(**_check_fields(owner, spec, managed))


def revise_check(row: int, spec: CheckSpec, now_us: int, seal: Seal) -> None:
    """Write what a check, by id, asks from an instant on."""
    last = CheckRevision.objects.filter(owner_id=row).order_by("-number").first()
    number, since_us = (last.number + 1, max(now_us, last.valid_from_us)) if last else (1, now_us)
    _revision(row, number, spec, since_us, seal).save(force_insert=True)


def archive_checks(rows: Iterable[int], now_us: int) -> None:
    """Archive checks, by id: their ledgers are paused from an instant on and stay."""
    ids = list(rows)
    Check.objects.filter(id__in=ids).update(archived_at=_at(now_us))
    ledger.archive(ids, now_us)


def restore_checks(rows: Iterable[int], now_us: int) -> None:
    """Let archived checks, by id, run again: unknown from an instant on, until they are probed."""
    ids = list(rows)
    Check.objects.filter(id__in=ids).update(archived_at=None)
    ledger.resume(ids, now_us)


def archive_components(rows: Iterable[int], now_us: int) -> None:
    """Archive components, by id; their checks are archived by themselves."""
    Component.objects.filter(id__in=list(rows)).update(archived_at=_at(now_us))


def write_contract(row: int | None, spec: ContractSpec, now_us: int, managed: str = FILE) -> int:
    """Write a contract, a new one where there is no id, and return its id; its versions are written apart."""
    fields = {"slug": spec.slug, "name": spec.name, "document": dict(spec.document), "managed": managed}
    if row is None:
        return Contract.objects.create(**fields, created_at=_at(now_us)).id
    Contract.objects.filter(id=row).update(**fields, archived_at=None)
    return row


def write_channel(row: int | None, spec: ChannelSpec, now_us: int, seal: Seal, managed: str = FILE) -> None:
    """Write a channel, a new one where there is no id."""
    options = seal.pack(spec.options)
    fields = {"slug": spec.slug, "kind": spec.kind, "options": options, "managed": managed}
    if row is None:
        Channel.objects.create(**fields, created_at=_at(now_us))
    else:
        Channel.objects.filter(id=row).update(**fields, archived_at=None)


def archive_contracts(rows: Iterable[int], now_us: int) -> None:
    """Archive contracts, by id."""
    Contract.objects.filter(id__in=list(rows)).update(archived_at=_at(now_us))


def archive_channels(rows: Iterable[int], now_us: int) -> None:
    """Archive channels, by id."""
    Channel.objects.filter(id__in=list(rows)).update(archived_at=_at(now_us))


def hand_over(noun: str, rows: Iterable[int]) -> None:
    """Let components, checks, contracts or channels, by id, be there and managed by hand from now on."""
    models: dict[str, type[Model]] = {
        "component": Component, "check": Check, "contract": Contract, "channel": Channel
    }  # fmt: skip
    models[noun]._default_manager.filter(pk__in=list(rows)).update(managed=HAND, archived_at=None)


def add_revision(source: str, digest: str, now_us: int) -> int:
    """Note that a configuration was applied and return its id."""
    return ConfigRevision.objects.create(applied_at=_at(now_us), source=source[:500], digest=digest).id


def _reorder(rows: QuerySet[Any], positions: Mapping[str, int]) -> None:
    misplaced = [row for row in rows if row.position != positions.get(row.slug, row.position)]
    for row in misplaced:
        row.position = positions[row.slug]
    rows.bulk_update(misplaced, ["position"], batch_size=500)


def _component_fields(spec: ComponentSpec, managed: str) -> dict[str, Any]:
    return {
        "slug": spec.slug,
        "name": spec.name,
        "description": spec.description,
        "down_when": spec.down_when,
        "managed": managed,
    }


def _check_fields(owner: int, spec: CheckSpec, managed: str) -> dict[str, Any]:
    return {
        "slug": spec.slug,
        "name": spec.name,
        "counts": spec.counts,
        "tags": list(spec.tags),
        "component_id": owner,
        "managed": managed,
    }


def _revision(check: int, number: int, spec: CheckSpec, since_us: int, seal: Seal) -> CheckRevision:
    return CheckRevision(
        owner_id=check,
        number=number,
        valid_from_us=since_us,
        kind=spec.kind,
        target=spec.target,
        options=seal.pack(spec.options),
        interval_us=spec.interval_us,
        timeout_us=spec.timeout_us,
        confirm=spec.confirm,
        recover=spec.recover,
        expect=list(spec.expect),
        degraded_when=list(spec.degraded_when),
    )


def _region(slug: str, now_us: int) -> Region:
    return Region.objects.get_or_create(slug=slug, defaults={"created_at": _at(now_us)})[0]


def _at(now_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=now_us)

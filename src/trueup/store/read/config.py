"""What is configured: as the engine needs it, and as the next configuration is compared with it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar

from django.db.models import Max, Min, OuterRef, QuerySet, Subquery

from trueup import conf
from trueup.domain.reference import MissingVariableError, expand
from trueup.domain.spec import ChannelSpec, CheckSpec, ComponentSpec, ContractSpec, PageSpec, Secret, SiteSpec
from trueup.store.models import (
    Channel,
    Check,
    CheckRevision,
    Component,
    ConfigRevision,
    Contract,
    Region,
    Series,
    SeriesState,
    Site,
)
from trueup.store.read import page
from trueup.store.read.contract import VersionRow, by_contract
from trueup.store.seal import Seal

_AT_A_TIME = 500  # rows in memory: what is freed in pieces is used again
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _UnresolvedError(Exception):
    """A stored secret refers to an environment variable that this process does not have."""


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check as the engine asks it; options hold their secrets with values.

    Where a secret has no value here, ``unusable`` says why, and the check has no options at all.
    """

    check_id: int
    check_uuid: uuid.UUID
    component: str  # its slug
    slug: str
    name: str
    series: int  # in the region local
    verdict: int  # its series over all regions
    revision: int  # id of the CheckRevision
    number: int  # of that revision, from 1
    valid_from_us: int
    kind: str
    target: str
    options: Mapping[str, Any]
    interval_us: int
    timeout_us: int
    confirm: int
    recover: int
    expect: tuple[str, ...]
    degraded_when: tuple[str, ...]
    paused: bool
    unusable: str = ""


S = TypeVar("S")


@dataclass(frozen=True)
class Stored(Generic[S]):
    """One row as a configuration would say it; instants in microseconds UTC."""

    id: int
    spec: S
    archived: bool
    by_file: bool  # else people made it by hand, and no file archives it
    position: int = 0
    owner: int = 0  # of a check: the id of its component
    has_history: bool = False  # something was measured
    since_us: int | None = None  # from when on it has a ledger
    archived_us: int | None = None
    revision: int = 0  # of a check: the number of its newest revision


@dataclass(frozen=True)
class Current:
    """All that is configured, archived rows too, by slug; secrets are not expanded."""

    site: SiteSpec | None = None
    components: Mapping[str, Stored[ComponentSpec]] = field(default_factory=dict)
    checks: Mapping[str, Stored[CheckSpec]] = field(default_factory=dict)
    contracts: Mapping[str, Stored[ContractSpec]] = field(default_factory=dict)
    channels: Mapping[str, Stored[ChannelSpec]] = field(default_factory=dict)
    pages: Mapping[str, Stored[PageSpec]] = field(default_factory=dict)
    versions: Mapping[int, tuple[VersionRow, ...]] = field(default_factory=dict)  # by contract id
    public_ids: Mapping[int, str] = field(default_factory=dict)  # of components, by id
    watched: Mapping[int, int] = field(default_factory=dict)  # components: since when they have a ledger


def config_revision() -> int:
    """Return the newest applied configuration, by id; 0 before the first."""
    return ConfigRevision.objects.aggregate(Max("id"))["id__max"] or 0


def last_digest() -> str:
    """Return the digest of the file that was applied last, empty before the first."""
    return ConfigRevision.objects.order_by("-id").values_list("digest", flat=True).first() or ""


def assignments(environ: Mapping[str, str] | None = None, key_file: Path | None = None) -> Iterator[CheckRow]:
    """Yield every check that is not archived, with its newest revision, in the order of their ids.

    Args:
        environ: What references in secrets stand for; this process's environment by default.
        key_file: The key of encrypted secrets; the one of the settings by default.

    One check whose secret refers to a variable that is not set keeps no other from being asked: its
    row is ``unusable``.

    Raises:
        SealError: A secret cannot be decrypted.
    """
    environ = conf.environment() if environ is None else environ
    seal = Seal(key_file or conf.current().key_file)
    series = _series()
    for each in _newest_revisions().filter(owner__archived_at__isnull=True).iterator(_AT_A_TIME):
        yield CheckRow(
            check_id=each.owner_id,
            check_uuid=each.owner.uuid,
            component=each.owner.component.slug,
            slug=each.owner.slug,
            name=each.owner.name,
            series=series[each.owner_id, Region.LOCAL],
            verdict=series[each.owner_id, Region.VERDICT],
            revision=each.id,
            number=each.number,
            valid_from_us=each.valid_from_us,
            paused=each.owner.paused_us is not None,
            **_usable(seal.unpack(each.options), environ),
            **_asked(each),
        )


def current(seal: Seal) -> Current:
    """Return what the next configuration is compared with.

    Raises:
        SealError: A stored secret cannot be decrypted.
    """
    site = Site.objects.order_by("id").first()
    measured = set(SeriesState.objects.filter(results__gt=0).values_list("series__owner_id", flat=True))
    since = dict(Series.objects.values_list("owner_id").annotate(Min("created_us")))
    checks = {row.owner.slug: _check(row, seal, measured, since) for row in _newest_revisions()}
    measured_in: dict[int, list[Stored[CheckSpec]]] = {}
    for each in checks.values():
        if each.has_history:
            measured_in.setdefault(each.owner, []).append(each)
    return Current(
        site=None if site is None else _site(site),
        components={
            each.slug: _component(each, measured_in.get(each.id, [])) for each in Component.objects.all()
        },
        checks=checks,
        contracts=_contracts(),
        channels=_channels(seal),
        pages=_pages(seal),
        versions=by_contract(),
        public_ids=dict(Component.objects.values_list("id", "public_id")),
        watched=_watched(),
    )


def _contracts() -> dict[str, Stored[ContractSpec]]:
    return {
        each.slug: Stored(
            each.id,
            ContractSpec(each.slug, each.name, each.document),
            each.archived_at is not None,
            each.managed == "file",
            since_us=_us(each.created_at),
            archived_us=_us(each.archived_at),
        )
        for each in Contract.objects.all()
    }


def _channels(seal: Seal) -> dict[str, Stored[ChannelSpec]]:
    return {
        each.slug: Stored(
            each.id,
            ChannelSpec(each.slug, each.kind, seal.unpack(each.options)),
            each.archived_at is not None,
            each.managed == "file",
            archived_us=_us(each.archived_at),
        )
        for each in Channel.objects.all()
    }


def _pages(seal: Seal) -> dict[str, Stored[PageSpec]]:
    return {
        each.spec.slug: Stored(
            each.id,
            each.spec,
            each.archived_us is not None,
            each.by_file,
            each.spec.position,
            archived_us=each.archived_us,
        )
        for each in page.configured(seal)
    }


def _watched() -> dict[int, int]:
    """Return since when each component has a ledger: the first of its checks that count."""
    rows = Series.objects.filter(owner__counts=True).values_list("owner__component_id")
    return dict(rows.annotate(Min("created_us")))


def _newest_revisions() -> QuerySet[CheckRevision]:
    newest = CheckRevision.objects.filter(owner=OuterRef("owner")).order_by("-number").values("number")[:1]
    rows = CheckRevision.objects.filter(number=Subquery(newest))
    return rows.select_related("owner__component").order_by("owner_id")


def _series() -> dict[tuple[int, str], int]:
    rows = Series.objects.filter(region__slug__in=(Region.LOCAL, Region.VERDICT))
    return {
        (owner, region): each for each, owner, region in rows.values_list("id", "owner_id", "region__slug")
    }


def _asked(row: CheckRevision) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "target": row.target,
        "interval_us": row.interval_us,
        "timeout_us": row.timeout_us,
        "confirm": row.confirm,
        "recover": row.recover,
        "expect": tuple(row.expect),
        "degraded_when": tuple(row.degraded_when),
    }


def _check(row: CheckRevision, seal: Seal, measured: set[int], since: Mapping[int, int]) -> Stored[CheckSpec]:
    check: Check = row.owner
    spec = CheckSpec(
        slug=check.slug,
        name=check.name,
        counts=check.counts,
        tags=tuple(check.tags),
        options=seal.unpack(row.options),
        **_asked(row),
    )
    return Stored(
        id=check.id,
        spec=spec,
        archived=check.archived_at is not None,
        by_file=check.managed == "file",
        position=check.position,
        owner=check.component_id,
        has_history=check.id in measured,
        since_us=since.get(check.id),
        archived_us=_us(check.archived_at),
        revision=row.number,
    )


def _component(row: Component, measured: Iterable[Stored[CheckSpec]]) -> Stored[ComponentSpec]:
    begun = [each.since_us for each in measured if each.since_us is not None]
    spec = ComponentSpec(row.slug, row.name, (), row.description, row.down_when)
    return Stored(
        id=row.id,
        spec=spec,
        archived=row.archived_at is not None,
        by_file=row.managed == "file",
        position=row.position,
        has_history=bool(begun),
        since_us=min(begun, default=None),
        archived_us=_us(row.archived_at),
    )


def _site(row: Site) -> SiteSpec:
    return SiteSpec(row.name, row.url, row.timezone, row.contact, tuple(row.witnesses))


def _us(at: datetime | None) -> int | None:
    return None if at is None else (at - _EPOCH) // timedelta(microseconds=1)


def _usable(options: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the options with the values of their secrets, or none and the reason."""
    try:
        return {"options": {name: _resolved(value, environ, name) for name, value in options.items()}}
    except _UnresolvedError as error:
        return {"options": {}, "unusable": str(error)}


def _resolved(value: Any, environ: Mapping[str, str], name: str) -> Any:
    if isinstance(value, Secret):
        source = value.source
        try:
            return Secret(expand(source, environ), source if "${" in source else "")
        except MissingVariableError as missing:
            raise _UnresolvedError(
                f"its option {name} refers to the environment variable {missing.name}, "
                "which is not set here. Set it where trueup is started."
            ) from None
    if isinstance(value, dict):
        return {key: _resolved(inner, environ, name) for key, inner in value.items()}
    return [_resolved(inner, environ, name) for inner in value] if isinstance(value, list) else value

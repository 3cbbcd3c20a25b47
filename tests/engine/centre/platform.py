"""A small platform for tests of the centre: components, checks and series, without configuration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from trueup.domain.result import Detail, FailureClass, Phases, Result, State
from trueup.domain.text import Text
from trueup.store.models import Check, CheckRevision, Component, Region, Series
from trueup.store.write.ledger import open_series

S = 1_000_000
MINUTE = 60 * S
T0 = 1_800_000_000 * S  # the instant at which everything begins
AT = datetime.fromtimestamp(T0 // S, UTC)


@dataclass(frozen=True)
class Made:
    """One check with its series."""

    check: Check
    series: int
    verdict: int


def make_check(
    slug: str = "api",
    *,
    interval_s: float = 60,
    timeout_s: float = 10,
    confirm: int = 2,
    recover: int = 1,
    now_us: int = T0,
    verdict: bool = True,
) -> Made:
    """Create a check with one revision, and open its ledgers."""
    component, _ = Component.objects.get_or_create(
        slug="component", defaults={"name": "Component", "created_at": AT}
    )
    check = Check.objects.create(component=component, slug=slug, name=slug, created_at=AT)
    revise(check, 1, now_us, interval_s=interval_s, timeout_s=timeout_s, confirm=confirm, recover=recover)
    ids = []
    for name in (Region.LOCAL, Region.VERDICT)[: 1 + verdict]:
        region, _ = Region.objects.get_or_create(slug=name, defaults={"created_at": AT})
        ids.append(Series.objects.create(owner=check, region=region, created_us=now_us).id)
    open_series(ids, now_us)
    return Made(check, ids[0], ids[-1])


def revise(
    check: Check,
    number: int,
    valid_from_us: int,
    *,
    interval_s: float = 60,
    timeout_s: float = 10,
    confirm: int = 2,
    recover: int = 1,
) -> None:
    """Give a check a revision."""
    CheckRevision.objects.create(
        owner=check,
        number=number,
        valid_from_us=valid_from_us,
        kind="http",
        target="http://127.0.0.1/",
        interval_us=int(interval_s * S),
        timeout_us=int(timeout_s * S),
        confirm=confirm,
        recover=recover,
    )


def result(
    series: int,
    at_s: float,
    state: State = State.UP,
    *,
    duration_us: int = 12_345,
    number: int = 0,
    epoch: int = 0,
    before: Result | None = None,
) -> Result:
    """Return a result asked so many seconds after ``T0``; one that is not up tells why."""
    asked_us = T0 + round(at_s * 1000) * 1000
    failing = state in (State.DOWN, State.DEGRADED)
    cause = FailureClass.TIMEOUT if failing else FailureClass.WITHDRAWN if state is State.UNKNOWN else None
    text = Text("timeout", {"at": at_s}) if failing else None
    return Result(
        series=series,
        slot=asked_us // S,
        number=number,
        epoch=epoch,
        asked_us=asked_us,
        duration_us=duration_us,
        state=state,
        cause=cause,
        status=0 if failing else 200,
        phases=Phases(connect_us=duration_us // 4, wait_us=duration_us // 2),
        detail=Detail(address="127.0.0.1", text=text) if failing or before else None,
        before=before,
    )

"""Heartbeats for tests of the centre, and their calls."""

from __future__ import annotations

from tests.engine.centre.platform import AT, T0, Made, S

from trueup.engine.centre.awaited import PATIENCE_US
from trueup.engine.centre.ingest import Centre
from trueup.store.models import Check, CheckRevision, Component, Region, Series
from trueup.store.write import ledger as write_ledger
from trueup.store.write.beat import add

HOUR = 3600
GRACE = 300


def heartbeat(slug: str = "backup", degraded_when: tuple[str, ...] = (), **options: str) -> Made:
    """Create a heartbeat that is due each hour, with five minutes of grace."""
    component, _ = Component.objects.get_or_create(slug="jobs", defaults={"name": "Jobs", "created_at": AT})
    check = Check.objects.create(component=component, slug=slug, name=slug, created_at=AT)
    revise(check, 1, T0, degraded_when, **(options or {"period": "1h"}))
    ids = []
    for name in (Region.LOCAL, Region.VERDICT):
        region, _ = Region.objects.get_or_create(slug=name, defaults={"created_at": AT})
        ids.append(Series.objects.create(owner=check, region=region, created_us=T0).id)
    write_ledger.open_series(ids, T0)
    return Made(check, ids[0], ids[1])


def revise(
    check: Check, number: int, valid_us: int, degraded_when: tuple[str, ...] = (), **options: str
) -> None:
    CheckRevision.objects.create(
        owner=check, number=number, valid_from_us=valid_us, kind="heartbeat", target="nightly backup",
        options=options, interval_us=HOUR * S, timeout_us=HOUR * S, confirm=1, recover=1,
        degraded_when=list(degraded_when),
    )  # fmt: skip


def at(seconds: float) -> int:
    return T0 + int(seconds * S)


def call(made: Made, seconds: float, kind: str = "success", **more: object) -> int:
    return add(made.check.id, kind, lambda: at(seconds), **more)  # type: ignore[arg-type]


def watch(centre: Centre, from_s: float, until_us: int) -> None:
    """Let the engine live from one instant to another, with its sign of life each minute."""
    for now_us in range(at(from_s), until_us, 60 * S):
        centre.tick(now_us)
    centre.tick(until_us)


def late(due_s: float) -> int:
    """Return the instant at which an absence is decided."""
    return at(due_s + GRACE) + 1 + PATIENCE_US

"""How our own processes are, as each of them last said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trueup.store.models import Vital


@dataclass(frozen=True, slots=True)
class Sign:
    """The last sign of life of one process, microseconds UTC."""

    process: str
    started_us: int
    tick_us: int  # by its own clock, which never goes back
    wall_us: int  # by the clock of its machine at that moment


def last_sign(process: str) -> Sign | None:
    """Return the last sign of life of a process, None when it has never run."""
    row = Vital.objects.filter(process=process).first()
    if row is None:
        return None
    return Sign(row.process, row.started_us, row.tick_us, row.details.get("wall_us", row.tick_us))


def details(process: str) -> dict[str, Any]:
    """Return what a process noted beside its last sign of life; empty when it has never run."""
    return Vital.objects.filter(process=process).values_list("details", flat=True).first() or {}


@dataclass(frozen=True, slots=True)
class Load:
    """How much a process had to do when it last gave a sign of life."""

    lag_us: int  # by how much it was late
    queue: int  # results that wait to be stored
    missed: int  # slots that nobody served
    details: dict[str, Any]


def load(process: str) -> Load | None:
    """Return how a process fared, None when it has never run."""
    row = Vital.objects.filter(process=process).values_list("lag_us", "queue", "missed", "details").first()
    return None if row is None else Load(*row)


def whose(process: str) -> tuple[int, str] | None:
    """Return pid and host of a process of ours as it last said, None when it has never run."""
    return Vital.objects.filter(process=process).values_list("pid", "host").first()

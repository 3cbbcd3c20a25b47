"""Note a sign of life of one of our own processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trueup.store.models import Vital


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What a process says of itself; instants in microseconds UTC."""

    process: str  # "engine", "web", "jobs"
    pid: int
    host: str
    started_us: int
    tick_us: int
    lag_us: int = 0
    queue: int = 0
    missed: int = 0
    details: Mapping[str, Any] = field(default_factory=dict)


def note(life: Life) -> None:
    """Write the one row of a process anew."""
    values = {
        "pid": life.pid,
        "host": life.host,
        "started_us": life.started_us,
        "tick_us": life.tick_us,
        "lag_us": life.lag_us,
        "queue": life.queue,
        "missed": life.missed,
        "details": dict(life.details),
    }
    Vital.objects.update_or_create(process=life.process, defaults=values)

"""Whether somebody is measuring: the engine's own sign of life, as the database holds it."""

from __future__ import annotations

from dataclasses import dataclass

from trueup.store.read import vital

SILENT_AFTER_US = 150_000_000  # the engine writes its row each 60 s at least: two were missed


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """Is the engine alive, and when was it last seen, microseconds UTC; None: never."""

    alive: bool
    seen_us: int | None


def health(now_us: int) -> EngineHealth:
    """Return how the engine is at an instant."""
    sign = vital.last_sign("engine")
    if sign is None:
        return EngineHealth(alive=False, seen_us=None)
    return EngineHealth(alive=now_us - sign.tick_us <= SILENT_AFTER_US, seen_us=sign.tick_us)

"""Whether somebody is measuring: the engine's own sign of life, as the database holds it."""

from __future__ import annotations

from dataclasses import dataclass

from trueup.store.read import vital

SILENT_AFTER_US = 150_000_000  # the engine writes its row each 60 s at least: two were missed


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """Is the engine alive, and when was it last seen by its own clock, microseconds UTC; None: never."""

    alive: bool
    seen_us: int | None
    age_us: int = 0  # of its last sign, by the clock of the machine; below 0 where that was set back since


def health(now_us: int) -> EngineHealth:
    """Return how the engine is at an instant of the machine's clock, microseconds UTC.

    Where that clock was set back, the engine's own goes on ahead of it, for hours perhaps. So it is the
    machine's instant of the last sign that counts: too far from now, on either side, it proves no life.
    An engine that lives signs anew within 60 s, at the clock as it then is.
    """
    sign = vital.last_sign("engine")
    if sign is None:
        return EngineHealth(alive=False, seen_us=None)
    age_us = now_us - sign.wall_us
    return EngineHealth(alive=abs(age_us) <= SILENT_AFTER_US, seen_us=sign.tick_us, age_us=age_us)

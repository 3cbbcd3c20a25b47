"""Who does something, from where and when: what every record of people's deeds needs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, as ``access.who`` says it; from where; and when, in microseconds UTC."""

    who: str
    source: str
    now_us: int

"""The bars of a component: one drawing, one path for each state."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from django.utils.safestring import SafeString, mark_safe

from trueup.domain.sla import Tally

_HEIGHT = 40
_STEP, _WIDTH = 4, 3  # of a day in the drawing's own units
_STUB = 5  # the height of a day that has no history yet
_LEAST = 9  # so that an outage of seconds is seen
_POWER = 0.35  # 5 minutes of a day are a third as high as the whole day
_UNKNOWN_FROM = 0.001  # of a day: a restart of the engine is in the table, not in the drawing

Paths = Mapping[str, str]  # what to draw by the name of its state


def paths(days: Sequence[Tally], first: int = 0) -> Paths:
    """Return the paths of adjacent days, oldest first; ``first`` days are drawn before them."""
    found: dict[str, list[str]] = {}
    for index, day in enumerate(days, first):
        for name, top, height in _stack(day):
            drawn = f"M{index * _STEP} {top}h{_WIDTH}v{height}h-{_WIDTH}z"
            found.setdefault(name, []).append(drawn)
    return {name: "".join(parts) for name, parts in found.items()}


def drawing(layers: Sequence[Paths], days: int, label: str) -> SafeString:
    """Return so many days as one SVG; ``label`` says the same in words of our own."""
    names = sorted({name for layer in layers for name in layer})
    drawn = "".join(
        f'<path class="{name}" d="{"".join(layer.get(name, "") for layer in layers)}"/>' for name in names
    )
    width = days * _STEP - (_STEP - _WIDTH)
    return mark_safe(  # noqa: S308  (numbers and our own words alone)
        f'<svg viewBox="0 0 {width} {_HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{label}">{drawn}</svg>'
    )


def _stack(day: Tally) -> Iterable[tuple[str, int, int]]:
    """Yield (name, top, height) from the ground up: loss stands there, where the eye looks."""
    whole_us = day.committed_us + day.paused_us + day.maintenance_us
    if not whole_us:
        yield "none", _HEIGHT - _STUB, _STUB
        return
    floor = _HEIGHT
    parts = (
        ("down", day.down_us),
        ("degraded", day.degraded_us),
        ("unknown", day.unknown_us),
        ("paused", day.paused_us + day.maintenance_us),
    )
    for name, part_us in parts:
        if part_us:
            height = min(floor, _height(part_us / whole_us, name))
            floor -= height
            if height:
                yield name, floor, height
    if day.up_us and floor:
        yield "up", 0, floor


def _height(share: float, name: str) -> int:
    if name == "unknown" and share < _UNKNOWN_FROM:
        return 0
    return _LEAST + round((_HEIGHT - _LEAST) * math.pow(share, _POWER))

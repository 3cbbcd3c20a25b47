"""What components come to over the windows that programs ask for, and how long their answers took."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from trueup.domain.sla import Tally, percent
from trueup.figures.component import Component
from trueup.figures.days import DAY_US
from trueup.figures.view import View
from trueup.store.read.latency import Latency, together

WINDOWS = {"24h": DAY_US, "7d": 7 * DAY_US, "30d": 30 * DAY_US, "90d": 90 * DAY_US}
RATIOS = {"p50_ms": Fraction(50, 100), "p95_ms": Fraction(95, 100), "p99_ms": Fraction(99, 100)}
DAYS = 90  # of the history


def uptimes(component: Component) -> dict[str, dict[str, float | None]]:
    """Return availability, its error band and its coverage over each window, in percent; None: unknown."""
    tallies = {name: component.over(length_us) for name, length_us in WINDOWS.items()}
    return {
        "uptime": {name: percent(tally.availability_ratio) for name, tally in tallies.items()},
        "uptime_low": {name: _end(tally, tally.band_lo_ratio) for name, tally in tallies.items()},
        "uptime_high": {name: _end(tally, tally.band_hi_ratio) for name, tally in tallies.items()},
        "coverage": {name: percent(tally.coverage_ratio) for name, tally in tallies.items()},
    }


def response_times(components: Iterable[Component], end_us: int) -> dict[str, dict[str, Any]]:
    """Return how long the good answers of the last 24 hours took, by the slug of a component.

    They are those of all its checks that count, in every region.
    """
    groups = {each.slug: _series(each, end_us - DAY_US) for each in components}
    if not any(groups.values()):
        return {slug: _times(Latency(0, (None,) * len(RATIOS), exact=True)) for slug in groups}
    found = together(groups, end_us - DAY_US, end_us, list(RATIOS.values()))
    return {slug: _times(each) for slug, each in found.items()}


def history(component: Component, view: View) -> list[dict[str, Any]]:
    """Return the last 90 days of a component, the oldest first, today as far as it has passed."""
    today = view.days.today
    first = view.days.date(today - DAYS + 1)

    def closed(days: Sequence[Tally]) -> list[dict[str, Any]]:
        return [_day(first + timedelta(days=index), day) for index, day in enumerate(days[1 - DAYS :])]

    return [*component.closed("history", closed), _day(view.days.date(today), component.today)]


def _day(day: date, tally: Tally) -> dict[str, Any]:
    return {
        "date": day.isoformat(),
        "uptime": percent(tally.availability_ratio),
        "coverage": percent(tally.coverage_ratio),
        "down_s": tally.down_us / 1_000_000,
        "degraded_s": tally.degraded_us / 1_000_000,
        "maintenance_s": tally.maintenance_us / 1_000_000,
    }


def _end(tally: Tally, ratio: Fraction | None) -> float | None:
    # Ends of an error band without a figure between them would look like one.
    return percent(ratio) if tally.counted_us else None


def _series(component: Component, since_us: int) -> list[int]:
    voices = (each for each in component.row.voices if each.until_us is None or each.until_us > since_us)
    return [series for each in voices for series in each.regions]


def _times(found: Latency) -> dict[str, Any]:
    pairs = zip(RATIOS, found.percentiles_us, strict=True)
    times = {name: None if took_us is None else took_us / 1000 for name, took_us in pairs}
    return {"answers": found.answers, **times}

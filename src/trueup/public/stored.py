"""What is stored, in the shapes of the Python API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from trueup.domain.sla import Tally, percent
from trueup.domain.text import instant
from trueup.figures.component import Component
from trueup.figures.page import Page
from trueup.public.result import HealthCheckResult, of_engine
from trueup.store.read.checks import CheckStanding
from trueup.store.read.latency import latencies
from trueup.store.read.samples import samples

_RATIOS = {"p50_ms": Fraction(50, 100), "p95_ms": Fraction(95, 100), "p99_ms": Fraction(99, 100)}


def components(
    page: Page, standings: Sequence[CheckStanding], windows: Mapping[str, int]
) -> dict[str, dict[str, Any]]:
    """Return how every component of a page is, by slug; ``windows`` are lengths by name."""
    seen: dict[str, int] = {}
    for each in standings:
        seen[each.component] = max(seen.get(each.component, 0), each.last_answered_us or 0)
    return {each.slug: _component(each, seen.get(each.slug, 0), windows) for each in page.components}


def _component(each: Component, seen_us: int, windows: Mapping[str, int]) -> dict[str, Any]:
    tallies = {name: each.over(length_us) for name, length_us in windows.items()}
    return {
        "name": each.name,
        "status": str(each.status),
        "since": None if each.status_since_us is None else instant(each.status_since_us),
        "last_check": instant(seen_us) if seen_us else None,
        "response_time_ms": None if each.answer is None else each.answer.latency_us / 1000,
        "uptime": {name: percent(tally.availability_ratio) for name, tally in tallies.items()},
        "uptime_low": {name: _end(tally, tally.band_lo_ratio) for name, tally in tallies.items()},
        "uptime_high": {name: _end(tally, tally.band_hi_ratio) for name, tally in tallies.items()},
        "coverage": {name: percent(tally.coverage_ratio) for name, tally in tallies.items()},
    }


def _end(tally: Tally, ratio: Fraction | None) -> float | None:
    """Return one end of an error band: without a figure between them there is none."""
    return percent(ratio) if tally.counted_us else None


def response_times(
    names: Mapping[int, tuple[str, str]], start_us: int, end_us: int
) -> dict[str, dict[str, Any]]:
    """Return how long the good answers of each series in a window took, by the slug of the check."""
    found = latencies(list(names), start_us, end_us, list(_RATIOS.values())) if names else {}
    return {
        check: {
            "component": component,
            "answers": found[series].answers,
            **{
                name: None if took_us is None else took_us / 1000
                for name, took_us in zip(_RATIOS, found[series].percentiles_us, strict=True)
            },
        }
        for series, (component, check) in names.items()
    }


def results(series: int, start_us: int, end_us: int, component: str, check: str) -> list[HealthCheckResult]:
    """Return the stored results of one series asked in ``[start_us, end_us)``."""
    return [of_engine(each, component, check) for each in samples(series, start_us, end_us)]

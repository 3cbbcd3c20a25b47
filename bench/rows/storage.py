"""What history costs on disk, and to read."""

from __future__ import annotations

import math
import random
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from trueup.domain.result import FailureClass, Phases, Result, State

Figures = dict[str, object]
SECOND, DAY = 1_000_000, 86_400_000_000


def disk(anchor: Path, *, short: bool) -> Figures:
    """Three checks each minute for 90 days, noisy as real services are: bytes a check, whole database."""
    from bench.inside import inside

    return inside("disk", short=short)


def reads(anchor: Path, *, short: bool) -> Figures:
    """Reading 24 hours, 7 and 90 days of 3 and of 100 checks."""
    from bench.inside import inside

    return inside("reads", short=short)


def measure_disk(*, short: bool) -> Figures:
    """Write it through the centre and compaction; in the process of ``bench.inside``."""
    from django.db import connection

    days = 9 if short else 90
    series = _live(3, days)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute(
            "SELECT SUM(n), SUM(LENGTH(samples)), SUM(LENGTH(histogram)), COUNT(*) FROM trueup_block"
        )
        count, samples, histogram, blocks = cursor.fetchone()
    return {
        "checks": count,
        "days": days,
        "series": len(series),
        "samples_bytes_a_check": round(samples / count, 2),
        "with_summaries_bytes_a_check": round((samples + histogram + 60 * blocks) / count, 2),
        "database_mb": round(Path(connection.settings_dict["NAME"]).stat().st_size / 1e6, 2),
    }


def measure_reads(*, short: bool) -> Figures:
    """Write history, then read it; in the process of ``bench.inside``."""
    days = 9 if short else 90
    few, many = _live(3, days), _live(100, 8)
    return {"days_of_3": days, "days_of_100": 8, **_read(few, (1, 7, 90)), **_read(many, (1, 7))}


def _read(series: list[int], spans: tuple[int, ...]) -> Figures:
    """Measure the samples and the ledger of some series over some days."""
    from trueup.store.read import samples, timeline

    figures: Figures = {}
    now_us = time.time_ns() // 1000
    for days in spans:
        since_us = now_us - days * DAY
        name = f"{len(series)}_checks_{days}_days_ms"
        figures[f"samples_{name}"] = _median(partial(samples.sample_rows, series, since_us, now_us))
        figures[f"ledger_{name}"] = _median(partial(timeline.records, series, since_us))
    return figures


def _live(checks: int, days: int) -> list[int]:
    """Configure checks and let the centre take in what they would have seen; return their series."""
    from trueup.config.apply import apply
    from trueup.config.load import loads
    from trueup.engine.centre.ingest import Centre
    from trueup.store.models import Series
    from trueup.store.write.compact import compact

    now_us = time.time_ns() // 1000
    start_us = now_us - days * DAY
    lines = ["components:"]
    for place in range(checks):
        lines.append(f"  - {{name: Web {checks}-{place}, checks: [{{http: 'http://127.0.0.1/{place}'}}]}}")
    before = set(Series.objects.values_list("id", flat=True))
    spec = loads("\n".join(lines).encode(), "bench", {}, Path("/"))
    apply(spec, start_us, "bench", archive=True)
    new = Series.objects.exclude(id__in=before).exclude(region__slug="verdict")
    series = list(new.order_by("id").values_list("id", flat=True))
    centre = Centre()
    centre.reload(start_us)
    chance = random.Random(7)
    pace = {one: (chance.randrange(60_000), chance.uniform(20_000, 200_000)) for one in series}
    for hour in range(days * 24):
        from_us = start_us + (hour * 3600 + 60) * SECOND
        results = [
            _result(one, from_us + minute * 60 * SECOND, *pace[one], chance)
            for minute in range(60)
            for one in series
        ]
        centre.take(f"bench:{checks}:{hour}", results, from_us + 3600 * SECOND)
        if hour % 24 == 23:
            compact()
    return series


def _result(series: int, at_us: int, phase_ms: int, usual_us: float, chance: random.Random) -> Result:
    """Return what a probe of a real service could have seen in a minute."""
    due_us = at_us - at_us % (60 * SECOND) + phase_ms * 1000
    asked_us = due_us + chance.choice((0, 0, 1000, 1000, 1000, 2000, 3000))
    daily = 1 + 0.3 * math.sin(at_us % DAY / DAY * 2 * math.pi)
    noise = chance.lognormvariate(0, 0.25) * (1 if chance.random() > 0.01 else chance.paretovariate(1.2))
    wait_us = int(usual_us * daily * noise)
    connect_us = int(usual_us / 8 * chance.lognormvariate(0, 0.2))
    failed = chance.random() < 0.002
    return Result(
        series=series, slot=due_us // SECOND, number=0, epoch=0, asked_us=asked_us,
        duration_us=10_000_000 if failed else connect_us + wait_us + int(900 * chance.lognormvariate(0, 0.5)),
        state=State.DOWN if failed else State.UP,
        cause=FailureClass.TIMEOUT if failed else None,
        status=0 if failed else 200,
        phases=Phases(connect_us=connect_us, wait_us=None if failed else wait_us),
    )  # fmt: skip


def _median(act: Callable[[], object]) -> float:
    act()
    figures = []
    for _ in range(5):
        before = time.process_time_ns()
        act()
        figures.append((time.process_time_ns() - before) / 1e6)
    return round(statistics.median(figures), 2)

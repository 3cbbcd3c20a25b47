"""What it costs to store that everything fails: the same results, with changes of state and without."""

from __future__ import annotations

import dataclasses
import statistics
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from trueup.domain.result import Detail, FailureClass, Phases, Result, State
from trueup.domain.text import Text
from trueup.engine.run.batch import pack_batch, records_of, unpack_batch

if TYPE_CHECKING:
    from trueup.engine.centre.ingest import Centre

Figures = dict[str, object]
SECOND = 1_000_000
A_BATCH = 1_000
_names = count()


def measure_changes(*, short: bool) -> Figures:
    """Have every check fail twice, with ``confirm`` 2 and with 3; in the process of ``bench.inside``.

    The second failure is a change with the one and none with the other, and else the same. ``unpack``
    is what comes on top of storing, ``plain`` a good result after a good one, without its unpacking.
    """
    from trueup.engine.centre.ingest import Centre

    checks = 2_000 if short else 10_000
    start_us = time.time_ns() // SECOND // 1000 * SECOND
    turning, steady = _made(checks, start_us)
    centre = Centre()
    centre.reload(start_us)
    cost: dict[str, float] = {}
    for at_s, state in ((10, State.UP), (20, State.UP), (30, State.DOWN), (40, State.DOWN)):
        for name, series in (("turning", turning), ("steady", steady)):
            results = [_result(one, start_us + at_s * SECOND, state, first=at_s == 30) for one in series]
            cost[f"{name} {at_s}"], unpacking = _take(centre, results)
    return {
        "cpu_us_a_change": round(cost["turning 40"] - cost["steady 40"], 1),
        "cpu_us_a_result_that_is_a_change": round(cost["turning 40"], 1),
        "cpu_us_a_first_failure": round(cost["turning 30"], 1),
        "cpu_us_unpack_a_failure": round(unpacking, 1),
        "cpu_us_plain": round(cost["turning 20"], 1),
    }


def _made(checks: int, at_us: int) -> tuple[list[int], list[int]]:
    """Configure so many checks of each sort; return the series of both."""
    from trueup.config.apply import apply
    from trueup.config.load import loads
    from trueup.store.models import Series

    lines = ["defaults: {interval: 10s, timeout: 5s}", "components:"]
    for confirm in (2, 3):
        check = f"{{http: 'http://127.0.0.1/', confirm: {confirm}}}"
        lines += [f"  - {{name: Web {confirm}-{place}, checks: [{check}]}}" for place in range(checks)]
    apply(loads("\n".join(lines).encode(), "bench", {}, Path("/")), at_us, "bench", archive=True)
    probed = Series.objects.exclude(region__slug="verdict").order_by("owner__slug")
    first, second = (probed.filter(owner__slug__startswith=f"web-{confirm}-") for confirm in (2, 3))
    return list(first.values_list("id", flat=True)), list(second.values_list("id", flat=True))


def _result(series: int, at_us: int, state: State, *, first: bool) -> Result:
    """Return what a probe of a service that answers 503 brings, or of one that answers 200."""
    failed = state is State.DOWN
    good = Result(
        series, at_us // SECOND, 0, 0, at_us, 1_234, State.UP, None, 200, Phases(connect_us=100, wait_us=900)
    )
    if not failed:
        return good
    params = {"path": "status", "operator": "==", "wanted": "200", "value": "503"}
    detail = Detail("127.0.0.1", Text("expect.unmet", params), None, "ab" * 32, b"Service Unavailable")
    before = dataclasses.replace(good, detail=Detail("127.0.0.1", body_sha256="cd" * 32, body_head=b"ok"))
    return dataclasses.replace(
        good,
        state=state,
        cause=FailureClass.EXPECTATION,
        status=503,
        detail=detail,
        before=before if first else None,
    )


def _take(centre: Centre, results: list[Result]) -> tuple[float, float]:
    """Return the CPU of storing results and of unpacking them, microseconds a result: of the median batch."""
    storing, unpacking = [], []
    for begin in range(0, len(results), A_BATCH):
        payload = pack_batch(results[begin : begin + A_BATCH])
        before_ns = time.process_time_ns()
        batch = unpack_batch(payload)
        unpacked_ns = time.process_time_ns()
        records = records_of(payload)
        centre.take(f"bench:{next(_names)}", batch, batch[-1].answered_us + SECOND, records)
        storing.append((time.process_time_ns() - unpacked_ns) / 1000 / len(batch))
        unpacking.append((unpacked_ns - before_ns) / 1000 / len(batch))
    return statistics.median(storing), statistics.median(unpacking)

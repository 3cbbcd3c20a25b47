"""A trueup of its own in a temporary directory, run as users run it, and what it has stored."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from uuid import UUID

from bench import machine
from trueup.domain import record
from trueup.domain.result import Result
from trueup.engine.run.plan import Plan
from trueup.engine.run.slots import spread


@dataclass(frozen=True)
class Site:
    """A running trueup and its data."""

    data: Path
    process: subprocess.Popen[bytes]

    @property
    def pids(self) -> list[int]:
        """Return all its processes."""
        return machine.family(self.process.pid)

    @property
    def engine(self) -> int:
        """Return the process that probes."""
        return next(pid for pid in self.pids if "trueup.server.engine" in machine.command(pid))

    def query(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """Return rows of its database, read only."""
        connection = sqlite3.connect(f"file:{self.data / 'trueup.db'}?mode=ro", uri=True, timeout=30)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def count(self) -> int:
        """Return how many results its series have taken in."""
        return int(str(self.query("SELECT COALESCE(SUM(results), 0) FROM trueup_seriesstate")[0][0]))

    def asked(self) -> int:
        """Return how many checks have been asked at least once."""
        return int(str(self.query("SELECT COUNT(*) FROM trueup_seriesstate WHERE results > 0")[0][0]))

    def journal(self, since_us: int) -> list[Result]:
        """Return the results in the journal that were asked since an instant."""
        rows = self.query("SELECT payload FROM trueup_journal ORDER BY id")
        results = (result for row in rows for result in record.unpack(cast("bytes", row[0])))
        return [result for result in results if result.asked_us >= since_us]

    def lateness_ms(self, since_us: int, of: Callable[[str], bool] = lambda slug: True) -> list[float]:
        """Return, sorted, how much later than their place in a slot base probes started since an instant.

        The places are those of the plan: what falls due within a slot is spread from its end on.
        """
        rows = self.query(
            "SELECT s.id, c.uuid, c.slug, r.interval_us FROM trueup_series s"
            " JOIN trueup_check c ON c.id = s.owner_id"
            " JOIN trueup_region g ON g.id = s.region_id AND g.slug <> 'verdict'"
            " JOIN trueup_checkrevision r ON r.owner_id = c.id"
        )
        plan = Plan()
        wanted = {}
        for series, uuid, slug, interval in rows:
            plan.put(int(str(series)), UUID(str(uuid)), int(str(interval)), since_us)
            if of(str(slug)):
                wanted[series] = plan
        ideal = _places(plan, now_us())
        late = []
        for result in self.journal(since_us):
            if result.number == 0 and result.series in wanted:
                due_us = plan.due_before(result.series, result.asked_us)
                if (result.series, due_us) in ideal:
                    late.append((result.asked_us - ideal[result.series, due_us]) / 1000)
        return sorted(late)


def _places(plan: Plan, until_us: int) -> dict[tuple[int, int], int]:
    """Return when each base probe should start, by series and due instant; uses the plan up."""
    places = {}
    while (end_us := plan.next_us()) is not None and end_us <= until_us:
        for start in spread(plan.take(end_us), end_us, plan.width, plan.per_second):
            places[start.series, start.due_us] = start.ideal_us // 1000 * 1000  # as results are cut
    return places


def now_us() -> int:
    """Return the wall clock in microseconds UTC."""
    return time.time_ns() // 1000


@contextmanager
def site(
    checks: Sequence[str], *, verb: str = "engine", ready_s: float = 300.0, env: dict[str, str] | None = None
) -> Iterator[Site]:
    """Run ``trueup VERB`` on checks, each the inside of a YAML mapping; give it once all were asked."""
    data = Path(tempfile.mkdtemp(prefix="trueup-bench-"))
    config = data / "trueup.yaml"
    config.write_text(_config(checks))
    log = (data / "log").open("wb")
    listen = f"127.0.0.1:{machine.free_port()}"
    argv = [sys.executable, "-m", "trueup", verb, "--config", str(config), "--data", str(data)]
    environ = {"PATH": "/usr/bin:/bin", "TRUEUP_LISTEN": listen, "TRUEUP_LOG_LEVEL": "warning", **(env or {})}
    process = subprocess.Popen(argv, stdout=log, stderr=log, env=environ)
    running = Site(data, process)
    try:
        machine.until(lambda: _started(running, len(checks)), f"{len(checks)} checks to be asked", ready_s)
        yield running
    except TimeoutError as error:
        raise TimeoutError(f"{error}\n{(data / 'log').read_text()[-2000:]}") from None
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
        log.close()
        shutil.rmtree(data)


def _started(running: Site, wanted: int) -> bool:
    if running.process.poll() is not None:
        raise SystemExit((running.data / "log").read_text())
    try:
        return running.asked() >= wanted
    except sqlite3.OperationalError:
        return False


def _config(checks: Sequence[str]) -> str:
    lines = ["site: {name: bench}", "components:"]
    for place, check in enumerate(checks):
        if place % 10 == 0:
            lines += [f"  - name: Component {place // 10}", f"    slug: c{place // 10}", "    checks:"]
        lines.append(f"      - {{slug: k{place}, {check}}}")
    return "\n".join(lines) + "\n"


def percentile(values: Sequence[float], percent: float) -> float:
    """Return a percentile of sorted values: the smallest that so many are not above."""
    return values[min(len(values) - 1, int(len(values) * percent / 100))] if values else float("nan")

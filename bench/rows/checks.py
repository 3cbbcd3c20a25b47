"""What a check costs, alone on a saturated core and at the pace of real sites."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from bench import machine
from bench.inside import ROOT
from bench.site import Site, now_us, percentile, site

Figures = dict[str, object]


def whole_check(anchor: Path, *, short: bool) -> Figures:
    """A whole http check: probe, judge, store, all processes; beside it C, bare pycurl, our asker alone."""
    checks, seconds = (1000, 10.0) if short else (4000, 30.0)
    with machine.target(anchor) as port:
        before = _plain_c(anchor, port)
        steps = {f"{step}_us": round(_step(step, port), 1) for step in ("bare", "asker")}
        with site([f"http: 'http://127.0.0.1:{port}/', interval: 1s, timeout: 1s"] * checks) as running:
            cost = _cost(running, seconds)
        after = _plain_c(anchor, port)
    floor = (before + after) / 2
    cost |= {"c_client_us": round(floor, 1), **steps}
    cost["times_c"] = round(float(str(cost["cpu_us"])) / floor, 2)
    return cost


def paced(anchor: Path, *, short: bool) -> Figures:
    """10,000 http checks each minute: share of a core, lateness of starts, memory."""
    checks, seconds = (1000, 30.0) if short else (10_000, 600.0)
    with machine.target(anchor) as port:
        started = time.monotonic()
        with site([_minutely(port)] * checks, verb="up") as running:
            ready = time.monotonic() - started
            return {"all_asked_after_s": round(ready, 1), **pace(running, seconds)}


def secure(anchor: Path, *, short: bool) -> Figures:
    """The same over HTTPS, full handshakes, verified."""
    from bench.secure import secure_target

    checks, seconds = (500, 20.0) if short else (10_000, 120.0)
    with secure_target() as (port, authority):
        option = f"https://localhost:{port}/', ca: '{authority}"
        with site([f"http: '{option}', interval: 60s"] * checks) as running:
            return pace(running, seconds)


def three(anchor: Path, *, short: bool) -> Figures:
    """Three checks each minute: share of a core, wake-ups and commits of the engine."""
    seconds = 60.0 if short else 300.0
    with machine.target(anchor) as port, site([_minutely(port)] * 3, verb="up") as running:
        time.sleep(20)  # what a start brings is over
        commits = _commits(running)
        wakes = machine.switches(running.engine)
        figures = pace(running, seconds)
        figures["engine_wakeups_per_s"] = round((machine.switches(running.engine) - wakes) / seconds, 2)
        figures["commits"] = _commits(running) - commits
        return figures


def _minutely(port: int) -> str:
    return f"http: 'http://127.0.0.1:{port}/', interval: 60s"


def _step(step: str, port: int) -> float:
    """Return what a check costs when less is done for it than a whole one takes."""
    argv = [sys.executable, "-m", "bench.ladder", step, str(port), "20000", "100"]
    done = subprocess.run(argv, capture_output=True, check=True, cwd=ROOT)
    return float(json.loads(done.stdout)["cpu_us"])


def _plain_c(anchor: Path, port: int) -> float:
    done = subprocess.run([str(anchor), "ask", str(port), "40000", "100"], capture_output=True, check=True)
    return float(json.loads(done.stdout)["cpu_us"])


def _cost(running: Site, seconds: float) -> Figures:
    pids = running.pids
    count, cpu = running.count(), machine.cpu_s(pids)
    time.sleep(seconds)
    cpu, count = machine.cpu_s(pids) - cpu, running.count() - count
    return {"checks": count, "per_s": round(count / seconds), "cpu_us": round(cpu / count * 1e6, 1)}


def pace(running: Site, seconds: float) -> Figures:
    """Return what a running site does in so many seconds: share of a core, lateness, memory."""
    since_us, pids, engine = now_us(), running.pids, [running.engine]
    count, cpu, engine_cpu = running.count(), machine.cpu_s(pids), machine.cpu_s(engine)
    time.sleep(seconds)
    cpu, engine_cpu = machine.cpu_s(pids) - cpu, machine.cpu_s(engine) - engine_cpu
    count = running.count() - count
    late = running.lateness_ms(since_us)
    return {
        "checks": count,
        "engine_core_percent": round(engine_cpu / seconds * 100, 2),
        "all_core_percent": round(cpu / seconds * 100, 2),
        "cpu_us": round(cpu / count * 1e6, 1) if count else None,
        "late_p50_ms": percentile(late, 50),
        "late_p99_ms": percentile(late, 99),
        "late_max_ms": late[-1] if late else None,
        "engine_rss_mb": round(machine.memory_mb(engine, "Rss"), 1),
        "all_pss_mb": round(machine.memory_mb(pids), 1),
    }


def _commits(running: Site) -> int:
    return int(str(running.query("SELECT COALESCE(MAX(id), 0) FROM trueup_journal")[0][0]))

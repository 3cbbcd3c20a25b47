"""What a check of each kind costs, and whether many of all kinds together keep their slots."""

from __future__ import annotations

import time
from pathlib import Path

from bench import peers
from bench.rows.checks import Figures, pace
from bench.site import site
from trueup.net.multi import Loop
from trueup.probes.ask import Answer, Asker
from trueup.probes.base import Probe, build

_AT_ONCE = 50
_TARGETS = {
    "http": "http://127.0.0.1:{port}/",
    "websocket": "ws://127.0.0.1:{port}/",
    "tcp": "127.0.0.1:{port}",
    "smtp": "127.0.0.1:{port}",
    "redis": "127.0.0.1:{port}",
    "dns": "shop.test",
    "steps": "http://127.0.0.1:{port}/",
}
_OPTIONS = {"dns": "server: '127.0.0.1:{port}'", "steps": "requests: [{{path: /}}, {{path: /}}]"}
_WRITTEN = {"steps": {"requests": [{"path": "/"}, {"path": "/"}]}}


def kinds(anchor: Path, *, short: bool) -> Figures:
    """A probe of each kind on loopback: CPU of our process, beside the best client of its protocol."""
    count = 500 if short else 4000
    figures: Figures = {}
    with peers.servers() as ports:
        for kind, target in _TARGETS.items():
            port = ports[kind if kind in ports else "http"]
            options = {"server": f"127.0.0.1:{port}"} if kind == "dns" else _WRITTEN.get(kind, {})
            figures[f"{kind}_us"] = _ours(build(kind, target.format(port=port), options), count)
            if kind in peers.CLIENTS:
                name, client = peers.CLIENTS[kind]
                client(port)
                begun_s = time.process_time()
                for _ in range(count):
                    client(port)
                figures[f"{name}_us"] = round((time.process_time() - begun_s) / count * 1e6, 1)
    return figures


def each_kind(anchor: Path, *, short: bool) -> Figures:
    """1,000 checks of each of seven kinds together, each minute: lateness of starts, CPU, memory."""
    count, seconds = (50, 30.0) if short else (1000, 180.0)
    with peers.servers() as ports:
        checks = [_written(kind, ports[kind if kind in ports else "http"]) for kind in _TARGETS]
        with site(checks * count) as running:
            return pace(running, seconds)


def _written(kind: str, port: int) -> str:
    more = f", {_OPTIONS[kind].format(port=port)}" if kind in _OPTIONS else ""
    return f"{kind}: '{_TARGETS[kind].format(port=port)}', interval: 60s{more}"


def _ours(probe: Probe, count: int) -> float:
    """Return the CPU of one asking, with its judgement left out, microseconds."""
    loop = Loop()
    asker = Asker(loop)
    left = [count, count]  # to be asked, to be answered
    faults: list[Answer] = []

    def taken(answer: Answer) -> None:
        if answer.facts.failure is not None:
            faults.append(answer)
        left[1] -= 1
        if not left[1]:
            loop.stop()
        elif left[0]:
            begin()

    def begin() -> None:
        left[0] -= 1
        asker.start(probe, 10, taken)

    begun_s = time.process_time()
    for _ in range(_AT_ONCE):
        loop.call_soon_threadsafe(begin)
    loop.run()
    cpu_s = time.process_time() - begun_s
    asker.close()
    loop.close()
    if faults:
        raise RuntimeError(f"{len(faults)} of {count} probes failed: {faults[0].facts.failure}")
    return round(cpu_s / count * 1e6, 1)

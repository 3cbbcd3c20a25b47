"""What a check of each kind costs, and whether many of all kinds together keep their slots."""

from __future__ import annotations

import json
from pathlib import Path

from bench.clients import CLIENTS
from bench.machine import burying, spent_s
from bench.peers import Peer, peers
from bench.rows.checks import Figures, pace
from bench.site import now_us, site
from trueup.domain.result import State
from trueup.net.multi import Loop
from trueup.probes.ask import Answer, Asker
from trueup.probes.base import Probe, build

_AT_ONCE = 50
# A raw socket hears the answers to all others; so many browsers, and a database takes so many guests.
_AT_ONCE_OF = {"icmp": 1, "browser": 1, "mysql": 20, "postgres": 20}
_FEWER = {"grpc": 4, "mysql": 4, "tls": 4, "postgres": 10, "ssh": 10, "browser": 800}  # dear ones


def kinds(anchor: Path, *, short: bool) -> Figures:
    """A probe of each kind on loopback: CPU of our process, beside the best client of its protocol."""
    figures: Figures = {}
    with peers() as asked:
        for kind, (name, client) in CLIENTS.items():
            if (peer := asked.get(kind)) is None:
                continue  # its server is not installed here
            count = max(3, (500 if short else 4000) // _FEWER.get(kind, 1))
            probe = build(kind, peer.target, peer.options)
            figures[f"{kind}_us"] = _ours(probe, count, _AT_ONCE_OF.get(kind, _AT_ONCE))
            client(peer)
            with burying():
                begun_s = spent_s()
                for _ in range(count):
                    client(peer)
            figures[f"{kind}_by_{name}_us"] = round((spent_s() - begun_s) / count * 1e6, 1)
    return figures


def each_kind(anchor: Path, *, short: bool) -> Figures:
    """1,000 checks of each kind but browser (two run at once, seconds each) together, each minute."""
    count, seconds = (50, 30.0) if short else (1000, 180.0)
    with peers() as asked:
        wanted = {kind: peer for kind, peer in asked.items() if kind != "browser"}
        checks = [_written(kind, peer) for kind, peer in wanted.items()]
        with site(checks * count, env={"BENCH_PASSWORD": "open sesame"}) as running:
            since_us = now_us()
            found = pace(running, seconds)
            failed = sum(each.state is not State.UP for each in running.journal(since_us))
            return {"kinds": len(wanted), **found, "failed": failed}


def _written(kind: str, peer: Peer) -> str:
    """Return a check as the inside of a YAML mapping; its password comes from the environment."""
    options = {**peer.options}
    if "password" in options:
        options["password"] = "${BENCH_PASSWORD}"
    more = "".join(f", {name}: {json.dumps(value)}" for name, value in options.items())
    return f"{kind}: '{peer.target}', interval: 60s{more}"


def _ours(probe: Probe, count: int, at_once: int) -> float:
    """Return the CPU of one asking and of all it started, with its judgement left out, microseconds."""
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
        asker.start(probe, 30, taken)

    with burying():
        begun_s = spent_s()
        for _ in range(min(at_once, count)):
            loop.call_soon_threadsafe(begin)
        loop.run()
        asker.close()
    cpu_s = spent_s() - begun_s
    loop.close()
    if faults:
        raise RuntimeError(f"{len(faults)} of {count} {probe.kind} probes failed: {faults[0].facts.failure}")
    return round(cpu_s / count * 1e6, 1)

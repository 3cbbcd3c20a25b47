"""What happens to the good checks when others fail, hang or have no name; and how exact edges are."""

from __future__ import annotations

import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dns.message
import dns.rdatatype
import dns.rrset

from bench import machine
from bench.inside import inside
from bench.site import Site, now_us, percentile, site

Figures = dict[str, object]
_DOWN = (
    "SELECT COUNT(DISTINCT e.series_id) FROM trueup_ledgerentry e JOIN trueup_series s ON s.id = e.series_id"
    " JOIN trueup_region g ON g.id = s.region_id AND g.slug <> 'verdict'"
    " WHERE e.state = 'down' AND e.end_us IS NULL AND e.superseded_us IS NULL"
)


def mass_outage(anchor: Path, *, short: bool) -> Figures:
    """All targets begin to fail at once: cost of a change, lateness of starts, nothing lost.

    A change costs what storing it adds to storing the same results without it. ``all_in`` divides all that
    the engine does beyond its plain checks, the extra probes first of all, by the changes.
    """
    stored = inside("changes", short=short)
    checks, seconds = (1000, 30.0) if short else (10_000, 40.0)
    with _switch() as switch, machine.target(anchor, "serve", str(switch)) as port:
        check = f"http: 'http://127.0.0.1:{port}/', interval: 10s, confirm: 2"
        with site([check] * checks) as running:
            quiet = _share(running.engine, 20.0)
            since_us = now_us()
            switch.touch()
            busy = _share(running.engine, seconds)
            late = running.lateness_ms(since_us)
            down = int(str(running.query(_DOWN)[0][0]))
            probes = len(running.journal(since_us))
    usual_s = quiet / checks * 10  # of CPU, a check
    extra_s = busy * seconds - probes * usual_s
    return {
        "changes": down,
        "lost": checks - down,
        **stored,
        "cpu_us_a_change_all_in": round(extra_s / checks * 1e6, 1),
        "probes": probes,
        "late_p99_ms": percentile(late, 99),
        "late_max_ms": late[-1] if late else None,
    }


def hanging(anchor: Path, *, short: bool) -> Figures:
    """200 targets that hang until time-out beside 800 good ones: how late the good ones start."""
    seconds = 40.0 if short else 120.0
    with machine.target(anchor) as good, machine.target(anchor, "hang") as bad:
        checks = [f"http: 'http://127.0.0.1:{good}/', interval: 20s"] * 800
        checks += [f"http: 'http://127.0.0.1:{bad}/', interval: 20s, timeout: 10s"] * 200
        with site(checks) as running:
            since_us = now_us()
            time.sleep(seconds)
            late = running.lateness_ms(since_us, lambda slug: int(slug.removeprefix("k")) < 800)
            return {
                "good_probes": len(late),
                "late_p99_ms": percentile(late, 99),
                "late_max_ms": late[-1],
                "good_failed": _failed(running, 800),
            }


def dead_names(anchor: Path, *, short: bool) -> Figures:
    """100 names whose DNS never answers beside 900 good ones: how many good checks fail."""
    seconds = 30.0 if short else 90.0
    with machine.target(anchor) as port, _resolver() as dns:
        checks = [f"http: 'http://name{n}.good.test:{port}/', interval: 15s" for n in range(900)]
        checks += [f"http: 'http://name{n}.dead.test:{port}/', interval: 15s" for n in range(100)]
        with site(checks, env={"TRUEUP_RESOLVERS": f"127.0.0.1:{dns}"}) as running:
            time.sleep(seconds)
            total = running.query("SELECT COALESCE(SUM(results), 0) FROM trueup_seriesstate")[0][0]
            return {"results": total, "good_failed": _failed(running, 900)}


def edges(anchor: Path, *, short: bool) -> Figures:
    """An outage of 20 s at interval 60 s that begins just before a probe: how far off both edges are."""
    with (
        _switch() as switch,
        machine.target(anchor, "serve", str(switch)) as port,
        site([f"http: 'http://127.0.0.1:{port}/', interval: 60s"]) as running,
    ):
        machine.until(lambda: running.count() >= 2, "a probe of the base grid", 130)
        last = max(result.asked_us for result in running.journal(0))
        time.sleep(max(0.0, (last + 58_500_000 - now_us()) / 1e6))
        began = now_us()
        switch.touch()
        time.sleep(20)
        switch.unlink()
        ended = now_us()
        machine.until(lambda: bool(_outages(running)), "the outage to end", 90)
        start, end = _outages(running)[0]
    return {
        "start_off_s": round((int(str(start)) - began) / 1e6, 2),
        "end_off_s": round((int(str(end)) - ended) / 1e6, 2),
    }


@contextmanager
def _switch() -> Iterator[Path]:
    """Give a file that is not there; while it is, the anchor's server answers 503."""
    with tempfile.TemporaryDirectory(prefix="trueup-bench-") as folder:
        yield Path(folder, "failing")


def _outages(running: Site) -> list[tuple[object, ...]]:
    return running.query(
        "SELECT start_us, end_us FROM trueup_ledgerentry WHERE state = 'down' AND end_us IS NOT NULL"
    )


def _failed(running: Site, good: int) -> int:
    rows = running.query(
        "SELECT c.slug, COUNT(*) FROM trueup_evidence e JOIN trueup_series s ON s.id = e.series_id"
        " JOIN trueup_check c ON c.id = s.owner_id WHERE e.role = 'failing' GROUP BY c.slug"
    )
    return sum(int(str(count)) for slug, count in rows if int(str(slug).removeprefix("k")) < good)


def _share(pid: int, seconds: float) -> float:
    """Return the share of a core that a process uses over some seconds."""
    cpu = machine.cpu_s([pid])
    time.sleep(seconds)
    return (machine.cpu_s([pid]) - cpu) / seconds


@contextmanager
def _resolver() -> Iterator[int]:
    """Run a DNS server on loopback that answers 127.0.0.1 to good names and nothing to dead ones."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", 0))
        door.settimeout(0.5)
        done = threading.Event()
        thread = threading.Thread(target=_answer, args=(door, done))
        thread.start()
        try:
            yield int(door.getsockname()[1])
        finally:
            done.set()
            thread.join()


def _answer(door: socket.socket, done: threading.Event) -> None:
    while not done.is_set():
        try:
            packet, peer = door.recvfrom(4096)
        except TimeoutError:
            continue
        query = dns.message.from_wire(packet)
        question = query.question[0]
        if ".dead." in question.name.to_text():
            continue
        answer = dns.message.make_response(query)
        if question.rdtype == dns.rdatatype.A:
            answer.answer.append(dns.rrset.from_text(question.name, 5, "IN", "A", "127.0.0.1"))
        door.sendto(answer.to_wire(), peer)

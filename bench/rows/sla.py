"""What figures of contracts cost: the statement of a month, a year of many components, many contracts now."""

from __future__ import annotations

import hashlib
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.inside import ROOT
from trueup.domain import calendar
from trueup.domain.forecast import Gauge, course, gauges
from trueup.domain.interval import Span
from trueup.domain.result import State
from trueup.domain.sla import Case, Part
from trueup.domain.sla.document import read_case
from trueup.domain.sla.judge import judge, judged
from trueup.domain.sla.writing import write_result
from trueup.domain.terms import read
from trueup.domain.timeline import Probed, Record, Timeline
from trueup.reports.canonical import encode
from trueup.reports.case import write_case
from trueup.reports.statement import (
    Place,
    evaluate,
    inputs_document,
    message,
    result_of,
    statement_document,
)

Figures = dict[str, object]
SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE
START = 1_764_547_200 * SECOND  # 2025-12-01
MONTH = Span(START, START + 31 * DAY)
YEAR = Span(START, START + 365 * DAY)
ANY = {"aggregation": {"type": "any"}}
REPEATS = 9
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
AGREED = {
    "id": "c0ntract0001", "slug": "standard", "name": "Standard", "direction": "customer", "provider": None,
    "customer": {"name": "ACME"}, "fee": "1200", "currency": "EUR", "contract_from": None,
    "contract_to": None, "settle_seconds": "86400", "version": "1", "version_from": "2025-01-01T00:00:00Z",
    "version_hash": "ab" * 32,
}  # fmt: skip


def sla(anchor: Path, *, short: bool) -> Figures:
    """A month of 10 components and 1,000 entries; a year of 200 and 50,000; 1,000 contracts as they stand."""
    figures: Figures = {}
    for row in ROWS:
        argv = [sys.executable, "-m", "bench.rows.sla", row, *(["--short"] if short else [])]
        done = subprocess.run(argv, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True)
        figures |= {f"{row}_{name}": value for name, value in json.loads(done.stdout).items()}
    return figures


def month(*, short: bool) -> Figures:
    """Measure a statement: built whole from its records and signed; verified; and the judgement by itself."""
    document = _document(MONTH, 10, 1_000)
    case = read_case(document)
    inputs = _inputs(case)
    result = judge(case)
    return {
        "statement_ms": _median(lambda: _signed(case)),
        "derive_again_ms": _median(lambda: evaluate(inputs)),
        "judge_ms": _median(lambda: judge(case)),
        "read_ms": _median(lambda: read_case(document)),
        "write_ms": _median(lambda: write_result(case, result)),
    }


def _inputs(case: Case) -> dict[str, Any]:
    zones = calendar.tzdata_version()
    return inputs_document(contract=AGREED, case=write_case(case), checks=[], tzdata=zones)


def _signed(case: Case) -> bytes:
    """Do what is done for a statement between reading the records and storing it."""
    inputs = _inputs(case)
    written = hashlib.sha256(encode(inputs)).hexdigest()
    statement = statement_document(inputs, result_of(case, []), Place(1), "key", inputs_hash=written)
    return KEY.sign(message(statement))


def year(*, short: bool) -> Figures:
    """Measure a year of many components."""
    entries = 5_000 if short else 50_000
    case = _case(YEAR, 200, entries)
    return {"entries": entries, "judge_ms": _median(lambda: judge(case), 3)}


def contracts(*, short: bool) -> Figures:
    """Measure the current figures of many contracts over shared components, with band, budget and gauges."""
    count = 100 if short else 1_000
    now_us = MONTH.start_us + 20 * DAY
    chance = random.Random(3)
    parts = _case(Span(MONTH.start_us, now_us), 300, 6_000).components
    terms = read(ANY)
    cases = [
        Case(terms, MONTH, tuple(chance.sample(parts, 3)), as_of_us=now_us, fee=Fraction(2_000))
        for _ in range(count)
    ]
    return {
        "count": count,
        "judge_ms": _ms(lambda: [judge(case) for case in cases]),
        "judge_and_gauges_ms": _ms(lambda: [_gauges(case) for case in cases]),
    }


def _gauges(case: Case) -> list[Gauge]:
    result, whole = judged(case)
    return gauges(result, course(case, whole))


ROWS: dict[str, Callable[..., Figures]] = {"month": month, "year": year, "contracts": contracts}


def _case(window: Span, components: int, entries: int) -> Case:
    """Return components that are up and down by turns, at random but the same each time."""
    chance = random.Random(7)
    parts = tuple(
        Part(f"c{number}", (Timeline(_records(chance, window, entries // components)),))
        for number in range(components)
    )
    return Case(read(ANY), window, parts)


def _records(chance: random.Random, window: Span, count: int) -> list[Record]:
    length = window.length_us // SECOND
    inner = sorted(chance.sample(range(length), count - 1))
    edges = [window.start_us, *(window.start_us + at * SECOND for at in inner)]
    found = []
    for place, start_us in enumerate(edges):
        end_us = edges[place + 1] if place + 1 < count else window.end_us
        if place % 2:  # most of the time it is up
            end_us = min(end_us, start_us + chance.randrange(30, 1_800) * SECOND)
            edges[place + 1 : place + 2] = [end_us] if place + 1 < count else []
        state = State.DOWN if place % 2 else State.UP
        a, b = _probe(start_us - 5 * SECOND), _probe(start_us)
        found.append(Record(state, start_us, end_us, a, b, _probe(end_us - 5 * SECOND), _probe(end_us)))
    return found


def _probe(asked_us: int) -> Probed:
    return Probed(asked_us, asked_us + 143_000)


def _document(window: Span, components: int, entries: int) -> dict[str, Any]:
    """Return a case as JSON has it, with edges, window and hours as they stand in a statement's inputs."""
    parts = []
    for part in _case(window, components, entries).components:
        intervals = [_written(record) for record in part.checks[0].records]
        parts.append({"id": part.id, "default_state": "unknown", "intervals": intervals})
    resolved = {"window": [_iso(window.start_us), _iso(window.end_us)], "schedule": None}
    return {"contract": ANY, "period": "2025-12", "components": parts, "fee": "2000", "resolved": resolved}


def _written(record: Record) -> dict[str, Any]:
    probes = {name: getattr(record, name) for name in "abcd"}
    return {
        "state": record.state.value,
        "start": _iso(record.start_us),
        "end": None if record.end_us is None else _iso(record.end_us),
        **{name: [_iso(each.asked_us), _iso(each.answered_us)] for name, each in probes.items() if each},
    }


def _iso(at_us: int) -> str:
    seconds, rest = divmod(at_us, SECOND)
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{text}.{rest:06d}Z" if rest else f"{text}Z"


def _ms(act: Callable[[], object]) -> float:
    before = time.process_time_ns()
    act()
    return round((time.process_time_ns() - before) / 1e6, 2)


def _median(act: Callable[[], object], times: int = REPEATS) -> float:
    act()
    return round(statistics.median(_ms(act) for _ in range(times)), 2)


if __name__ == "__main__":
    found = ROWS[sys.argv[1]](short="--short" in sys.argv)
    status = Path("/proc/self/status").read_text()  # getrusage also knows what the parent once had
    peak_kb = int(status.partition("VmHWM:")[2].split()[0])
    json.dump(found | {"peak_rss_mb": round(peak_kb / 1024, 1)}, sys.stdout)

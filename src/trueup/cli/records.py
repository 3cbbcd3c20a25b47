"""What is stored as flat rows for other programs: samples, entries of the ledger, pieces of evidence."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any, NamedTuple

from trueup.cli import options
from trueup.cli.rows import Progress
from trueup.domain import text
from trueup.domain.record import ABSENT, CAUSES, STATES, Row
from trueup.store.read import entries, evidence, samples
from trueup.store.read.entries import EDGES, Entry
from trueup.store.read.evidence import Piece

_DAY_US = 86_400_000_000

SAMPLE = (
    "check", "region", "asked", "asked_us", "answered", "answered_us", "duration_us", "state", "cause",
    "status", "dns_us", "connect_us", "tls_us", "wait_us", "slot", "number", "epoch",
)  # fmt: skip
ENTRY = (
    "check", "region", "kind", "state", "start", "start_us", "end", "end_us", "known_until",
    "known_until_us", "cause", "why",
    *(f"{edge}_{what}_us" for edge in EDGES for what in ("asked", "answered")), "recorded", "recorded_us",
)  # fmt: skip


class Seen(NamedTuple):
    """A piece of evidence: its row, the beginning of the body, and a picture (JPEG) or nothing."""

    row: dict[str, Any]
    body: bytes
    picture: bytes


def sample_rows(
    check: str, region: str, since_us: int, until_us: int, say: Progress
) -> Iterator[dict[str, Any]]:
    """Yield every result of a check in a region that was asked between two instants, in order."""
    series = entries.series_of(check)[region]
    for day, found in samples.days(series, since_us, until_us):
        say(f"{check}: {options.iso(day * _DAY_US)[:10]}")
        for row in found:
            yield {"check": check, "region": region, **_sample(row)}


def entry_rows(
    check: str, region: str, since_us: int, until_us: int, as_of_us: int | None
) -> Iterator[dict[str, Any]]:
    """Yield the ledger of a check in a region between two instants, as known now or at another instant."""
    for entry in entries.stream(check, region, since_us, until_us, as_of_us):
        yield {"check": check, "region": region, **_entry(entry)}


def evidence_rows(check: str, region: str, since_us: int, until_us: int) -> Iterator[Seen]:
    """Yield the evidence of a check's runs that began between two instants."""
    for piece in evidence.pieces([entries.series_of(check)[region]], since_us, until_us):
        yield Seen({"check": check, "region": region, **_piece(piece)}, piece.body_head, piece.picture)


def flat(seen: Seen) -> dict[str, Any]:
    """Return a piece of evidence as one row, what are bytes in base64."""
    files = {"body_base64": seen.body, "picture_base64": seen.picture}
    return {**seen.row, **{name: base64.b64encode(each).decode() for name, each in files.items()}}


def _sample(row: Row) -> dict[str, Any]:
    asked_us = row.asked_ms * 1_000
    answered_us = asked_us + row.duration_us
    return {
        "asked": options.iso(asked_us),
        "asked_us": asked_us,
        "answered": options.iso(answered_us),
        "answered_us": answered_us,
        "duration_us": row.duration_us,
        "state": STATES[row.state].value,
        "cause": None if (cause := CAUSES[row.cause]) is None else cause.value,
        "status": row.status or None,
        "dns_us": _phase(row.dns_us),
        "connect_us": _phase(row.connect_us),
        "tls_us": _phase(row.tls_us),
        "wait_us": _phase(row.wait_us),
        "slot": row.slot,
        "number": row.number,
        "epoch": row.epoch,
    }


def _phase(length_us: int) -> int | None:
    return None if length_us == ABSENT else length_us


def _entry(entry: Entry) -> dict[str, Any]:
    edges = {}
    for name in EDGES:
        probed = entry.edges.get(name)
        edges[f"{name}_asked_us"] = probed.asked_us if probed else None
        edges[f"{name}_answered_us"] = probed.answered_us if probed else None
    return {
        "kind": "outage" if entry.state == "down" else entry.state,
        "state": entry.state,
        "start": options.iso(entry.start_us),
        "start_us": entry.start_us,
        "end": None if entry.end_us is None else options.iso(entry.end_us),
        "end_us": entry.end_us,
        "known_until": options.iso(entry.known_until_us),
        "known_until_us": entry.known_until_us,
        "cause": entry.cause or None,
        "why": _why(entry.text),
        **edges,
        "recorded": options.iso(entry.recorded_us),
        "recorded_us": entry.recorded_us,
    }


def _piece(piece: Piece) -> dict[str, Any]:
    return {
        "run": options.iso(piece.run_us),
        "run_us": piece.run_us,
        "role": piece.role,
        "number": piece.number,
        "asked": options.iso(piece.asked_us),
        "asked_us": piece.asked_us,
        "duration_us": piece.duration_us,
        "state": piece.state,
        "cause": piece.cause or None,
        "status": piece.status or None,
        "phases": dict(piece.phases),
        "address": piece.address or None,
        "why": _why(piece.text),
        "certificate": None if piece.certificate is None else dict(piece.certificate),
        "body_sha256": piece.body_sha256 or None,
    }


def _why(stored: Any) -> str | None:
    return text.render(text.from_json(stored)) if stored else None

"""What to send to a supplier who broke a promise: the statement, what was seen of each outage, a letter.

The archive is the same bytes from the same records: nothing in it is packed, and nothing bears a time.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from trueup.domain import text
from trueup.domain.interval import Span
from trueup.domain.node import Node, instant
from trueup.domain.record import ABSENT, CAUSES, STATES, Row
from trueup.reports import key
from trueup.reports.billing import write_csv
from trueup.reports.canonical import Document, encode
from trueup.reports.html import write_html
from trueup.reports.key import PublicKey
from trueup.reports.letter import write_letter
from trueup.store.read import entries, evidence, samples
from trueup.store.read.evidence import Piece

_MARGIN_US = 180_000_000  # what was seen before and after an outage
_VERDICT = "verdict"
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the first that an archive can name
COLUMNS = (
    "check", "region", "asked", "answered", "duration_us", "state", "error", "status", "dns_us", "connect_us",
    "tls_us", "wait_us",
)  # fmt: skip


class ClaimError(ValueError):
    """Nothing can be claimed with this statement; the sentence says why."""


def write_claim(file: Document, keys: Sequence[PublicKey]) -> bytes:
    """Return the archive of a claim.

    Args:
        file: The statement; signed.
        keys: The public keys with which the supplier verifies it.

    Raises:
        ClaimError: It is a draft, not of a promise to us, or the promise was kept.
    """
    statement = file["statement"]
    if file["draft"]:
        raise ClaimError(f"{statement['period']} cannot be claimed yet: {file['draft']}.")
    if statement["contract"]["direction"] != "supplier":
        raise ClaimError(
            f"{statement['contract']['slug']} is a promise of ours: the customer claims, not we. "
            "Send the statement itself: `trueup sla statement`."
        )
    if statement["result"].get("reason"):
        raise ClaimError(f"{statement['period']} has no verdict to claim by: {statement['result']['reason']}")
    if statement["result"].get("outcome") != "breached":
        raise ClaimError(f"{statement['period']} was not breached: there is nothing to claim.")
    return _archive(_files(file, keys))


def _files(file: Document, keys: Sequence[PublicKey]) -> Iterator[tuple[str, bytes]]:
    outages = list(_outages(file["inputs"]["case"]))
    yield "claim.md", write_letter(file, [span for _, _, span in outages]).encode()
    yield "statement.json", encode(file)
    yield "statement.html", write_html(file).encode()
    yield "statement.csv", write_csv([file]).encode()
    yield "trueup-keys.json", json.dumps(key.document(keys), indent=2).encode()
    for number, (_, check, span) in enumerate(outages, 1):
        folder = f"outages/{number:03d}-{check}"
        yield f"{folder}/results.csv", _results(check, span)
        yield f"{folder}/evidence.jsonl", _evidence(check, span)


def _outages(case: Document) -> Iterator[tuple[str, str, Span]]:
    """Yield component, check and time of each outage that reaches into the window, in order."""
    pairs = case["resolved"]["window"]
    start_us, end_us = Node(pairs[0][0]).instant_us(), Node(pairs[-1][1]).instant_us()
    found = []
    for part in case["components"]:
        for check in part["checks"]:
            for record in check["intervals"]:
                begun_us = Node(record["start"]).instant_us()
                ended_us = end_us if record["end"] is None else Node(record["end"]).instant_us()
                if record["state"] == "down" and begun_us < end_us and ended_us > start_us:
                    found.append((Span(begun_us, ended_us), part["id"], check["id"]))
    yield from ((component, check, span) for span, component, check in sorted(found))


def _results(check: str, span: Span) -> bytes:
    """Return every single result around an outage as CSV, as long as results are kept."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for region, series in sorted(entries.series_of(check).items()):
        if region == _VERDICT:
            continue
        for _, rows in samples.days(series, span.start_us - _MARGIN_US, span.end_us + _MARGIN_US):
            writer.writerows({"check": check, "region": region, **_result(row)} for row in rows)
    return out.getvalue().encode()


def _result(row: Row) -> dict[str, Any]:
    asked_us, cause = row.asked_ms * 1_000, CAUSES[row.cause]
    phases = {name: getattr(row, name) for name in ("dns_us", "connect_us", "tls_us", "wait_us")}
    return {
        "asked": instant(asked_us),
        "answered": instant(asked_us + row.duration_us),
        "duration_us": row.duration_us,
        "state": STATES[row.state].value,
        "error": "" if cause is None else cause.value,
        "status": row.status or "",
        **{name: "" if length_us == ABSENT else length_us for name, length_us in phases.items()},
    }


def _evidence(check: str, span: Span) -> bytes:
    """Return what was seen at the edges of an outage, a line of JSON each; it is never thrown away."""
    lines = []
    for region, series in sorted(entries.series_of(check).items()):
        for piece in evidence.pieces([series], span.start_us - _MARGIN_US, span.end_us):
            lines.append(json.dumps({"check": check, "region": region, **_piece(piece)}, ensure_ascii=False))
    return "".join(f"{line}\n" for line in lines).encode()


def _piece(piece: Piece) -> dict[str, Any]:
    return {
        "role": piece.role,
        "asked": instant(piece.asked_us),
        "answered": instant(piece.asked_us + piece.duration_us),
        "state": piece.state,
        "error": piece.cause or None,
        "sentence": text.render(text.from_json(piece.text)) if piece.text else None,
        "status": piece.status or None,
        "address": piece.address or None,
        "phases_us": dict(piece.phases),
        "body_sha256": piece.body_sha256 or None,
    }


def _archive(files: Iterator[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files:
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, data)
    return out.getvalue()

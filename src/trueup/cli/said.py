"""Incidents as the command line shows them, to programs and to people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trueup.cli import options, when
from trueup.domain import text
from trueup.domain.incident import SEVERITIES
from trueup.store.read.incident import IncidentRow, Outage, Update


def document(row: IncidentRow) -> dict[str, Any]:
    """Return an incident for a program."""
    return {
        "id": row.public_id,
        "name": row.name,
        "severity": row.severity,
        "severity_name": SEVERITIES[row.severity],
        "status": row.status,
        "origin": row.origin,
        "started": options.iso(row.started_us),
        "resolved": _iso(row.resolved_us),
        "published": _iso(row.published_us),
        "root_cause": row.root_cause or None,
        "components": [
            {"slug": each.slug, "id": each.public_id, "impact": each.impact} for each in row.components
        ],
        "updates": [_update(each) for each in row.updates],
        "outages": [_outage(each) for each in row.outages],
    }


def show(row: IncidentRow, now_us: int) -> None:
    """Print an incident with all that was said of it, the newest first."""
    zone = when.zone(None)
    draft = ", a draft" if row.is_draft else ""
    print(f"{row.public_id}  {row.severity} {SEVERITIES[row.severity]}: {row.name}")
    print(f"{row.status}{draft}; began {when.local(row.started_us, zone)}, {_lasted(row, now_us)}")
    print("touches " + ", ".join(f"{each.slug} ({each.impact})" for each in row.components))
    for each in row.outages:
        end = "goes on" if each.end_us is None else f"until {when.local(each.end_us, zone)}"
        corrected = ", corrected since: it was none" if each.corrected else ""
        print(f"outage of {each.check} from {when.local(each.start_us, zone)}, {end}{corrected}")
    if row.root_cause:
        print(f"root cause: {row.root_cause}")
    for told in row.updates:
        late = f", written {when.local(told.created_us, zone)}: {told.reason}" if told.reason else ""
        print(f"\n{when.local(told.display_us, zone)}  {told.status}, by {told.by}{late}")
        if told.body:
            print(f"  {told.body}")


def show_all(rows: Sequence[IncidentRow], now_us: int) -> None:
    """Print incidents, a line each."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    if not rows:
        print("no incidents")
        return
    zone = when.zone(None)
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for name in ("id", "severity", "status", "began", "lasts", "name"):
        table.add_column(name, no_wrap=name == "id")
    for row in rows:
        status = f"{row.status} (draft)" if row.is_draft else row.status
        began = when.local(row.started_us, zone)
        table.add_row(row.public_id, row.severity, status, began, _lasted(row, now_us), escape(row.name))
    Console(highlight=False).print(table)


def _lasted(row: IncidentRow, now_us: int) -> str:
    end_us = now_us if row.resolved_us is None else row.resolved_us
    length_us = max(0, end_us - row.started_us) // 1_000_000 * 1_000_000
    length = text.duration(length_us) if length_us else "less than 1 s"
    return f"{length} so far" if row.resolved_us is None else length


def _update(told: Update) -> dict[str, Any]:
    return {
        "id": told.public_id,
        "status": told.status,
        "message": told.body,
        "by": told.by,
        "at": options.iso(told.display_us),
        "written": options.iso(told.created_us),
        "reason": told.reason or None,
        "changes": list(told.changes),
    }


def _outage(each: Outage) -> dict[str, Any]:
    return {
        "entry": each.id,
        "check": each.check,
        "component": each.component,
        "start": options.iso(each.start_us),
        "end": _iso(each.end_us),
        "cause": each.cause or None,
        "corrected": each.corrected,
    }


def _iso(at_us: int | None) -> str | None:
    return None if at_us is None else options.iso(at_us)

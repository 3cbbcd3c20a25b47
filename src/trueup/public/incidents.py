"""Incidents in the shapes of the Python API."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from trueup.access import incident
from trueup.access.actor import Actor
from trueup.access.incident import Saying
from trueup.access.who import system_user
from trueup.domain import incident as rules
from trueup.domain.text import instant
from trueup.store.read import incident as stored
from trueup.store.read.incident import IncidentRow

_SOURCE = "python"
_IMPACTS = {"P1": "down", "P2": "partial", "P3": "degraded", "P4": "degraded"}


def opened(
    components: Sequence[str], severity: str, title: str, description: str, *, publish: bool
) -> dict[str, Any]:
    """Open an incident of components, by slug, and return it.

    Raises:
        IncidentError: Something of it cannot be said.
    """
    code = rules.severity(severity)
    name = title.strip() or f"{', '.join(components)}: {rules.SEVERITIES[code].lower()}"
    said = Saying(
        severity=code, body=description, impacts=dict.fromkeys(components, _IMPACTS[code]), publish=publish
    )
    return _row(incident.find(incident.begin(name, said, _actor())))


def closed(public_id: str, message: str, root_cause: str) -> dict[str, Any]:
    """Resolve an incident and return it.

    Raises:
        IncidentError: There is none, or it cannot be resolved.
    """
    said = Saying(status=rules.RESOLVED, body=message, root_cause=root_cause or None)
    incident.update(public_id, said, _actor())
    return _row(incident.find(public_id))


def every(*, open_only: bool) -> list[dict[str, Any]]:
    """Return the incidents, newest first."""
    return [_row(each) for each in stored.listed(open_only=open_only)]


def _row(row: IncidentRow) -> dict[str, Any]:
    lasted_us = None if row.resolved_us is None else row.resolved_us - row.started_us
    return {
        "id": row.public_id,
        "title": row.name,
        "severity": row.severity,
        "status": row.status,
        "components": [each.slug for each in row.components],
        "started_at": instant(row.started_us),
        "resolved_at": None if row.resolved_us is None else instant(row.resolved_us),
        "duration_minutes": None if lasted_us is None else lasted_us / 60_000_000,
        "root_cause": row.root_cause or None,
        "updates": [
            {"status": each.status, "body": each.body, "at": instant(each.display_us)} for each in row.updates
        ],
    }


def _actor() -> Actor:
    return Actor(system_user(), _SOURCE, time.time_ns() // 1000)

"""``GET /api/system/uptime/incidents/``: every incident, for those who run the installation."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from trueup.access.asked import find
from trueup.access.staff import staff
from trueup.api import filters
from trueup.api.problem import no_page, problem, unreadable, wrong_method
from trueup.domain.audience import Audience
from trueup.domain.incident import RESPONSES, SEVERITIES
from trueup.domain.text import instant
from trueup.figures.cache import shared
from trueup.figures.document import JSON, Document, answer
from trueup.figures.told import incidents_of
from trueup.store.read import incident
from trueup.store.read.incident import IncidentRow, Outage, Update
from trueup.store.read.page import PageRow

_METHODS = ("GET", "HEAD")


def incidents_history_view(request: HttpRequest, page: str = "") -> HttpResponse:
    """Answer with incidents, drafts too, the newest first, as far as the filters want them."""
    if request.method not in _METHODS:
        return wrong_method(str(request.method), _METHODS)
    now_us = time.time_ns() // 1000
    try:
        known = staff(request, now_us)
        if not known:
            return _refused(signed_in=known is False)
        row = find(shared().directory(now_us), page, request.get_host())
        return no_page() if row is None else _shown(request, row, now_us)
    except filters.FilterError as error:
        return problem(
            400,
            what=f"the filter {error.field} cannot be understood",
            why=error.why,
            remedy=error.remedy,
            anyone=False,
            field=error.field,
        )
    except DatabaseError as error:
        return unreadable(type(error).__name__)


def _shown(request: HttpRequest, page: PageRow, now_us: int) -> HttpResponse:
    wanted, limit = filters.read(request.GET, page)
    found = incident.matching(wanted, limit + 1)
    shown = found[:limit]
    content = {
        "status": "ok",
        "timestamp": instant(now_us),
        "incidents": [_incident(each, now_us) for each in incidents_of(page, Audience.INSIDE, shown)],
        "next": filters.cursor(shown[-1]) if len(found) > limit else None,
    }
    sent = answer(
        Document.of(msgspec.json.encode(content), JSON).private(),
        method=str(request.method),
        if_none_match=request.headers.get("If-None-Match", ""),
        accept_encoding=request.headers.get("Accept-Encoding", ""),
    )
    return HttpResponse(sent.body, status=sent.status, headers=dict(sent.headers))


def _refused(*, signed_in: bool) -> HttpResponse:
    why = "what was shown lets you read less: it takes an operator, or a token that is not for one page."
    response = problem(
        403 if signed_in else 401,
        what="incidents with their causes are for those who run the installation",
        why=why if signed_in else "nothing was shown that says you are one of them.",
        remedy="Send a token with the scope read, in the header `Authorization: Bearer TOKEN`.",
        anyone=False,
    )
    if not signed_in:
        response.headers["WWW-Authenticate"] = 'Bearer realm="incidents"'
    return response


def _incident(row: IncidentRow, now_us: int) -> dict[str, Any]:
    end_us = now_us if row.resolved_us is None else row.resolved_us
    return {
        "id": row.public_id,
        "name": row.name,
        "severity": row.severity,
        "severity_name": SEVERITIES.get(row.severity, row.severity),
        "response_target": RESPONSES.get(row.severity),
        "status": row.status,
        "origin": row.origin,
        "draft": row.is_draft,
        "started_at": instant(row.started_us),
        "resolved_at": _or_none(row.resolved_us),
        "published_at": _or_none(row.published_us),
        "created_at": instant(row.created_us),
        "duration_s": max(0, end_us - row.started_us) / 1_000_000,
        "root_cause": row.root_cause or None,
        "components": [
            {"slug": each.slug, "name": each.name, "impact": each.impact} for each in row.components
        ],
        "updates": [_update(each) for each in row.updates],
        "outages": [_outage(each, now_us) for each in row.outages],
    }


def _update(row: Update) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "status": row.status,
        "body": row.body,
        "by": row.by,
        "created_at": instant(row.created_us),
        "display_at": instant(row.display_us),
        "reason": row.reason or None,
    }


def _outage(row: Outage, now_us: int) -> dict[str, Any]:
    end_us = now_us if row.end_us is None else row.end_us
    return {
        "check": row.check,
        "component": row.component,
        "started_at": instant(row.start_us),
        "ended_at": _or_none(row.end_us),
        "duration_s": max(0, end_us - row.start_us) / 1_000_000,
        "cause": row.cause or None,
        "corrected": row.corrected,
    }


def _or_none(at_us: int | None) -> str | None:
    return None if at_us is None else instant(at_us)

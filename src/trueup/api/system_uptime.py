"""``GET /api/system/uptime/``: what is up, since when and how much, as JSON."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from trueup.api.problem import unreadable, wrong_method
from trueup.domain.sla import percent
from trueup.domain.text import instant
from trueup.figures.cache import Key, shared
from trueup.figures.component import Component
from trueup.figures.days import DAY_US
from trueup.figures.document import JSON, Document, answer
from trueup.figures.page import Page

KEY = Key("system_uptime")
_METHODS = ("GET", "HEAD", "OPTIONS")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_CONTRACT = (
    "No contract is evaluated: this version keeps contracts as they are configured and does not settle "
    "them yet. The uptime of each component stands under components."
)


def uptime_status_view(request: HttpRequest) -> HttpResponse:
    """Answer with the state and the uptime of every component."""
    if request.method == "OPTIONS":
        return _preflight()
    if request.method not in _METHODS:
        return wrong_method(str(request.method), _METHODS)
    try:
        document = shared().get(KEY, render, time.time_ns() // 1000)
    except DatabaseError as error:
        return unreadable(type(error).__name__)
    sent = answer(
        document,
        method=str(request.method),
        if_none_match=request.headers.get("If-None-Match", ""),
        accept_encoding=request.headers.get("Accept-Encoding", ""),
    )
    return HttpResponse(sent.body, status=sent.status, headers=dict(sent.headers))


def render(page: Page) -> Document:
    """Return the document of one revision of the page."""
    local = (_EPOCH + timedelta(microseconds=page.as_of_us)).astimezone(page.zone)
    content = {
        "status": "ok",
        "overall_status": page.overall,
        "timestamp": instant(page.as_of_us),
        "components": {each.slug: _component(each) for each in page.components},
        "monthly_sla": _monthly_sla(f"{local:%Y-%m}"),
    }
    return Document.of(msgspec.json.encode(content), JSON, anyone=True)


def _component(component: Component) -> dict[str, Any]:
    day = component.over(DAY_US)
    answered = component.answer
    return {
        "status": component.state,
        "response_time_ms": None if answered is None else answered.latency_us / 1000,
        "uptime_24h": percent(day.availability_ratio),
        "name": component.name,
        "since": None if component.since_us is None else instant(component.since_us),
        "last_good_at": None if answered is None else instant(answered.at_us),
        # Ends of an error band without a figure between them would look like one.
        "uptime_24h_low": percent(day.band_lo_ratio) if day.counted_us else None,
        "uptime_24h_high": percent(day.band_hi_ratio) if day.counted_us else None,
        "coverage_24h": percent(day.coverage_ratio),
    }


def _monthly_sla(month: str) -> dict[str, Any]:
    return {
        "current_month": month,
        "uptime_percent": None,
        "uptime_tier": None,
        "status": None,
        "sla_target": None,
        "downtime_minutes": {"used": None, "allowed": None, "remaining": None},
        "service_credit": None,
        "service_credit_final": None,
        "reason": _NO_CONTRACT,
    }


def _preflight() -> HttpResponse:
    response = HttpResponse(status=204)
    response.headers["Allow"] = ", ".join(_METHODS)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Methods"] = ", ".join(_METHODS)
    response.headers["Access-Control-Allow-Headers"] = "If-None-Match"
    response.headers["Access-Control-Max-Age"] = "86400"
    return response

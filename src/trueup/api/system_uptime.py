"""``GET /api/system/uptime/``: what is up, since when and how much, as JSON."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse

from trueup.api.serving import serve
from trueup.domain.sla import percent
from trueup.domain.text import instant
from trueup.figures.cache import Key
from trueup.figures.component import Component
from trueup.figures.days import DAY_US
from trueup.figures.document import JSON, Document
from trueup.figures.sla.metrics import monthly
from trueup.figures.view import View

KEY = Key("system_uptime")


def uptime_status_view(request: HttpRequest, page: str = "") -> HttpResponse:
    """Answer with the state and the uptime of every component, and the month of a contract."""
    return serve(request, KEY, render, page)


def render(view: View, slug: str | None = None) -> Document:
    """Return the document of one revision of a page.

    Raises:
        UnknownContractError: There is no published contract of that name.
    """
    content = {
        "status": "ok",
        "overall_status": view.overall,
        "timestamp": instant(view.as_of_us),
        "components": {each.slug: _component(each) for each in view.components},
        "monthly_sla": monthly(view.book, view.book.published(slug)),
    }
    return Document.of(msgspec.json.encode(content), JSON, anyone=True)


def _component(component: Component) -> dict[str, Any]:
    day = component.over(DAY_US)
    answered = component.answer
    return {
        "status": component.status,
        "response_time_ms": None if answered is None else answered.latency_us / 1000,
        "uptime_24h": percent(day.availability_ratio),
        "name": component.name,
        "since": None if component.status_since_us is None else instant(component.status_since_us),
        "last_good_at": None if answered is None else instant(answered.at_us),
        # Ends of an error band without a figure between them would look like one.
        "uptime_24h_low": percent(day.band_lo_ratio) if day.counted_us else None,
        "uptime_24h_high": percent(day.band_hi_ratio) if day.counted_us else None,
        "coverage_24h": percent(day.coverage_ratio),
    }

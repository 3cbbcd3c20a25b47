"""``GET /api/system/uptime/components/``: every component over a day, a week, a month and a quarter."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse

from trueup.api.serving import serve
from trueup.domain.text import instant
from trueup.figures.cache import Key
from trueup.figures.component import Component
from trueup.figures.document import JSON, Document
from trueup.figures.view import View
from trueup.figures.windows import history, response_times, uptimes

KEY = Key("components_status")


def components_status_view(request: HttpRequest, page: str = "") -> HttpResponse:
    """Answer with the uptime of every component over each window, its response times and its days."""
    return serve(request, KEY, render, page, of_contract=False)


def render(view: View, _: str | None = None) -> Document:
    """Return the document of one revision of a page."""
    took = response_times(view.components, view.as_of_us)
    content = {
        "status": "ok",
        "overall_status": view.overall,
        "timestamp": instant(view.as_of_us),
        "components": {each.slug: _component(each, view, took[each.slug]) for each in view.components},
    }
    return Document.of(msgspec.json.encode(content), JSON, anyone=True)


def _component(component: Component, view: View, took: dict[str, Any]) -> dict[str, Any]:
    answered, group = component.answer, view.group(component)
    return {
        "name": component.name,
        "description": component.description,
        "group": None if group is None else group.name,
        "status": component.status,
        "since": None if component.status_since_us is None else instant(component.status_since_us),
        "response_time_ms": None if answered is None else answered.latency_us / 1000,
        "last_good_at": None if answered is None else instant(answered.at_us),
        **uptimes(component),
        "response_times": {"24h": took},
        "history": history(component, view),
    }

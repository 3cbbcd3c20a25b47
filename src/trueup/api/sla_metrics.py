"""``GET /api/system/uptime/sla/``: what a contract comes to this month, quarter and year, and before."""

from __future__ import annotations

import msgspec
from django.http import HttpRequest, HttpResponse

from trueup.api.serving import serve
from trueup.figures.cache import Key
from trueup.figures.document import JSON, Document
from trueup.figures.sla.metrics import metrics
from trueup.figures.view import View

KEY = Key("sla_metrics")


def sla_metrics_view(request: HttpRequest, page: str = "") -> HttpResponse:
    """Answer with the figures of a contract, their history and what it promises."""
    return serve(request, KEY, render, page)


def render(view: View, slug: str | None = None) -> Document:
    """Return the document of one revision of a page.

    Raises:
        UnknownContractError: There is no published contract of that name.
    """
    content = metrics(view.book, view.book.published(slug))
    return Document.of(msgspec.json.encode(content), JSON, anyone=True)

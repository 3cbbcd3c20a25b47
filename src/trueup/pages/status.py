"""The public page: what is up, since when, and the last 90 days."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template import Context, Engine
from django.urls import NoReverseMatch, reverse

from trueup.domain.outage import Outage
from trueup.figures.cache import Key, shared
from trueup.figures.document import HTML, Document, answer
from trueup.figures.page import DAYS, Page
from trueup.pages import assets, wording
from trueup.pages.message import message_page
from trueup.pages.moment import SiteClock, length
from trueup.pages.row import Rows, plain_name
from trueup.pages.security import HEADERS

KEY = Key("status")
_METHODS = ("GET", "HEAD")
_SHOWN = 20  # outages, the newest first


def status_page_view(request: HttpRequest) -> HttpResponse:
    """Answer with the page."""
    if request.method not in _METHODS:
        return HttpResponseNotAllowed(_METHODS)
    try:
        key = key_at(request.resolver_match.namespaces if request.resolver_match else ())
        document = shared().get(key, partial(render, json_url=key.variant), time.time_ns() // 1000)
    except DatabaseError:
        return message_page(
            503, "The state cannot be read now", "The database did not answer. Ask again in some seconds."
        )
    sent = answer(
        document,
        method=str(request.method),
        if_none_match=request.headers.get("If-None-Match", ""),
        accept_encoding=request.headers.get("Accept-Encoding", ""),
    )
    return HttpResponse(sent.body, status=sent.status, headers=dict((*HEADERS, *sent.headers)))


def key_at(namespaces: Sequence[str] = ()) -> Key:
    """Return the key of the page as this request meets it: the address of its JSON is a part of it."""
    return KEY._replace(variant=_json_url(namespaces))


def render(page: Page, json_url: str = "") -> Document:
    """Return the document of one revision of the page."""
    clock = SiteClock(page.zone, page.as_of_us)
    rows = Rows(page, clock)
    components = [rows.row(index, each) for index, each in enumerate(page.components)]
    state, sentence, detail = wording.answer(page)
    shown, more = _outages(page, clock)
    context = {
        "site": plain_name(page.site.name),
        "url": page.site.url if page.site.url.startswith(("http://", "https://")) else "",
        "state": state,
        "sentence": sentence,
        "detail": detail,
        "as_of": clock.full(page.as_of_us),
        "notice": wording.notice(page, clock),
        "components": components,
        "first_day": rows.first_day.isoformat(),
        "any_paused": any('class="paused"' in each.bars for each in components),
        "outages": shown,
        "more_outages": more,
        "zone": clock.zone_text,
        "json_url": json_url,
        "assets": assets.urls(),
    }
    html = templates().get_template("trueup/status.html").render(Context(context))
    return Document.of(html.encode(), HTML)


@lru_cache(maxsize=1)
def templates() -> Engine:
    """Return our own template engine: a host project's settings do not change our pages."""
    return Engine(dirs=[str(Path(__file__).parent / "templates")], autoescape=True)


def _outages(page: Page, clock: SiteClock) -> tuple[list[dict[str, Any]], str]:
    since_us = page.days.edges_us[page.days.today - DAYS + 1]
    found = [
        (outage, each.name) for each in page.components for outage in each.outages if outage.end_us > since_us
    ]
    found.sort(key=lambda pair: pair[0].start_us, reverse=True)
    shown = [
        {
            "component": plain_name(name),
            "start": clock.moment(outage.start_us),
            "length": length(outage.observed_us),
            "ongoing": outage.ongoing,
            "sure": _sure(outage),
        }
        for outage, name in found[:_SHOWN]
    ]
    return shown, f"The newest {_SHOWN} are shown." if len(found) > _SHOWN else ""


def _sure(outage: Outage) -> str:
    """Return what is certain of its length: its probes see instants, and its edges lie between them."""
    least, most = length(outage.least_us), length(outage.most_us)
    if outage.ongoing:
        return f"at least {least}: it goes on"
    if outage.open_after or outage.open_before:
        where = "after" if outage.open_after else "before"
        return f"at least {least}: nothing was measured {where} it"
    return f"between {least} and {most}"


def _json_url(namespaces: Sequence[str]) -> str:
    for depth in range(len(namespaces), -1, -1):  # beside the page, or nearer to the root
        with suppress(NoReverseMatch):
            return reverse(":".join([*namespaces[:depth], "uptime_status"]))
    return ""  # a project may mount the page alone

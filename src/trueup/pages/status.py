"""The public page: what is up, since when, and the last 90 days."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import NoReverseMatch, reverse
from django.views.decorators.csrf import csrf_exempt

from trueup.access.asked import Grant, Refusal, asked
from trueup.domain.outage import Outage
from trueup.figures.cache import Key, NoPageError, shared
from trueup.figures.document import HTML, Document, answer
from trueup.figures.page import DAYS
from trueup.figures.view import View
from trueup.pages import assets, door, wording
from trueup.pages.message import message_page
from trueup.pages.moment import SiteClock, length
from trueup.pages.row import Rows, plain_name
from trueup.pages.security import HEADERS
from trueup.pages.template import rendered

KEY = Key("status")
_METHODS = ("GET", "HEAD")
_SCHEMES = ("http://", "https://")
_SHOWN = 20  # outages, the newest first


@csrf_exempt  # the one form, of pages with a password, looks after itself
def status_page_view(request: HttpRequest, page: str = "") -> HttpResponse:
    """Answer with the page that is asked for: by the path, by the host name, else the first one."""
    now_us = time.time_ns() // 1000
    try:
        directory = shared().directory(now_us)
        if request.method == "POST":
            return door.enter(request, directory, page, now_us, _METHODS)
        if request.method not in _METHODS:
            return HttpResponseNotAllowed(_METHODS)
        grant = asked(request, directory, page, now_us)
        return door.closed(grant) if isinstance(grant, Refusal) else _shown(request, grant, page, now_us)
    except DatabaseError:
        return message_page(
            503, "The state cannot be read now", "The database did not answer. Ask again in some seconds."
        )
    except NoPageError:  # it was archived, or closed, in between
        return door.no_page()


def _shown(request: HttpRequest, grant: Grant, path: str, now_us: int) -> HttpResponse:
    key = key_at(request.resolver_match.namespaces if request.resolver_match else (), path)
    key = key._replace(page=grant.page.slug, audience=grant.audience)
    document = shared().get(key, partial(render, json_url=key.variant), now_us)
    sent = answer(
        document,
        method=str(request.method),
        if_none_match=request.headers.get("If-None-Match", ""),
        accept_encoding=request.headers.get("Accept-Encoding", ""),
    )
    return HttpResponse(sent.body, status=sent.status, headers=dict((*HEADERS, *sent.headers)))


def key_at(namespaces: Sequence[str] = (), path: str = "") -> Key:
    """Return the key of a page as a request meets it: the address of its JSON is a part of it.

    ``path`` is the slug that the path names, empty where it names none.
    """
    return KEY._replace(variant=_json_url(namespaces, path))


def render(view: View, json_url: str = "") -> Document:
    """Return the document of one revision of a page."""
    clock = SiteClock(view.zone, view.as_of_us)
    rows = Rows(view, clock)
    components = [rows.row(index, each) for index, each in enumerate(view.components)]
    state, sentence, detail = wording.answer(view)
    shown, more = _outages(view, clock)
    context = {
        "site": plain_name(view.page.name),
        "url": view.site.url if view.is_first and view.site.url.startswith(_SCHEMES) else "",
        "state": state,
        "sentence": sentence,
        "detail": detail,
        "as_of": clock.full(view.as_of_us),
        "notice": wording.notice(view, clock),
        "components": components,
        "first_day": rows.first_day.isoformat(),
        "any_paused": any('class="paused"' in each.bars for each in components),
        "outages": shown,
        "more_outages": more,
        "zone": clock.zone_text,
        "json_url": json_url,
        "assets": assets.urls(),
    }
    return Document.of(rendered("status.html", context), HTML)


def _outages(view: View, clock: SiteClock) -> tuple[list[dict[str, Any]], str]:
    since_us = view.days.edges_us[view.days.today - DAYS + 1]
    found = [
        (outage, each.name) for each in view.components for outage in each.outages if outage.end_us > since_us
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


def _json_url(namespaces: Sequence[str], path: str) -> str:
    kwargs = {"page": path} if path else None
    for depth in range(len(namespaces), -1, -1):  # beside the page, or nearer to the root
        with suppress(NoReverseMatch):
            return reverse(":".join([*namespaces[:depth], "uptime_status"]), kwargs=kwargs)
    return ""  # a project may mount the page alone

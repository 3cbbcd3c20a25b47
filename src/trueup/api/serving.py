"""A public JSON document: asked for with GET or HEAD, served for a page and an audience, rendered once."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from trueup.access.asked import Grant, Refusal, asked
from trueup.api.problem import no_page, problem, refused, unreadable, wrong_method
from trueup.domain.audience import Audience
from trueup.figures.cache import Key, NoPageError, shared
from trueup.figures.document import Document, answer
from trueup.figures.sla.fault import UnknownContractError
from trueup.figures.view import View

METHODS = ("GET", "HEAD", "OPTIONS")
_SLUG = 100  # no contract has a longer one

Render = Callable[[View, str | None], Document]


def serve(
    request: HttpRequest,
    key: Key,
    render: Render,
    page: str = "",
    *,
    inside: bool = False,
    of_contract: bool = True,
) -> HttpResponse:
    """Answer with a document of the page that is asked for; ``?contract=`` names the contract it speaks of.

    Args:
        request: With GET, HEAD or OPTIONS; else it is refused.
        key: Of the document; page, audience and contract are filled in here.
        render: Makes it where there is none of this revision.
        page: The slug that the path names; empty: the host name says, else it is the first page.
        inside: The document says more to those inside; without it, who reads an open page costs nothing.
        of_contract: It speaks of a contract; without it, ``?contract=`` changes nothing and is not kept.
    """
    if request.method not in METHODS:
        return wrong_method(str(request.method), METHODS)
    now_us = time.time_ns() // 1000
    try:
        grant = asked(request, shared().directory(now_us), page, now_us, inside=inside)
        if isinstance(grant, Refusal):
            return refused(grant)
        if request.method == "OPTIONS":
            return _preflight(grant)
        slug = request.GET.get("contract") if of_contract else None
        return _shown(request, grant, key, render, slug, now_us)
    except DatabaseError as error:
        return unreadable(type(error).__name__)
    except NoPageError:  # it was archived, or closed, in between
        return no_page()


def _shown(
    request: HttpRequest, grant: Grant, key: Key, render: Render, slug: str | None, now_us: int
) -> HttpResponse:
    variant = f"contract {slug}"[: _SLUG + 10] if slug is not None else key.variant
    key = key._replace(page=grant.page.slug, audience=grant.audience, variant=variant)
    try:
        document = shared().get(key, lambda view: render(view, slug), now_us)
    except UnknownContractError as error:
        return _unknown(str(error), grant)
    sent = answer(
        document,
        method=str(request.method),
        if_none_match=request.headers.get("If-None-Match", ""),
        accept_encoding=request.headers.get("Accept-Encoding", ""),
    )
    return HttpResponse(sent.body, status=sent.status, headers=dict(sent.headers))


def _unknown(why: str, grant: Grant) -> HttpResponse:
    return problem(
        404,
        what="there is no such contract",
        why=why[:2_000],
        remedy="Name one of them, or leave ?contract= out for the one that is meant then.",
        anyone=grant.audience is Audience.PUBLIC,
    )


def _preflight(grant: Grant) -> HttpResponse:
    response = HttpResponse(status=204)
    response.headers["Allow"] = ", ".join(METHODS)
    if grant.audience is Audience.PUBLIC:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Allow-Methods"] = ", ".join(METHODS)
        response.headers["Access-Control-Allow-Headers"] = "If-None-Match"
        response.headers["Access-Control-Max-Age"] = "86400"
    return response

"""A public JSON document: asked for with GET or HEAD, by scripts of other sites too, rendered once."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from trueup.api.problem import problem, unreadable, wrong_method
from trueup.figures.cache import Key, shared
from trueup.figures.document import Document, answer
from trueup.figures.page import Page
from trueup.figures.sla.fault import UnknownContractError

METHODS = ("GET", "HEAD", "OPTIONS")
_SLUG = 100  # no contract has a longer one


def serve(request: HttpRequest, key: Key, render: Callable[[Page, str | None], Document]) -> HttpResponse:
    """Answer with a document; ``?contract=`` names the contract that it speaks of."""
    if request.method == "OPTIONS":
        return _preflight()
    if request.method not in METHODS:
        return wrong_method(str(request.method), METHODS)
    slug = request.GET.get("contract")
    key = key._replace(variant=f"contract {slug}"[: _SLUG + 10] if slug is not None else "")
    try:
        document = shared().get(key, lambda page: render(page, slug), time.time_ns() // 1000)
    except DatabaseError as error:
        return unreadable(type(error).__name__)
    except UnknownContractError as error:
        return _unknown(str(error))
    sent = answer(
        document,
        method=str(request.method),
        if_none_match=request.headers.get("If-None-Match", ""),
        accept_encoding=request.headers.get("Accept-Encoding", ""),
    )
    return HttpResponse(sent.body, status=sent.status, headers=dict(sent.headers))


def _unknown(why: str) -> HttpResponse:
    return problem(
        404,
        what="there is no such contract",
        why=why[:2_000],
        remedy="Name one of them, or leave ?contract= out for the one that is meant then.",
    )


def _preflight() -> HttpResponse:
    response = HttpResponse(status=204)
    response.headers["Allow"] = ", ".join(METHODS)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Methods"] = ", ".join(METHODS)
    response.headers["Access-Control-Allow-Headers"] = "If-None-Match"
    response.headers["Access-Control-Max-Age"] = "86400"
    return response

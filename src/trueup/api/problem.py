"""Errors of the API: what happened, why, and what to do, as ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

import msgspec
from django.http import HttpResponse

CONTENT_TYPE = "application/problem+json"


def problem(status: int, *, what: str, why: str, remedy: str) -> HttpResponse:
    """Return an error: ``title`` says what happened, ``detail`` why, ``remedy`` what to do."""
    document = {"type": "about:blank", "status": status, "title": what, "detail": why, "remedy": remedy}
    response = HttpResponse(msgspec.json.encode(document), status=status, content_type=CONTENT_TYPE)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def wrong_method(method: str, allowed: tuple[str, ...]) -> HttpResponse:
    """Return the answer to a method that a document does not know."""
    names = ", ".join(allowed)
    response = problem(
        405,
        what=f"{method} is not possible here",
        why="this document is read only.",
        remedy=f"Use one of {names}.",
    )
    response.headers["Allow"] = names
    return response


def not_found(path: str) -> HttpResponse:
    """Return the answer to an address that does not exist."""
    return problem(
        404,
        what="there is nothing at this address",
        why=f"no document has the path {path[:200]}.",
        remedy="Read the addresses of the API in the documentation; /api/system/uptime/ is one.",
    )


def unreadable(reason: str) -> HttpResponse:
    """Return the answer when the database cannot be read."""
    response = problem(
        503,
        what="the figures cannot be read now",
        why=f"the database did not answer: {reason}.",
        remedy="Try again in some seconds; if it stays, ask /readyz what is wrong.",
    )
    response.headers["Retry-After"] = "5"
    return response

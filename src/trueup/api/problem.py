"""Errors of the API: what happened, why, and what to do, as ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

import msgspec
from django.http import HttpResponse

from trueup.access.asked import Refusal, Why

CONTENT_TYPE = "application/problem+json"


def problem(
    status: int, *, what: str, why: str, remedy: str, anyone: bool = True, field: str = ""
) -> HttpResponse:
    """Return an error: ``title`` says what happened, ``detail`` why, ``remedy`` what to do.

    ``anyone`` lets scripts of other sites read it: not where a page is open to some only. ``field`` names
    what of the request it is about.
    """
    document = {"type": "about:blank", "status": status, "title": what, "detail": why, "remedy": remedy}
    if field:
        document["field"] = field
    response = HttpResponse(msgspec.json.encode(document), status=status, content_type=CONTENT_TYPE)
    response.headers["Cache-Control"] = "no-store" if anyone else "private, no-store"
    if anyone:
        response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def refused(refusal: Refusal) -> HttpResponse:
    """Return the answer to somebody who may not see a page: what to do, and nothing of the page."""
    if refusal.why is Why.NO_PAGE:
        return no_page()
    if refusal.why is Why.TOO_OFTEN:
        return _too_often(refusal.wait_us)
    by_password = refusal.privacy == "password"
    remedy = "Send a token for it, in the header `Authorization: Bearer TOKEN`."
    if by_password:
        remedy = "Send its password by HTTP Basic (any user name), or open the page and enter it there."
    why = "its password is needed" if by_password else "a token for it is needed"
    if refusal.why is Why.NOT_GOOD:
        why += ", and what was sent opens nothing here: it is wrong, expired, revoked, or of another page"
    response = problem(
        401, what="this page is not open to everybody", why=f"{why}.", remedy=remedy, anyone=False
    )
    scheme = 'Basic realm="status page", charset="UTF-8"' if by_password else 'Bearer realm="status page"'
    response.headers["WWW-Authenticate"] = scheme
    return response


def no_page() -> HttpResponse:
    """Return the answer to a request for a page that does not exist."""
    return problem(
        404,
        what="there is no such page",
        why="no page has the name that the address gives after /p/.",
        remedy="Look whether the address is written right.",
    )


def _too_often(wait_us: int) -> HttpResponse:
    wait_s = -(-wait_us // 1_000_000)
    response = problem(
        429,
        what="too many wrong passwords",
        why="they came from your address, in a few minutes.",
        remedy=f"Try again in {wait_s} s.",
        anyone=False,
    )
    response.headers["Retry-After"] = str(wait_s)
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

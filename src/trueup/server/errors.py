"""What the standalone site answers when there is nothing to show: a problem to programs, words to people."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from trueup.api.problem import not_found as no_document
from trueup.api.problem import problem
from trueup.pages.message import message_page


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 (Django names it)
    """Answer a request that cannot be understood, such as one for a host name we do not serve."""
    what, why = "this request cannot be answered", "its host name or its form is not one that is served here."
    remedy = "Set TRUEUP_HOSTS if the host name should be served."
    if _for_program(request):
        return problem(400, what=what, why=why, remedy=remedy)
    return message_page(400, what, f"{why.capitalize()} {remedy}")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 (Django names it)
    """Answer a request for an address that does not exist."""
    if _for_program(request):
        return no_document(request.path)
    return message_page(
        404, "There is nothing at this address", "The state of everything is on the first page."
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer when something of ours broke; the log holds what."""
    what, why = "something in trueup broke", "it is a fault of trueup, and its log says more."
    if _for_program(request):
        return problem(500, what=what, why=why, remedy="Try again; if it stays, report the lines of the log.")
    return message_page(500, "This page could not be made", "Something in trueup broke. Its log says more.")


def _for_program(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or "text/html" not in request.headers.get("Accept", "")

"""What stands where a page would be, to those who may not see it: a form for its password, or words."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.encoding import escape_uri_path

from trueup.access import password
from trueup.access.asked import Grant, Refusal, Why, entered, find
from trueup.pages import assets
from trueup.pages.message import message_page
from trueup.pages.security import CONTENT_SECURITY_POLICY, HEADERS
from trueup.pages.template import rendered
from trueup.store.read.page import Directory

# A form may be sent from here, and has to say that it was: with no-referrer its origin would be "null".
_HEADERS = {
    **dict(HEADERS),
    "Content-Security-Policy": CONTENT_SECURITY_POLICY.replace("form-action 'none'", "form-action 'self'"),
    "Referrer-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}
_SAID = {
    Why.NO_PAGE: "",
    Why.NOTHING: "",
    Why.NOT_GOOD: "That is not the password of this page.",
    Why.TOO_OFTEN: "Too many wrong passwords came from your address. Try again in {minutes} min.",
}


def closed(refusal: Refusal) -> HttpResponse:
    """Answer somebody who may not see a page; nothing of it is said."""
    if refusal.why is Why.NO_PAGE:
        return no_page()
    if refusal.privacy != "password":
        response = message_page(
            401,
            "This page is not open to everybody",
            "It opens with a token, sent in the header Authorization: Bearer TOKEN. "
            "Ask whoever runs it for one.",
        )
        response.headers["Cache-Control"] = "private, no-store"
    else:
        minutes = -(-refusal.wait_us // 60_000_000)
        said = _SAID[refusal.why].format(minutes=minutes)
        body = rendered("password.html", {"assets": assets.urls(), "said": said})
        response = HttpResponse(body, status=refusal.status, headers=_HEADERS)
    if refusal.wait_us:
        response.headers["Retry-After"] = str(-(-refusal.wait_us // 1_000_000))
    if refusal.status == 401:
        # Never Basic: the browser would ask with a window of its own instead of showing the form.
        response.headers["WWW-Authenticate"] = 'Bearer realm="status page"'
    return response


def no_page() -> HttpResponse:
    """Answer a request for a page that does not exist."""
    return message_page(404, "There is no such page", "Look whether the address is written right.")


def enter(
    request: HttpRequest, directory: Directory, slug: str, now_us: int, methods: tuple[str, ...]
) -> HttpResponse:
    """Answer a form: the right password sets the cookie and leads to the page; ``methods`` are its own."""
    page = find(directory, slug, request.get_host())
    if page is not None and page.privacy != "password":
        return HttpResponseNotAllowed(methods)
    if not _is_from_here(request):
        return message_page(
            403,
            "This form came from somewhere else",
            "Open the page and enter the password there; programs send it by HTTP Basic.",
        )
    found = entered(request, directory, slug, request.POST.get("password", ""), now_us)
    if not isinstance(found, Grant):
        return closed(found)
    response = HttpResponse(status=303, headers={**_HEADERS, "Location": escape_uri_path(request.path)})
    password.remember(request, response, found.page, directory.locks[found.page.slug])
    return response


def _is_from_here(request: HttpRequest) -> bool:
    """Tell whether a browser sent a form of ours: it says so itself, and no other site can."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin", "")
    return bool(origin) and urlsplit(origin).netloc.lower() == request.get_host().lower()

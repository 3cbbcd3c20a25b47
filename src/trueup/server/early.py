"""Answer a public document that is in memory before Django looks at the request."""

from __future__ import annotations

import time
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from trueup.access.asked import find
from trueup.api import system_uptime
from trueup.figures.cache import shared
from trueup.figures.document import Document, answer
from trueup.pages import status
from trueup.pages.security import HEADERS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_OF_A_PAGE = "/p/"  # before a slug; then comes a path as at the root
_API = "/api/system/uptime/"


class Early:
    """Answers a GET of a document of a page that is open to everybody; everything else is Django's.

    Its documents say the same to everybody who may see the page, so it does not matter who asks.
    """

    def __init__(self, application: WSGIApplication) -> None:
        """Take the application that answers what is not in memory."""
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        document = None
        if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            document = _kept(environ, time.time_ns() // 1000)
        if document is None:
            return self._application(environ, start_response)
        sent = answer(
            document,
            method=environ["REQUEST_METHOD"],
            if_none_match=environ.get("HTTP_IF_NONE_MATCH", ""),
            accept_encoding=environ.get("HTTP_ACCEPT_ENCODING", ""),
        )
        start_response(f"{sent.status} {HTTPStatus(sent.status).phrase}", [*HEADERS, *sent.headers])
        return (sent.body,)


def _kept(environ: WSGIEnvironment, now_us: int) -> Document | None:
    """Return the document that is asked for, if it is in memory and everybody may see it."""
    slug, path = _split(environ["PATH_INFO"])
    if path not in ("/", _API) or environ.get("SCRIPT_NAME"):
        return None
    host = environ.get("HTTP_HOST") or environ.get("SERVER_NAME", "")
    directory = shared().listed(now_us)
    if directory is None or not _is_served(host):
        return None
    page = find(directory, slug, host)
    if page is None or page.privacy != "public":
        return None
    json_url = f"{_OF_A_PAGE}{slug}{_API}" if slug else _API
    key = system_uptime.KEY if path == _API else status.KEY._replace(variant=json_url)
    return shared().fresh(key._replace(page=page.slug), now_us)


def _split(path: str) -> tuple[str, str]:
    """Return the slug of the page that a path names, empty where it names none, and what follows."""
    if not path.startswith(_OF_A_PAGE):
        return "", path
    slug, slash, rest = path[len(_OF_A_PAGE) :].partition("/")
    return slug, slash + rest if slug else ""


def _is_served(host: str) -> bool:
    """Tell whether a host name, with or without a port, is one that Django would serve."""
    domain, _ = split_domain_port(host)
    return bool(domain) and (settings.ALLOWED_HOSTS == ["*"] or validate_host(domain, settings.ALLOWED_HOSTS))

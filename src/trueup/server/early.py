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
from trueup.figures.cache import Key, shared
from trueup.figures.document import Document, answer
from trueup.pages import status
from trueup.pages.security import HEADERS
from trueup.store.read.page import Directory

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_OF_A_PAGE = "/p/"  # before a slug; then comes a path as at the root
_API = "/api/system/uptime/"
_MOST = 1_000  # hosts and paths that are remembered: strangers may invent any number
_LONGEST = 253  # characters of a host name


class Early:
    """Answers a GET of a document of a page that is open to everybody; everything else is Django's.

    Its documents say the same to everybody who may see the page, so it does not matter who asks.
    """

    def __init__(self, application: WSGIApplication) -> None:
        """Take the application that answers what is not in memory."""
        self._application = application
        # What was found in a directory, by host and path; one attribute, so that threads see both or none.
        self._known: tuple[Directory | None, dict[tuple[str, str], Key]] = (None, {})

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        method = environ["REQUEST_METHOD"]
        document = self._kept(environ) if method in ("GET", "HEAD") else None
        if document is None:
            return self._application(environ, start_response)
        sent = answer(
            document,
            method=method,
            if_none_match=environ.get("HTTP_IF_NONE_MATCH", ""),
            accept_encoding=environ.get("HTTP_ACCEPT_ENCODING", ""),
        )
        start_response(f"{sent.status} {HTTPStatus(sent.status).phrase}", [*HEADERS, *sent.headers])
        return (sent.body,)

    def _kept(self, environ: WSGIEnvironment) -> Document | None:
        """Return the document that is asked for, if it is in memory and everybody may see it."""
        now_us, documents = time.time_ns() // 1000, shared()
        directory = documents.listed(now_us)
        if directory is None or environ.get("SCRIPT_NAME"):
            return None
        known, keys = self._known
        if directory is not known or len(keys) >= _MOST:
            self._known = (directory, keys := {})
        host, path = environ.get("HTTP_HOST") or environ.get("SERVER_NAME", ""), environ["PATH_INFO"]
        key = keys.get((host, path))
        if key is None:
            key = _key(host, path, directory)
            if key is None:
                return None
            if len(host) <= _LONGEST:
                keys[host, path] = key
        return documents.fresh(key, now_us)


def _key(host: str, path: str, directory: Directory) -> Key | None:
    """Return the key of what is asked for, None where it is no document of ours, or not for everybody."""
    slug, rest = _split(path)
    if rest not in ("/", _API) or not _is_served(host):
        return None
    page = find(directory, slug, host)
    if page is None or page.privacy != "public":
        return None
    json_url = f"{_OF_A_PAGE}{slug}{_API}" if slug else _API
    key = system_uptime.KEY if rest == _API else status.KEY._replace(variant=json_url)
    return key._replace(page=page.slug)


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

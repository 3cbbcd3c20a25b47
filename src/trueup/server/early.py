"""Answer a public document that is in memory before Django looks at the request."""

from __future__ import annotations

import time
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from trueup.api import system_uptime
from trueup.figures.cache import Key, shared
from trueup.figures.document import answer
from trueup.pages import status
from trueup.pages.security import HEADERS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Early:
    """Answers a GET of a public document from memory; everything else is Django's."""

    def __init__(self, application: WSGIApplication) -> None:
        """Take the application that answers what is not in memory."""
        self._application = application
        self._keys: dict[str, Key] = {"/": status.key_at(), "/api/system/uptime/": system_uptime.KEY}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        key = self._keys.get(environ["PATH_INFO"])
        method = environ["REQUEST_METHOD"]
        if key is None or method not in ("GET", "HEAD") or not _is_ours(environ):
            return self._application(environ, start_response)
        document = shared().fresh(key, time.time_ns() // 1000)
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


def _is_ours(environ: WSGIEnvironment) -> bool:
    """Tell whether it is at the root, and its host name is one that Django would serve."""
    if environ.get("SCRIPT_NAME"):
        return False
    if settings.ALLOWED_HOSTS == ["*"]:
        return True
    domain, _ = split_domain_port(environ.get("HTTP_HOST", ""))
    return validate_host(domain, settings.ALLOWED_HOSTS)

"""The WSGI application of the standalone site; a document in memory is answered before Django."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http.request import split_domain_port, validate_host

from trueup.api import system_uptime
from trueup.figures.cache import Key, shared
from trueup.figures.document import answer
from trueup.pages import status
from trueup.pages.security import HEADERS
from trueup.server.processes import die_with_parent

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_EARLY: dict[str, Key] = {"/": status.KEY, "/api/system/uptime/": system_uptime.KEY}


class Early:
    """Answers a GET of a public document from memory; everything else is Django's."""

    def __init__(self, application: WSGIApplication) -> None:
        """Take the application that answers what is not in memory."""
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        key = _EARLY.get(environ["PATH_INFO"])
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
    """Tell whether the host name is one that Django would serve."""
    if settings.ALLOWED_HOSTS == ["*"]:
        return True
    domain, _ = split_domain_port(environ.get("HTTP_HOST", ""))
    return validate_host(domain, settings.ALLOWED_HOSTS)


def _end_with_server() -> None:
    # granian's worker goes on serving when its main process is killed, and nobody would stop it.
    main = multiprocessing.parent_process()
    if main is not None and main.pid is not None:
        die_with_parent(main.pid)


_end_with_server()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trueup.server.settings")
application = Early(get_wsgi_application())

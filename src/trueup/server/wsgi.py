"""The WSGI application of the standalone site."""

from __future__ import annotations

import multiprocessing
import os
from typing import TYPE_CHECKING

from django.core.wsgi import get_wsgi_application

from trueup.server.processes import die_with_parent

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def _end_with_server() -> None:
    # granian's worker goes on serving when its main process is killed, and nobody would stop it.
    main = multiprocessing.parent_process()
    if main is not None and main.pid is not None:
        die_with_parent(main.pid)


def _application() -> WSGIApplication:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trueup.server.settings")
    django = get_wsgi_application()
    from trueup.server.early import Early  # it reads tables: only once Django is set up

    return Early(django)


_end_with_server()
application = _application()

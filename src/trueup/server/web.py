"""Serve the page and the API with granian: one worker, few threads, behind one address."""

from __future__ import annotations

import errno
import logging
import os
import socket
import time
from importlib.util import find_spec

from trueup.conf import Listen, Settings
from trueup.server import boot, database
from trueup.server.faults import StartError

log = logging.getLogger("trueup.web")

_NAME = "trueup web"  # in the list of processes, where setproctitle is installed
_BACKPRESSURE = 64
_OUR_LOG = {  # granian's lines go where ours go
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {},
    "handlers": {},
    "loggers": {"_granian": {"handlers": [], "propagate": True}},
}
_HEADERS_MS = 10_000  # a client that dribbles its headers is let go


def claim_port(listen: Listen) -> None:
    """Make sure that nobody listens there: two servers on one port would both start, unnoticed.

    Raises:
        StartError: Somebody does, or the address is not of this machine.
    """
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listen.host, listen.port))
            probe.listen(1)
        except OSError as error:
            raise StartError(_port_sentence(listen, error)) from None


def is_open(listen: Listen) -> bool:
    """Return whether something accepts connections there."""
    try:
        socket.create_connection((reachable(listen.host), listen.port), timeout=1).close()
    except OSError:
        return False
    return True


def reachable(host: str) -> str:
    """Return an address at which this machine itself reaches a server that listens on ``host``."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (compared, not bound)


def url(listen: Listen) -> str:
    """Return the address of the page as a person on this machine would type it."""
    return f"http://{Listen(reachable(listen.host), listen.port)}/"


def run(settings: Settings, *, parent: int | None = None) -> None:
    """Serve until SIGINT or SIGTERM; end with ``parent`` where one is given.

    Raises:
        StartError: The port is taken, or there is no database of this version to serve.
    """
    boot.refuse_hosted("web", "It serves its pages itself: mount trueup.urls, and start it as always.")
    boot.process("web", settings, parent)
    claim_port(settings.listen)
    if parent is None:
        database.require()
    boot.django()  # before the worker is forked: it shares what is loaded
    _sign()
    _serve(settings)


def _sign() -> None:
    """Note since when this process serves; it is alive as long as it answers ``/healthz``."""
    from django.db import DatabaseError, connection

    from trueup.store.write import vital

    now_us = time.time_ns() // 1000
    host, pid = socket.gethostname(), os.getpid()
    try:
        vital.note(vital.Life(process="web", pid=pid, host=host, started_us=now_us, tick_us=now_us))
    except DatabaseError as error:
        log.warning("the start is not noted", extra={"why": str(error)})  # the page needs to read only
    finally:
        connection.close()  # the worker opens its own


def _serve(settings: Settings) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    Granian(
        "trueup.server.wsgi:application",
        process_name=_NAME if find_spec("setproctitle") else None,  # granian takes one only then
        address=settings.listen.host,
        port=settings.listen.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=settings.web_threads,
        backpressure=_BACKPRESSURE,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADERS_MS),
        log_level=LogLevels.warning,
        log_dictconfig=_OUR_LOG,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
    ).serve()


def _port_sentence(listen: Listen, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {listen.port} on {listen.host} is taken by another program. "
            f"Stop that one, or choose another port: --listen {Listen(listen.host, _other(listen.port))}"
        )
    if error.errno == errno.EACCES:
        return f"This user may not listen on port {listen.port}. Choose a port above 1023 with --listen."
    return (
        f"{listen.host} is no address of this machine ({os.strerror(error.errno or 0)}). "
        "Write --listen 127.0.0.1:PORT, or 0.0.0.0:PORT to be reached from everywhere."
    )


def _other(port: int) -> int:
    return port + 1 if port < 65535 else port - 1

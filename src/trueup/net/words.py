"""What libcurl says on the wire for a plain request, so that it can be said again word for word."""

from __future__ import annotations

import _socket

import pycurl

from trueup.net.transfer import ALWAYS, Request

_ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
_MOST = 131_072  # bytes of a request
_PATIENCE_MS = 1_000  # nothing is waited for: both ends are here


def words_of(request: Request) -> bytes:
    """Return the bytes of a request that shares its options; none where libcurl refuses to send it.

    libcurl asks a pair of sockets, whose other end we hold: nothing leaves this process.

    Raises:
        OSError: This machine has no descriptors left for them.
    """
    ours, theirs = _socket.socketpair()
    handle = pycurl.Curl()
    try:
        ours.setblocking(False)
        ours.send(_ANSWER)
        for option, value in (*ALWAYS, *request.shared, *request.options):
            handle.setopt(option, value)
        handle.setopt(pycurl.TIMEOUT_MS, _PATIENCE_MS)
        handle.setopt(pycurl.CONNECT_TO, [f"::127.0.0.1:{request.port}"])  # no name is looked up
        answer_from(handle, theirs)
        handle.perform()
        said = ours.recv(_MOST)
    except (pycurl.error, BlockingIOError):
        return b""
    finally:
        handle.close()
        ours.close()
        theirs.close()
    return said if said.endswith(b"\r\n\r\n") else b""


def answer_from(handle: pycurl.Curl, end: _socket.socket) -> None:
    """Have a handle take one end of a connection that stands instead of making one."""
    handle.setopt(pycurl.OPENSOCKETFUNCTION, lambda *_: end)  # libcurl takes a copy
    handle.setopt(pycurl.SOCKOPTFUNCTION, lambda *_: pycurl.SOCKOPT_ALREADY_CONNECTED)

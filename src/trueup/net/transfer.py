"""One libcurl transfer to one judged address: what is asked, and what came back."""

from __future__ import annotations

import _socket
import os
from dataclasses import dataclass, field
from typing import Any

import pycurl

from trueup.net.guard import Guard
from trueup.net.multi import Done, Loop
from trueup.net.resolve import literal
from trueup.net.trust import trusted

# The wheel's libcurl lacks names for the bits of ws and wss.
_WEB = pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS | 1 << 30 | 1 << 31
_CRUMB = 64  # what a smaller piece of a body counts for: a million of one byte would cost a second
# One connection a transfer and nothing remembered between two: what is measured is the whole way.
ALWAYS: tuple[tuple[int, Any], ...] = (
    (pycurl.NOSIGNAL, 1),
    (pycurl.PROTOCOLS, _WEB),
    (pycurl.FRESH_CONNECT, 1),
    (pycurl.FORBID_REUSE, 1),
    (pycurl.PROXY, ""),  # else the environment's is taken
)
_SECURED: tuple[tuple[int, Any], ...] = (
    (pycurl.SSL_SESSIONID_CACHE, 0),  # a resumed session shows no certificate
    (pycurl.OPT_CERTINFO, 1),
)


class Plain:
    """What is known of a plain request that is asked again and again."""

    __slots__ = ("odd", "words")

    def __init__(self) -> None:
        self.words = b""  # what is said on the wire; empty until it is first asked
        self.odd = False  # libcurl asks: its answers are of a form that nobody else reads


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of whom; the address and the deadline are added when it is started.

    ``host`` and ``port`` are those of the connection: of ``connect_to`` or the proxy where there is one.
    ``name`` is how the request is called in sentences; it holds no secret. ``shared`` are options that
    many requests have in common: a handle keeps them for the next one. A request that has any is plain
    HTTP without a proxy to the host and port of its URL, and its own options are that URL.
    """

    name: str
    url: str
    host: str
    port: int
    options: tuple[tuple[int, Any], ...] = field(repr=False)  # they hold secrets
    shared: tuple[tuple[int, Any], ...] = ()  # these hold none
    plain: Plain | None = field(default=None, compare=False, repr=False)  # of a GET that shares its options
    family: int = 0  # 4, 6 or 0 for either
    proxy: str = ""  # "http" or "socks5h" where host and port are a proxy's
    beyond: str = ""  # the host that the proxy is asked for
    tls: bool = False
    authorities: bytes = field(default=b"", repr=False)  # PEM; none means the system's
    limit: int = 1_000_000  # bytes of body
    cut: bool = True  # whether a larger body is cut there; else it is a failure
    upgrade: bool = False  # the connection is kept after the answer
    key: str = ""  # what the answer to an upgrade is checked with
    carried: Any = field(default=None, repr=False)  # what a kind hands on from one request to the next
    cookies: tuple[str, ...] | None = field(default=None, repr=False)  # as libcurl writes them; None: no jar


class _Socket:
    """A descriptor for libcurl, which takes a copy: this one is closed when it has."""

    __slots__ = ("_fd",)

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._fd

    def __del__(self) -> None:
        os.close(self._fd)


class Transfer:
    """A pooled handle with the callbacks that receive its answer; ``hops`` counts the requests before.

    After its end ``failed`` says why there was none: ``"large"`` (more than the limit), ``"guard"``
    (libcurl wanted another address, in ``refused``) or an ``OSError`` of our own machine.
    """

    __slots__ = (
        "_chunks",
        "_kept",
        "_left",
        "_limits_ms",
        "_lines",
        "_loop",
        "_pin",
        "_status",
        "address",
        "cut",
        "failed",
        "guard",
        "handle",
        "hops",
        "refused",
        "request",
        "size",
    )

    request: Request
    address: str
    guard: Guard
    _status: int

    def __init__(self) -> None:
        self.handle = pycurl.Curl()
        self._lines: list[bytes] = []
        self._chunks: list[bytes] = []
        self._kept: tuple[tuple[int, Any], ...] = ()  # what is still set from the request before
        self._pin = ""
        self._limits_ms = (0, 0)
        self._loop: Loop | None = None

    def prepare(self, request: Request, address: str, guard: Guard, hops: int = 0) -> None:
        """Set the handle up to ask one address; the caller adds the deadline."""
        self.request = request
        self.address = address
        self.guard = guard
        self.hops = hops
        self.size = 0
        self._left = request.limit
        self._status = -1
        self.cut = False
        self.refused = ""
        self.failed: str | OSError = ""
        if not request.shared or request.shared != self._kept:
            self._set_up(request)
        if request.tls:
            self._secure(request)
        handle = self.handle
        for option, value in request.options:
            handle.setopt(option, value)
        if request.shared:
            self._pin_to(request, address)
        else:
            self._lead(request, address)

    def limit(self, total_ms: int, connect_ms: int = 0) -> None:
        """Set the deadline of all and of the connect; 0 leaves the connect to the first."""
        if (total_ms, connect_ms) != self._limits_ms:
            self._limits_ms = (total_ms, connect_ms)
            self.handle.setopt(pycurl.TIMEOUT_MS, total_ms)
            self.handle.setopt(pycurl.CONNECTTIMEOUT_MS, connect_ms)

    def begin(self, loop: Loop, done: Done) -> None:
        """Ask; ``done(code, message)`` is called at the end, the code being libcurl's."""
        self._loop = loop
        loop.start(self.handle, done)

    def end(self) -> None:
        """End it, finished or not, and close its connection."""
        if self._loop is not None:
            self._loop.remove(self.handle)
            self._loop = None

    def clear(self) -> None:
        """Forget what was asked, with its secrets, and what came."""
        if not self._kept:
            self._reset()
        self._lines.clear()
        self._chunks.clear()

    def _reset(self) -> None:
        self.handle.reset()
        self._kept, self._pin, self._limits_ms = (), "", (0, 0)

    def _set_up(self, request: Request) -> None:
        if self._kept:
            self._reset()
        self._kept = request.shared
        setopt = self.handle.setopt
        for option, value in (*ALWAYS, *request.shared):
            setopt(option, value)
        setopt(pycurl.HEADERFUNCTION, self._lines.append)
        setopt(pycurl.WRITEFUNCTION, self._write)
        if request.shared:
            setopt(pycurl.PREREQFUNCTION, self._connected)
        else:
            setopt(pycurl.OPENSOCKETFUNCTION, self._open)

    def _secure(self, request: Request) -> None:
        setopt = self.handle.setopt
        for option, value in _SECURED:
            setopt(option, value)
        if request.authorities:
            # not by its path: libcurl keeps one set of authorities read, which shall be the system's
            setopt(pycurl.CAINFO_BLOB, request.authorities)
        else:
            setopt(pycurl.CAINFO, trusted())  # the path that the wheel was built with is not everywhere

    def _pin_to(self, request: Request, address: str) -> None:
        """Have libcurl connect to the address that was judged; where the URL names it, it does anyway."""
        pin = "" if request.host == address else f"::{_bracketed(address)}:{request.port}"
        if pin == self._pin:
            return
        self._pin = pin
        if pin:
            self.handle.setopt(pycurl.CONNECT_TO, [pin])
        else:
            self.handle.unsetopt(pycurl.CONNECT_TO)

    def _lead(self, request: Request, address: str) -> None:
        """Do the same for a request with options of its own, which are forgotten after it."""
        setopt = self.handle.setopt
        if request.cookies is not None:
            setopt(pycurl.COOKIEFILE, "")  # no file: it turns the jar on
            for cookie in request.cookies:
                setopt(pycurl.COOKIELIST, cookie)
        if request.upgrade:
            setopt(pycurl.FORBID_REUSE, 0)
        if request.proxy:
            setopt(pycurl.PROXY, f"{request.proxy}://{_bracketed(address)}:{request.port}")
        else:
            setopt(pycurl.CONNECT_TO, [f"::{_bracketed(address)}:{request.port}"])

    @property
    def body(self) -> bytes:
        """Return the body as far as it was kept."""
        return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)

    @property
    def headers(self) -> bytes:
        """Return all header lines that came, those of interim answers included."""
        return b"".join(self._lines)

    @property
    def status(self) -> int:
        """Return the status code, 0 where none came."""
        if self._status < 1:
            self._status = self.handle.getinfo(pycurl.RESPONSE_CODE)
        return self._status

    @property
    def took_us(self) -> int:
        """Return how long the transfer took, from its start to its end."""
        took: int = self.handle.getinfo(pycurl.TOTAL_TIME_T)
        return took

    @property
    def version(self) -> int:
        """Return the version of HTTP that was spoken, as libcurl numbers them."""
        version: int = self.handle.getinfo(pycurl.INFO_HTTP_VERSION)
        return version

    @property
    def connected_us(self) -> int:
        """Return when it was connected, counted from its start; 0 if it never was."""
        connected: int = self.handle.getinfo(pycurl.CONNECT_TIME_T)
        return connected

    @property
    def secured_us(self) -> int:
        """Return when the handshake was over, counted from its start; 0 without one."""
        secured: int = self.handle.getinfo(pycurl.APPCONNECT_TIME_T) if self.request.tls else 0
        return secured

    @property
    def waited_us(self) -> int | None:
        """Return how long the first byte of the answer took; None where none came."""
        info = self.handle.getinfo
        first: int = info(pycurl.STARTTRANSFER_TIME_T)
        return first - info(pycurl.PRETRANSFER_TIME_T) if first else None

    @property
    def announced(self) -> int:
        """Return how large the body was said to be, -1 if nothing was said."""
        return int(self.handle.getinfo(pycurl.CONTENT_LENGTH_DOWNLOAD_T))

    @property
    def number(self) -> int:
        """Return the system's number of what went wrong, 0 without one."""
        number: int = self.handle.getinfo(pycurl.OS_ERRNO)
        return number

    @property
    def cookies(self) -> tuple[str, ...]:
        """Return what the jar holds after the answer, as libcurl writes it."""
        return tuple(self.handle.getinfo(pycurl.INFO_COOKIELIST))

    def _write(self, chunk: bytes) -> int | None:
        size = len(chunk)
        self._left -= size if size > _CRUMB else _CRUMB  # noqa: FURB136 - max() costs more
        if self._left < 0:
            self.cut = True
            if not self.request.cut:
                self.failed = "large"
            self._chunks.append(chunk[: max(0, self.request.limit - self.size)])
            self.size += len(self._chunks[-1])
            return 0  # not all of it: libcurl ends the transfer
        self.size += size
        self._chunks.append(chunk)
        return None

    def _connected(self, peer: str, _own: str, _port: int, _own_port: int) -> Any:
        # The second lock of what is pinned to one address: nothing has been sent yet.
        if peer == self.address or literal(peer) == literal(self.address):
            return pycurl.PREREQFUNC_OK
        self.failed, self.refused = "guard", peer
        return pycurl.PREREQFUNC_ABORT

    def _open(self, _purpose: int, wanted: tuple[int, int, int, tuple[Any, ...]]) -> Any:
        # The second lock: the address was judged before, libcurl must not choose another one.
        family, kind, protocol, where = wanted
        if where[0] != self.address and self.guard.refusal(where[0]) is not None:
            self.failed, self.refused = "guard", where[0]
            return pycurl.SOCKET_BAD
        try:
            return _Socket(_socket.socket(family, kind, protocol).detach())
        except OSError as error:
            self.failed = error
            return pycurl.SOCKET_BAD


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address

"""One plain HTTP exchange on a socket of our own: libcurl's words go out, a plain answer is read here.

An answer of any other form is handed to libcurl byte for byte, so that there is one reader of what is
not plain (``net.replay``).
"""

from __future__ import annotations

import _socket
import os
import re
from errno import EINPROGRESS
from time import monotonic_ns

import pycurl

from trueup.net.guard import Guard
from trueup.net.multi import Done, Loop, Timer
from trueup.net.replay import Replay
from trueup.net.transfer import Request, Transfer

_KIND = _socket.SOCK_STREAM | _socket.SOCK_NONBLOCK | _socket.SOCK_CLOEXEC
_PIECE = 16_384
_WRITABLE = 4  # epoll's bit alone: there is nothing to be read yet
_AT_ONCE = 64  # pieces that are read before others have their turn
# A status line and headers without anything that two readers could read in two ways.
_HEAD = re.compile(
    rb"HTTP/1\.([01]) ([2-5]\d\d)(?: [\t -~\x80-\xff]*)?\r\n"
    rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n)*\r\n"
)
_FRAMING = re.compile(
    rb"\n(?:content-length:[ \t]*(\d{1,15})[ \t]*(?=\r)|content-length:|transfer-encoding:)", re.IGNORECASE
)
_WITHOUT_BODY = (204, 205, 304)
_VERSIONS = {b"0": 1, b"1": 2}  # as libcurl counts them


class Exchange(Transfer):
    """A transfer that needs no handle while it goes as nearly all do."""

    # Defaults of the class: what nearly no exchange needs is not written into each.
    size = 0
    cut = False
    refused = ""
    failed: str | OSError = ""
    hops = 0
    status = 0
    headers = b""
    version = 0  # of HTTP, as libcurl numbers them
    announced = -1  # the size of the body
    number = 0  # the system's, of what went wrong
    _limits_ms = (0, 0)
    _chunks: list[bytes] = []  # a list of its own is made where a body comes
    _length: int | None = None
    _begun_ns = _connected_ns = _sent_ns = _first_ns = _ended_ns = 0
    _socket: _socket.socket | None = None
    _timer: Timer | None = None
    _replay: Replay | None = None
    _done: Done
    _loop: Loop

    def __init__(self, words: bytes) -> None:
        self._words = words

    def prepare(self, request: Request, address: str, guard: Guard, hops: int = 0) -> None:
        """Take note of what is asked of one address, which has been judged."""
        self.request = request
        self.address = address
        self.guard = guard
        self.hops = hops
        self._left = request.limit

    def limit(self, total_ms: int, connect_ms: int = 0) -> None:
        """Set the deadline of all and of the connect; 0 leaves the connect to the first."""
        self._limits_ms = (total_ms, connect_ms)

    def begin(self, loop: Loop, done: Done) -> None:
        """Connect to the judged address and to no other; ``done(code, message)`` is called at the end."""
        self._done = done
        self._connect(loop, monotonic_ns())

    def _connect(self, loop: Loop, begun_ns: int) -> None:
        self._loop = loop
        address = self.address
        self._begun_ns = begun_ns
        total_ms, connect_ms = self._limits_ms
        try:
            family = _socket.AF_INET6 if ":" in address else _socket.AF_INET
            sock = self._socket = _socket.socket(family, _KIND, 0)
        except OSError as error:
            self.failed = error
            self._end(pycurl.E_COULDNT_CONNECT)
            return
        number = sock.connect_ex((address, self.request.port))
        if number and number != EINPROGRESS:
            self._refuse(number)
            return
        loop.hold(sock.fileno(), self._ready)
        self._timer = loop.call_at(begun_ns / 1e9 + (connect_ms or total_ms) / 1e3, self._late)

    def end(self) -> None:
        """Close the connection, whatever it is used for."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._socket is not None:
            self._loop.release(self._socket.fileno())
            self._socket.close()
            self._socket = None
            if self._replay is not None:
                self._replay.close()

    def clear(self) -> None:
        """Forget nothing: what was asked and what came ends with this."""

    @property
    def took_us(self) -> int:
        """Return how long it took, from its start to its end."""
        return (self._ended_ns - self._begun_ns) // 1000

    @property
    def connected_us(self) -> int:
        """Return when it was connected, counted from its start; 0 if it never was."""
        return self._since(self._connected_ns)

    @property
    def waited_us(self) -> int | None:
        """Return how long the first byte of the answer took."""
        return (self._first_ns - self._sent_ns) // 1000 if self._first_ns else None

    def _since(self, at_ns: int) -> int:
        return max(1, (at_ns - self._begun_ns) // 1000) if at_ns else 0

    def _ready(self, event: int) -> None:
        """Go on: what the socket was waited for has come."""
        if not self._sent_ns:
            first = not self._connected_ns
            if not self._send() or (first and event == _WRITABLE):
                return
        sock, replay = self._socket, self._replay
        if replay is not None:
            replay.pump()
            return
        for _ in range(_AT_ONCE):
            if sock is None or sock is not self._socket or self._replay is not None:
                return
            try:
                chunk = sock.recv(_PIECE)
            except BlockingIOError:
                return
            except OSError as error:
                self._break(pycurl.E_RECV_ERROR, "Recv", error)
                return
            self._take(chunk)
        self._loop.call_soon_threadsafe(self._go_on)

    def _go_on(self) -> None:
        if self._socket is not None:
            self._ready(1)

    def _send(self) -> bool:
        """Send what is left to be sent; return whether that was all."""
        assert self._socket is not None
        try:
            sent = self._socket.send(self._words)
        except BlockingIOError:
            return False
        except OSError as error:
            if self._connected_ns:
                self._break(pycurl.E_SEND_ERROR, "Send", error)
            else:  # what became of the connect is told to who uses it first
                self._refuse(error.errno or 0)
            return False
        now_ns = monotonic_ns()
        if not self._connected_ns:
            self._connected_ns = now_ns
            if self._limits_ms[1]:
                self._rearm()
        self._words = self._words[sent:]
        if self._words:
            return False
        self._sent_ns = now_ns
        return True

    def _rearm(self) -> None:
        """Wait until the deadline of all, now that it is connected."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._begun_ns / 1e9 + self._limits_ms[0] / 1e3, self._late)

    def _take(self, chunk: bytes) -> None:
        """Take a piece of the answer, or its end."""
        if self.headers:
            if chunk:
                self._add(chunk)
            else:
                self._closed()
        elif not chunk:
            self._end(pycurl.E_GOT_NOTHING, "Empty reply from server")
        else:
            self._first_ns = monotonic_ns()
            self._begin_answer(chunk)

    def _begin_answer(self, chunk: bytes) -> None:
        """Read the head, which mostly comes in one piece, or have libcurl read all of it."""
        found = _HEAD.match(chunk)
        status = int(found[2]) if found is not None else 0
        if found is None or status in _WITHOUT_BODY:
            self._hand_over(chunk)
            return
        end = found.end()
        framing = _FRAMING.findall(chunk, 0, end)
        if framing:
            if len(framing) > 1 or not framing[0]:
                self._hand_over(chunk)
                return
            self._length = self.announced = int(framing[0])
        self.headers = chunk[:end]
        self.status, self.version = status, _VERSIONS[found[1]]
        body = chunk[end:]
        if self._length == len(body) <= self._left:  # all of it has come, as mostly
            self._chunks, self.size = [body], len(body)
            self._end(0)
            return
        self._chunks = []
        self._add(body)

    def _add(self, chunk: bytes) -> None:
        """Take a piece of the body; what comes behind its announced end is not part of it."""
        length = self._length
        if length is not None and self.size + len(chunk) >= length:
            if (self._write(chunk[: length - self.size]) if length > self.size else None) is None:
                self._end(0)
            else:
                self._end(pycurl.E_WRITE_ERROR)
        elif chunk and self._write(chunk) is not None:
            self._end(pycurl.E_WRITE_ERROR)

    def _closed(self) -> None:
        if self._length is None:
            self._end(0)
        else:
            missing = self._length - self.size
            self._end(pycurl.E_PARTIAL_FILE, f"end of response with {missing} bytes missing")

    def _hand_over(self, chunk: bytes) -> None:
        """Have libcurl read an answer that is not plain, this time from here and later by itself."""
        plain = self.request.plain
        if plain is not None:
            plain.odd = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        assert self._socket is not None
        left_ms = self._limits_ms[0] - (monotonic_ns() - self._begun_ns) // 1_000_000
        reader = Transfer()
        reader.prepare(self.request, self.address, self.guard, self.hops)
        reader.limit(max(1, left_ms))
        try:
            self._replay = Replay(self._loop, reader, self._socket, chunk, self._replayed)
        except OSError as error:  # no descriptor is left for it
            self.failed = error
            self._end(pycurl.E_COULDNT_CONNECT)

    def _replayed(self, code: int, message: str) -> None:
        """Take over what libcurl has read."""
        assert self._replay is not None
        reader = self._replay.reader
        self.headers, self._chunks, self.size = reader.headers, [reader.body], reader.size
        self.status, self.version = reader.status, reader.version
        self.announced, self.number = reader.announced, reader.number
        self.cut, self.failed = reader.cut, reader.failed
        if reader.waited_us is None:  # what came was not even the beginning of an answer
            self._first_ns = 0
        self._end(code, message)

    def _break(self, code: int, verb: str, error: OSError) -> None:
        self.number = error.errno or 0
        self._end(code, f"{verb} failure: {os.strerror(self.number)}")

    def _refuse(self, number: int) -> None:
        self.number = number
        self._end(pycurl.E_COULDNT_CONNECT)

    def _late(self) -> None:
        self._end(pycurl.E_OPERATION_TIMEDOUT)

    def _end(self, code: int, message: str = "") -> None:
        self._ended_ns = monotonic_ns()
        self.end()
        self._finished(code, message)

    def _finished(self, code: int, message: str) -> None:
        self._done(code, message)

"""A plain exchange on our own socket finds what libcurl finds, whatever the answer is."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pycurl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trueup.net.exchange import Exchange
from trueup.net.guard import Guard
from trueup.net.multi import Loop
from trueup.net.pool import Pool
from trueup.net.transfer import Plain, Request, Transfer
from trueup.net.words import words_of
from trueup.probes.base import build
from trueup.probes.kinds.http import HttpProbe

HERE = "127.0.0.1"
OK = b"HTTP/1.1 200 OK\r\n"
PAUSE_S = 0.002  # between two pieces, so that they come as two


class Found(NamedTuple):
    """What a transfer brought, without how long it took."""

    code: int
    message: str
    status: int
    version: int
    headers: bytes
    body: bytes
    size: int
    cut: bool
    announced: int
    began: bool


@contextlib.contextmanager
def speaking(pieces: Sequence[bytes], *, reset: bool = False, hold: bool = False) -> Iterator[int]:
    """Give the port of a server that says the same to everyone and then closes, resets, or waits."""
    door = socket.create_server((HERE, 0))
    over = threading.Event()

    def serve() -> None:
        with contextlib.suppress(OSError):  # the door is shut at the end
            while True:
                talk, _ = door.accept()
                with talk, contextlib.suppress(OSError):
                    if not talk.recv(65_536).endswith(b"\r\n\r\n"):
                        continue
                    for piece in pieces:
                        talk.sendall(piece)
                        time.sleep(PAUSE_S if len(pieces) > 1 or reset else 0)
                    if hold:
                        over.wait(5)
                    if reset:
                        talk.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    threads = [threading.Thread(target=serve) for _ in range(2)]  # one waits while the other is asked
    for thread in threads:
        thread.start()
    try:
        yield int(door.getsockname()[1])
    finally:
        over.set()
        door.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()
        door.close()


def request_to(port: int, limit: int = 1_000) -> Request:
    """Return what an http check asks of a port."""
    probe = build("http", f"http://{HERE}:{port}/path?query", {"max_body": f"{limit}B"})
    assert isinstance(probe, HttpProbe)
    return probe.request()


def run(transfer: Transfer, request: Request, timeout_ms: int = 5_000) -> Found:
    """Ask and return what was found."""
    loop = Loop()
    ends: list[tuple[int, str]] = []

    def done(code: int, message: str) -> None:
        ends.append((code, message))
        loop.stop()

    transfer.prepare(request, HERE, Guard())
    transfer.limit(timeout_ms)
    transfer.begin(loop, done)
    loop.run()
    found = Found(
        ends[0][0],
        "" if transfer.cut else ends[0][1],  # it is we who end it then
        transfer.status,
        transfer.version,
        transfer.headers,
        transfer.body,
        transfer.size,
        transfer.cut,
        transfer.announced,
        transfer.waited_us is not None,
    )
    transfer.end()
    loop.close()
    assert len(ends) == 1
    return found


def both(port: int, *, limit: int = 1_000, timeout_ms: int = 5_000) -> tuple[Found, Found, bool]:
    """Return what libcurl finds, what our own socket finds, and whether that needed libcurl."""
    request = request_to(port, limit)
    ours = run(Exchange(words_of(request)), request, timeout_ms)
    theirs = run(Transfer(), request, timeout_ms)
    assert request.plain is not None
    return theirs, ours, request.plain.odd


PLAIN: dict[str, list[bytes]] = {
    "a length": [OK + b"Content-Length: 2\r\n\r\nok"],
    "a length in small letters, with spaces": [OK + b"content-length:  2 \r\n\r\nok"],
    "nothing but its end": [OK + b"Connection: close\r\n\r\nok"],
    "a body in pieces": [OK + b"Content-Length: 4\r\n\r\n", b"o", b"k", b"ok"],
    "a body without a length in pieces": [OK + b"\r\n", b"ok", b"ok"],
    "no body": [OK + b"Content-Length: 0\r\n\r\n"],
    "more than it announced": [OK + b"Content-Length: 2\r\n\r\nok and more"],
    "less than it announced": [OK + b"Content-Length: 9\r\n\r\nok"],
    "an older version": [b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"],
    "no reason": [b"HTTP/1.1 503\r\nContent-Length: 2\r\n\r\nno"],
    "a redirect": [b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"],
    "a question for a password": [
        b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 2\r\n\r\nno"
    ],
    "a packed body": [OK + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00"],
    "more than is read": [OK + b"Content-Length: 2000\r\n\r\n" + b"x" * 2_000],
    "more than is read, without a length": [OK + b"\r\n" + b"x" * 2_000],
    "as much as is read": [OK + b"Content-Length: 1000\r\n\r\n" + b"x" * 1_000],
    "words beyond ASCII": [OK + b"X-Name: \xc3\xa4\xff\r\nContent-Length: 2\r\n\r\nok"],
}
ODD: dict[str, list[bytes]] = {
    "chunks": [OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"],
    "chunks in pieces": [OK + b"Transfer-Encoding: chunked\r\n\r\n", b"2\r\nok\r\n", b"0\r\n\r\n"],
    "chunks that end too early": [OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"],
    "chunks beyond what is read": [OK + b"Transfer-Encoding: chunked\r\n\r\n7d0\r\n" + b"x" * 2_000],
    "two lengths": [OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok"],
    "a length that is none": [OK + b"Content-Length: two\r\n\r\nok"],
    "a length below nothing": [OK + b"Content-Length: -2\r\n\r\nok"],
    "no content": [b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok"],
    "nothing new": [b"HTTP/1.1 304 Not Modified\r\n\r\nok"],
    "a hint before": [b"HTTP/1.1 103 Early\r\nLink: </>\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nok"],
    "lines that end otherwise": [b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok"],
    "a line that goes on": [OK + b"X-Long: one\r\n two\r\nContent-Length: 2\r\n\r\nok"],
    "a line without a name": [OK + b"no name\r\nContent-Length: 2\r\n\r\nok"],
    "a zero in a header": [OK + b"X-Zero: \0\r\nContent-Length: 2\r\n\r\nok"],
    "no head at all": [b"ok\n"],
    "another protocol": [b"SSH-2.0-OpenSSH_9.2\r\n"],
    "a version that is none": [b"HTTP/7.3 200 OK\r\n\r\nok"],
    "a status that is none": [b"HTTP/1.1 2000 OK\r\n\r\nok"],
    "a head in pieces": [b"HTTP/1.1 2", b"00 OK\r\nContent-Le", b"ngth: 2\r\n\r", b"\nok"],
    "half a head": [OK + b"Content-Le"],
    "a head that is too large": [OK + b"".join(b"X-%d: %s\r\n" % (n, b"x" * 9_000) for n in range(40))],
}


@pytest.mark.parametrize("name", PLAIN)
def test_plain_answer_is_read_as_libcurl_reads_it(name: str) -> None:
    with speaking(PLAIN[name]) as port:
        theirs, ours, odd = both(port)

    assert ours == theirs
    assert not odd


@pytest.mark.parametrize("name", ODD)
def test_answer_of_any_other_form_is_read_by_libcurl(name: str) -> None:
    with speaking(ODD[name]) as port:
        theirs, ours, odd = both(port)

    assert ours == theirs
    assert odd


@pytest.mark.parametrize("pieces", [[], [OK + b"Content-Length: 9\r\n\r\nok"], [OK + b"\r\nok"], [b"HTTP/1"]])
@pytest.mark.parametrize("timeout_ms", [100, 5_000], ids=["silence", "reset"])
def test_answer_that_breaks_off_ends_as_with_libcurl(pieces: list[bytes], timeout_ms: int) -> None:
    silent = timeout_ms < 1_000
    with speaking(pieces, reset=not silent, hold=silent) as port:
        theirs, ours, _ = both(port, timeout_ms=timeout_ms)

    assert ours.code == theirs.code == (pycurl.E_OPERATION_TIMEDOUT if silent else pycurl.E_RECV_ERROR)
    assert ours._replace(message="") == theirs._replace(message="")
    if not silent:
        assert ours.message == theirs.message


def test_body_larger_than_any_buffer_comes_whole() -> None:
    body = bytes(range(256)) * 20_000
    with speaking([OK + b"Content-Length: %d\r\n\r\n" % len(body), body]) as port:
        _, ours, odd = both(port, limit=6_000_000)

    assert (ours.code, ours.body == body, odd) == (0, True, False)


def test_large_answer_is_handed_to_libcurl_whole() -> None:
    body = bytes(range(256)) * 20_000
    head = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    with speaking([head, b"%x\r\n" % len(body), body, b"\r\n0\r\n\r\n"]) as port:
        _, ours, odd = both(port, limit=6_000_000)

    assert (ours.code, ours.body == body, odd) == (0, True, True)


def test_port_on_which_nobody_listens_refuses_us_as_well() -> None:
    with socket.socket() as bound:
        bound.bind((HERE, 0))
        port = int(bound.getsockname()[1])
        request = request_to(port)
        ours, theirs = Exchange(words_of(request)), Transfer()
        codes = {run(each, request).code for each in (ours, theirs)}

    assert codes == {pycurl.E_COULDNT_CONNECT}
    assert (ours.number, ours.connected_us) == (theirs.number or ours.number, 0)
    theirs.handle.close()


def test_an_end_leaves_no_descriptor_behind() -> None:
    with speaking([OK + b"Content-Length: 9\r\n\r\nok"], hold=True) as port:
        request, loop = request_to(port), Loop()
        exchange = Exchange(words_of(request))
        exchange.prepare(request, HERE, Guard())
        exchange.limit(5_000)
        exchange.begin(loop, lambda code, message: pytest.fail(f"{code} {message}"))
        exchange.end()
        exchange.end()
        loop.call_soon_threadsafe(loop.stop)
        loop.run()

        assert not loop._held
        loop.close()


NAMES = st.sampled_from(
    [b"Content-Length", b"Transfer-Encoding", b"X", b"content-length", b"Date", b"", b" X"]
)
VALUES = st.sampled_from(
    [b"2", b"5", b" 2", b"+2", b"chunked", b"gzip, chunked", b"identity", b"", b"a\tb", b"\r"]
)
LINES = st.lists(st.builds(lambda n, v: n + b": " + v + b"\r\n", NAMES, VALUES), max_size=4).map(b"".join)
FIRST = st.sampled_from(
    [
        OK,
        b"HTTP/1.0 404 Not Found\r\n",
        b"HTTP/1.1 500 \r\n",
        b"HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 200 OK\r\n",
    ]
)
BODIES = st.sampled_from([b"", b"ok", b"okay!", b"2\r\nok\r\n0\r\n\r\n", b"\n\n"])


@settings(max_examples=60, deadline=None)
@given(first=FIRST, lines=LINES, body=BODIES)
def test_any_head_means_what_it_means_to_libcurl(first: bytes, lines: bytes, body: bytes) -> None:
    with speaking([first + lines + b"\r\n" + body]) as port:
        theirs, ours, _ = both(port)

    assert ours == theirs


@pytest.mark.parametrize("rest", ["", "/", "/a/../b", "/?q=ä#x", "/%7Euser", "//x", "/a;b=1?c"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "münchen.test"])
def test_words_are_those_that_libcurl_says(host: str, rest: str) -> None:
    heard: list[bytes] = []
    door = socket.create_server((HERE, 0))
    port = int(door.getsockname()[1])
    probe = build("http", f"http://{host}:{port}{rest}", {})
    assert isinstance(probe, HttpProbe)
    request = probe.request()

    def serve() -> None:
        talk, _ = door.accept()
        with talk:
            heard.append(talk.recv(65_536))
            talk.sendall(OK + b"Content-Length: 0\r\n\r\n")

    thread = threading.Thread(target=serve)
    thread.start()
    assert run(Transfer(), request).code == 0
    thread.join()
    door.close()

    assert [words_of(request)] == heard


def test_check_whose_answers_are_odd_is_asked_by_libcurl_from_then_on() -> None:
    pool = Pool()
    with speaking(ODD["chunks"]) as port:
        request = request_to(port)
        first = pool.take(request)
        run(first, request)
        pool.give(first)
        second = pool.take(request)
        found = run(second, request)
        pool.give(second)

    assert (type(first), type(second), found.body) == (Exchange, Transfer, b"ok")
    pool.close()


def test_request_with_options_of_its_own_is_libcurls() -> None:
    pool = Pool()
    for options in ({"method": "HEAD"}, {"headers": {"X": "1"}}, {"version": "1.1"}, {"larger": "fail"}):
        probe = build("http", "http://127.0.0.1:9/", options)
        assert isinstance(probe, HttpProbe)
        transfer = pool.take(probe.request())
        assert type(transfer) is Transfer
        transfer.handle.close()
    assert not Plain().words

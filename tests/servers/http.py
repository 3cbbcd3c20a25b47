"""HTTP as it should be answered, and as it should not."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.servers.run import Handler

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Site:
    """A site whose paths give whole answers; ``asked`` keeps every request.

    An answer is a status, headers and a body; ``{path: lambda request: answer}`` makes one.
    """

    answers: Mapping[str, Callable[[Asked], tuple[int, Mapping[str, str], bytes]]] = field(
        default_factory=dict
    )
    asked: list[Asked] = field(default_factory=list)

    async def __call__(self, reader: Reader, writer: Writer) -> None:
        """Answer one request."""
        request = await read_request(reader)
        self.asked.append(request)
        answer = self.answers.get(request.path.partition("?")[0])
        status, headers, body = answer(request) if answer else (404, {}, b"")
        head = [f"HTTP/1.1 {status} Words", *(f"{name}: {value}" for name, value in headers.items())]
        writer.write("\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode() + body)
        await writer.drain()


async def read_request(reader: Reader) -> Asked:
    """Read one request with its body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ")
    pairs = (line.split(": ", 1) for line in head[1:] if ": " in line)
    headers = {name.lower(): value for name, value in pairs}
    return Asked(method, path, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


def ok(body: bytes = b"ok", status: int = 200, **headers: str) -> Handler:
    """Give the same whole answer to every request."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    whole = f"HTTP/1.1 {status} Words\r\nContent-Length: {len(body)}\r\n{lines}\r\n".encode() + body

    async def handle(reader: Reader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(whole)
        await writer.drain()

    return handle


async def silent(reader: Reader, writer: Writer) -> None:
    """Take everything and say nothing."""
    while await reader.read(65_536):
        pass


async def deaf(reader: Reader, writer: Writer) -> None:
    """Take nothing and say nothing."""
    await asyncio.Event().wait()


async def closing(reader: Reader, writer: Writer) -> None:
    """Read what is asked and close."""
    await reader.read(65_536)


async def cutting(reader: Reader, writer: Writer) -> None:
    """Read what is asked and cut the connection."""
    await reader.read(65_536)
    cut(writer)


def cut(writer: Writer) -> None:
    """Cut a connection: the other side hears a reset."""
    held: socket.socket = writer.get_extra_info("socket")
    held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def saying(words: bytes, *, then: Handler | None = None) -> Handler:
    """Say these words once something was asked, and end as told."""

    async def handle(reader: Reader, writer: Writer) -> None:
        await reader.read(65_536)
        writer.write(words)
        await writer.drain()
        if then is not None:
            await then(reader, writer)

    return handle


garbage = saying(b"\x00\x01\x02 this is no HTTP at all\r\n\r\n\xff\xfe")
cut_off = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")
stalling = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this", then=silent)
invalid_utf8 = saying(b"HTTP/1.1 200 OK\r\nX-Odd: \xff\xfe\r\nContent-Length: 4\r\n\r\n\xff\xfeok")


async def slow_loris(reader: Reader, writer: Writer) -> None:
    """Answer a letter at a time, for ever."""
    await reader.read(65_536)
    for letter in "HTTP/1.1 200 OK\r\nX-Slow: ":
        writer.write(letter.encode())
        await asyncio.sleep(0.01)
    while True:
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(0.01)


async def header_bomb(reader: Reader, writer: Writer) -> None:
    """Send headers without end."""
    await reader.read(65_536)
    writer.write(b"HTTP/1.1 200 OK\r\n")
    line = b"X-Bomb: " + b"b" * 2_000 + b"\r\n"
    while True:
        writer.write(line * 16)
        await writer.drain()


async def long_header(reader: Reader, writer: Writer) -> None:
    """Send one header without end."""
    await reader.read(65_536)
    writer.write(b"HTTP/1.1 200 OK\r\nX-Bomb: ")
    while True:
        writer.write(b"b" * 32_768)
        await writer.drain()


async def interim_bomb(reader: Reader, writer: Writer) -> None:
    """Send interim answers without end."""
    await reader.read(65_536)
    while True:
        writer.write(b"HTTP/1.1 103 Early Hints\r\nX-Hint: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n\r\n" * 64)
        await writer.drain()


async def endless_body(reader: Reader, writer: Writer) -> None:
    """Send a chunked body without end."""
    await reader.read(65_536)
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"8000\r\n" + b"b" * 0x8000 + b"\r\n"
    while True:
        writer.write(chunk)
        await writer.drain()


async def crumbs(reader: Reader, writer: Writer) -> None:
    """Send a chunked body without end, two bytes at a time."""
    await reader.read(65_536)
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"2\r\nbb\r\n" * 4_000)
        await writer.drain()


def large_body(size: int) -> Handler:
    """Announce and send so many bytes."""

    async def handle(reader: Reader, writer: Writer) -> None:
        await reader.read(65_536)
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
        piece, left = b"b" * 262_144, size
        while left:
            writer.write(piece[:left])
            await writer.drain()
            left -= min(left, len(piece))

    return handle


async def redirect_loop(reader: Reader, writer: Writer) -> None:
    """Redirect every address to the next of three."""
    path = (await read_request(reader)).path
    following = {"/": "/1", "/1": "/2", "/2": "/1"}.get(path, "/")
    writer.write(f"HTTP/1.1 302 Found\r\nLocation: {following}\r\nContent-Length: 0\r\n\r\n".encode())
    await writer.drain()


async def redirect_on(reader: Reader, writer: Writer) -> None:
    """Redirect every address to a longer one."""
    path = (await read_request(reader)).path
    writer.write(f"HTTP/1.1 302 Found\r\nLocation: {path}a\r\nContent-Length: 0\r\n\r\n".encode())
    await writer.drain()

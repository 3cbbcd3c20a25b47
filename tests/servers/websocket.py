"""WebSocket, by hand: what a server should send, and what it should not."""

from __future__ import annotations

import asyncio
import hashlib
import struct
from base64 import b64encode
from collections.abc import Awaitable, Callable

from tests.servers.http import read_request
from tests.servers.run import Handler

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def accept(key: str) -> str:
    """Return what a key must be answered with (RFC 6455 4.2.2)."""
    return b64encode(hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()).decode()


def frame(kind: int, data: bytes, *, last: bool = True) -> bytes:
    """Return a frame as a server sends it."""
    first = kind | (0x80 if last else 0)
    if len(data) < 126:
        return bytes([first, len(data)]) + data
    if len(data) < 65_536:
        return bytes([first, 126]) + struct.pack(">H", len(data)) + data
    return bytes([first, 127]) + struct.pack(">Q", len(data)) + data


async def read_frame(reader: Reader) -> tuple[int, bytes]:
    """Read a client's frame: its kind and its data."""
    first, second = await reader.readexactly(2)
    length = second & 0x7F
    if length == 126:
        (length,) = struct.unpack(">H", await reader.readexactly(2))
    mask = await reader.readexactly(4)
    data = await reader.readexactly(length)
    return first & 0x0F, bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))


def upgrading(
    talk: Callable[[Reader, Writer], Awaitable[None]],
    *,
    with_it: bytes = b"",
    answer: Callable[[str], str] = accept,
    more: str = "",
) -> Handler:
    """Upgrade, send frames with the very answer, and go on as told."""

    async def handle(reader: Reader, writer: Writer) -> None:
        request = await read_request(reader)
        key = answer(request.headers.get("sec-websocket-key", ""))
        head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        writer.write(f"{head}Sec-WebSocket-Accept: {key}\r\n{more}\r\n".encode() + with_it)
        await writer.drain()
        await talk(reader, writer)

    return handle


async def echo(reader: Reader, writer: Writer) -> None:
    """Send every message back, answer every ping, end with a close."""
    while True:
        kind, data = await read_frame(reader)
        writer.write(frame(PONG if kind == PING else kind, data))
        await writer.drain()
        if kind == CLOSE:
            return


async def mute(reader: Reader, writer: Writer) -> None:
    """Take frames and answer none."""
    while await reader.read(65_536):
        pass


async def flooding(reader: Reader, writer: Writer) -> None:
    """Send small messages without end."""
    while True:
        writer.write(frame(TEXT, b"more") * 1_000)
        await writer.drain()

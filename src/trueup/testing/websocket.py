"""The server's side of a WebSocket in few lines (RFC 6455): shake hands, echo, answer pings, close."""

from __future__ import annotations

import asyncio
import base64
import hashlib

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3
_TEXT, _BINARY, _CLOSE, _PING, _PONG = 0x1, 0x2, 0x8, 0x9, 0xA
_MAX = 65_535  # a frame longer than this is not for us


async def echo(head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Shake hands, given the head of the request, then send back every message until the client closes."""
    key = _header(head, "sec-websocket-key")
    if _header(head, "upgrade").lower() != "websocket" or not key:
        writer.write(b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n")
        return
    accept = base64.b64encode(hashlib.sha1(key.encode() + _GUID).digest())  # noqa: S324 (RFC 6455, 4.2.2)
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
    while True:
        code, payload = await _frame(reader)
        if code == _CLOSE:
            writer.write(_packed(_CLOSE, payload[:2]))
            return
        if code in (_TEXT, _BINARY, _PING):
            writer.write(_packed(_PONG if code == _PING else code, payload))
            await writer.drain()


async def _frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    first, second = await reader.readexactly(2)
    size = second & 0x7F
    if size == 126:
        size = int.from_bytes(await reader.readexactly(2), "big")
    if size > _MAX or not second & 0x80:  # a client masks every frame
        return _CLOSE, (1002).to_bytes(2, "big")
    mask = await reader.readexactly(4)
    data = await reader.readexactly(size)
    return first & 0x0F, bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))


def _packed(code: int, payload: bytes) -> bytes:
    size = len(payload)
    length = bytes([size]) if size < 126 else bytes([126]) + size.to_bytes(2, "big")
    return bytes([0x80 | code]) + length + payload


def _header(head: str, name: str) -> str:
    for line in head.split("\r\n")[1:]:
        key, _, value = line.partition(":")
        if key.strip().lower() == name:
            return value.strip()
    return ""

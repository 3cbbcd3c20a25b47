"""One question to one DNS server, in wire form, over UDP, TCP or TLS (RFC 1035, 7766, 7858)."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from dataclasses import dataclass

from trueup.net.connect import Net
from trueup.net.tls import Tls

_AGAIN_S = 1.0  # a datagram may be lost: the question is sent again, each time after twice as long
_HEADER = 12  # bytes
_TRUNCATED = 0x02  # of the third byte
_LONGEST = 65_535
_MANY = 100  # datagrams that answer something else; more are no accident


class StrayError(Exception):
    """A server sent what answers no question of ours, again and again; or, over TCP, instead of an answer."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where a question goes; ``ours`` is a server of this machine's own settings."""

    host: str
    port: int
    ours: bool = False
    tls: Tls | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """How questions travel: ``udp``, ``tcp``, ``dot`` or ``doh``, to one server or to this machine's own.

    ``url`` is the address of a server over HTTPS, which stands in ``server`` too; ``family`` 4, 6 or 0.
    """

    transport: str
    server: Server | None = None
    url: str = ""
    ca: str = ""
    family: int = 0


async def over_udp(net: Net, server: Server, question: bytes, family: int = 0) -> bytes:
    """Return the answer to a question; what comes from elsewhere or answers another one is passed over.

    Raises:
        StrayError: Nothing but such things came.
        OSError: The server cannot be asked; a refusal is heard as one.
    """
    address = server.host if server.ours else (await net.resolve(server.host, family))[0]
    sock = net.packets(address, server.port, socket.SOCK_DGRAM, ours=server.ours)
    net.phase, again_s = "wait", _AGAIN_S
    for _ in range(_MANY):
        sock.send(question)
        with suppress(TimeoutError):
            async with asyncio.timeout(again_s):
                return await _answer(net, sock, question)
        again_s *= 2
    raise StrayError


async def _answer(net: Net, sock: socket.socket, question: bytes) -> bytes:
    for _ in range(_MANY):
        await asyncio.sleep(0)  # a flood is read without waiting, and others want their turn
        message = await asyncio.get_running_loop().sock_recv(sock, _LONGEST)
        if answers(message, question):
            return message
        net.phase = "strays"
    raise StrayError


async def over_stream(net: Net, server: Server, question: bytes, family: int = 0) -> bytes:
    """Return the answer to a question, asked on a connection of its own.

    Raises:
        StrayError: What came is no answer to the question.
        OSError: The server cannot be connected to.
        asyncio.IncompleteReadError: The connection ended before the answer was whole.
    """
    reader, writer = await net.connect(
        server.host, server.port, family=family, tls=server.tls, ours=server.ours
    )
    writer.write(len(question).to_bytes(2, "big") + question)
    await writer.drain()
    length = int.from_bytes(await reader.readexactly(2), "big")
    message = await reader.readexactly(length)
    if not answers(message, question):
        raise StrayError
    return message


def truncated(message: bytes) -> bool:
    """Return whether a message says that it was cut to fit a datagram."""
    return bool(message[2] & _TRUNCATED)


def answers(message: bytes, question: bytes) -> bool:
    """Return whether a message answers a question: the same number, and the same question in it."""
    if len(message) < _HEADER or message[:2] != question[:2] or not message[2] & 0x80:
        return False
    if message[4:6] == b"\0\0":  # who refuses may leave the question out
        return message[3] & 15 not in (0, 3)
    end = question.index(b"\0", _HEADER) + 5  # a question of ours has no pointers
    asked = question[_HEADER:end]
    return message[4:6] == b"\0\1" and message[_HEADER : _HEADER + len(asked)].lower() == asked.lower()

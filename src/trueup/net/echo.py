"""ICMP echo: packets that a host answers with packets (RFC 792, RFC 4443).

A datagram socket of ICMP needs no privilege where the kernel allows our group (ping_group_range), a raw
one needs CAP_NET_RAW; the first is tried first, since it also receives nobody else's packets.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from dataclasses import dataclass, field
from time import monotonic, monotonic_ns

from trueup.net.connect import Net

_HEADER = struct.Struct(">BBHHH")
_TOKEN = 8  # bytes of a packet by which we know our own
_MARGIN_S = 0.05  # before the deadline, in which what was measured is handed over
_BUFFER = 66_000
_ROOM = 1_000_000  # for answers that come before this process has its turn; the kernel gives what it may
_SOL_RAW, _FILTER = 255, 1  # linux/socket.h, linux/icmp.h and linux/icmpv6.h: a bit set is a type not wanted
_IP_RECVERR, _IPV6_RECVERR = 11, 25  # linux/in.h, linux/in6.h: errors of the way are ours to hear


class NotAllowedError(Exception):
    """This process may open neither kind of socket that sends ICMP."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is sent: so many packets with so many bytes in them, so far apart, the last waited for so long."""

    packets: int
    size: int
    gap_s: float
    wait_s: float


@dataclass(slots=True)
class Round:
    """What became of the packets: how many went out, and after how many microseconds each answer came.

    ``problem`` is what the way to the host said instead of an answer.
    """

    sent: int = 0
    took_us: list[int] = field(default_factory=list)
    problem: OSError | None = None


@dataclass(frozen=True, slots=True)
class _Form:
    request: int
    reply: int
    family: int
    protocol: int
    recverr: tuple[int, int]
    only_replies: tuple[int, int, bytes]


def _all_but(kind: int, length: int) -> bytes:
    """Return a filter of types of messages that lets one pass."""
    words = [0xFFFFFFFF] * (length // 4)
    words[kind // 32] ^= 1 << kind % 32
    return struct.pack(f"={len(words)}I", *words)


_FOUR = _Form(
    8,
    0,
    socket.AF_INET,
    socket.IPPROTO_ICMP,
    (socket.IPPROTO_IP, _IP_RECVERR),
    (_SOL_RAW, _FILTER, _all_but(0, 4)),
)
_SIX = _Form(
    128,
    129,
    socket.AF_INET6,
    socket.IPPROTO_ICMPV6,
    (socket.IPPROTO_IPV6, _IPV6_RECVERR),
    (socket.IPPROTO_ICMPV6, _FILTER, _all_but(129, 32)),
)


async def echo(net: Net, host: str, family: int, plan: Plan) -> Round:
    """Send packets to a host and return what became of them, at the latest just before the deadline.

    Raises:
        NotAllowedError: This process may not send ICMP.
        ResolveError: The host has no address.
        GuardError: It has none that may be connected to.
        OSError: This machine cannot send.
    """
    address = (await net.resolve(host, family))[0]
    net.phase = "wait"
    form = _SIX if ":" in address else _FOUR
    sock, raw = _open(net, address, form)
    return await _Talk(sock, form, raw, plan).run(monotonic() + net.left_s - _MARGIN_S)


def _open(net: Net, address: str, form: _Form) -> tuple[socket.socket, bool]:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            sock = net.packets(address, 0, kind, form.protocol)
        except PermissionError:
            continue
        sock.setsockopt(*form.recverr, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _ROOM)
        if kind == socket.SOCK_RAW:
            sock.setsockopt(*form.only_replies)
        return sock, kind == socket.SOCK_RAW
    raise NotAllowedError


class _Talk:
    def __init__(self, sock: socket.socket, form: _Form, raw: bool, plan: Plan) -> None:
        self._sock, self._form, self._raw, self._plan = sock, form, raw, plan
        self._token = os.urandom(_TOKEN)
        self._number = int.from_bytes(os.urandom(2), "big")  # a datagram socket has its own
        self._asked_ns: dict[int, int] = {}
        self._round = Round()

    async def run(self, end_s: float) -> Round:
        plan, begun_s = self._plan, monotonic()
        last_s = begun_s + (plan.packets - 1) * plan.gap_s + plan.wait_s
        end_s = min(end_s, last_s)
        while len(self._round.took_us) < plan.packets:
            now_s, sent = monotonic(), self._round.sent
            next_s = begun_s + sent * plan.gap_s if sent < plan.packets else end_s
            if now_s >= end_s and sent:
                break
            if now_s >= next_s:
                self._send()
                continue
            await asyncio.sleep(0)  # a flood is read without waiting, and others want their turn
            try:
                async with asyncio.timeout(min(next_s, end_s) - now_s):
                    await self._receive()
            except TimeoutError:
                continue
            except OSError as error:
                self._round.problem = error
        return self._round

    def _send(self) -> None:
        number = self._round.sent
        self._round.sent += 1
        self._asked_ns[number] = monotonic_ns()
        data = self._token + bytes(self._plan.size - _TOKEN)
        head = _HEADER.pack(self._form.request, 0, 0, self._number, number)
        if self._raw and self._form is _FOUR:  # the kernel does it for the others
            head = _HEADER.pack(self._form.request, 0, _checksum(head + data), self._number, number)
        try:
            self._sock.send(head + data)
        except OSError as error:
            self._round.problem = error

    async def _receive(self) -> None:
        message = await asyncio.get_running_loop().sock_recv(self._sock, _BUFFER)
        came_ns = monotonic_ns()
        if self._raw and self._form is _FOUR:
            message = message[(message[0] & 15) * 4 :]  # behind the header of IP
        if len(message) < _HEADER.size + _TOKEN:
            return
        kind, _, _, number, sequence = _HEADER.unpack_from(message)
        if kind != self._form.reply or message[_HEADER.size :][:_TOKEN] != self._token:
            return  # another's
        if (not self._raw or number == self._number) and sequence in self._asked_ns:
            self._round.took_us.append((came_ns - self._asked_ns.pop(sequence)) // 1000)


def _checksum(message: bytes) -> int:
    """Return the sum that makes a message of whole words add up (RFC 1071)."""
    message += b"\0" * (len(message) % 2)
    total: int = sum(struct.unpack(f">{len(message) // 2}H", message))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF

"""Connections for kinds that speak for themselves: resolved, judged, opened, and always closed."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from time import monotonic, monotonic_ns
from typing import NamedTuple

from trueup.net.guard import Guard
from trueup.net.resolve import Addresses, Resolver, literal
from trueup.net.tls import Secured, Tls, secured
from trueup.net.transfer import Request

_BUFFER = 65_536  # what a reader takes before it makes the other side wait
_PARTING_S = 0.2
_leaving: set[asyncio.Future[None]] = set()  # kept, since the loop itself holds them weakly
_LOOK_S = 2.0  # what a second look at a refused certificate may take
Reader = asyncio.StreamReader  # for kinds, which import no asyncio
Writer = asyncio.StreamWriter


class EarlyError(Exception):
    """The other side spoke in plain text after it had agreed to TLS; ``args[0]`` is how many bytes."""


class Fetched(NamedTuple):
    """What came for a request over HTTP: the last answer, of which nobody has said yet whether it is good."""

    status: int
    content_type: str
    body: bytes
    address: str


Fetch = Callable[[Request, float], Awaitable[Fetched]]


class Net:
    """The network as one asking sees it; it remembers what it measured and closes what it opened.

    ``phase`` is what is being done, for the sentence when the deadline comes first: dns, connect, tls,
    then ``wait`` or what the kind sets it to; ``step`` what a kind with many questions awaits a reply to.
    ``deadline_s`` is an instant of ``time.monotonic``.
    """

    def __init__(
        self, resolver: Resolver, guard: Guard, deadline_s: float, fetch: Fetch | None = None
    ) -> None:
        self._fetch = fetch
        self._resolver = resolver
        self._guard = guard
        self._deadline_s = deadline_s
        self._open: list[asyncio.StreamWriter] = []
        self._sockets: list[socket.socket] = []
        self.phase = "wait"
        self.step = ""
        self.name = ""
        self.address = ""
        self.peer = ""
        self.dns_us: int | None = None
        self.connect_us: int | None = None
        self.tls_us: int | None = None
        self.secured: Secured | None = None

    async def resolve(self, host: str, family: int = 0, *, ours: bool = False) -> Addresses:
        """Return the addresses of a host that may be connected to, IPv4 first.

        ``ours`` is a host of this machine's own settings, which are not judged.

        Raises:
            ResolveError: It has no address of the family (4, 6 or 0 for either).
            GuardError: It has none that may be connected to.
        """
        self.name = host
        found = self._resolver.known(host, family)
        if not isinstance(found, tuple):
            self.phase, begun_ns = "dns", monotonic_ns()
            try:
                found = await self._resolver.lookup(host, family)
            finally:
                self.dns_us = (self.dns_us or 0) + _since(begun_ns)
        elif literal(host) is None:
            self.dns_us = self.dns_us or 0  # a name that was known took no time
        good = tuple(each for each in found if ours or self._guard.refusal(each) is None)
        if not good:
            self._guard.check(found[0])
        return good

    async def connect(
        self, host: str, port: int, *, family: int = 0, tls: Tls | None = None, ours: bool = False
    ) -> tuple[Reader, Writer]:
        """Return a connection to a host, the next address tried where one does not take it.

        Raises:
            ResolveError: The host has no address.
            GuardError: It has none that may be connected to.
            OSError: No address accepted, or the TLS handshake failed.
        """
        addresses = await self.resolve(host, family, ours=ours)
        for rest, address in zip(range(len(addresses) - 1, -1, -1), addresses, strict=True):
            # as long as there are others, one gets its share of the time and no more
            share_s = self.left_s / (rest + 1) if rest else None
            try:
                async with asyncio.timeout(share_s):
                    sock = await self._socket(address, port, ours=ours)
                break
            except OSError:  # TimeoutError is one of them
                if not rest:
                    raise
        reader, writer = await asyncio.open_connection(sock=sock, limit=_BUFFER)
        self._open.append(writer)
        if tls is not None:
            try:
                await self._secure(writer, tls, host)
            except ssl.SSLCertVerificationError as refused:
                await self._look(address, port, tls, host, refused)
                raise
        self.phase = "wait"
        return reader, writer

    @property
    def servers(self) -> tuple[tuple[str, int], ...]:
        """Return the DNS servers of this machine, address and port of each.

        Raises:
            ResolveError: It knows none.
        """
        return self._resolver.servers().addresses

    async def fetch(self, request: Request) -> Fetched:
        """Return what libcurl brings for a request, in the time that is left.

        Raises:
            ProbeError: It brought no whole answer.
        """
        assert self._fetch is not None, "this network was made without libcurl"
        return await self._fetch(request, self.left_s)

    def packets(
        self, address: str, port: int, kind: int, protocol: int = 0, *, ours: bool = False
    ) -> socket.socket:
        """Return a socket for packets to one address, and from it alone; it is closed with the others.

        ``ours`` is an address of this machine's own settings, which are not judged.

        Raises:
            GuardError: The address may not be connected to.
            OSError: This machine has no such socket for us, or no way to the address.
        """
        self.address, self.peer = address, f"{address} port {port}" if port else address
        if not ours:
            self._guard.check(address)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = socket.socket(family, kind | socket.SOCK_NONBLOCK, protocol)
        self._sockets.append(sock)
        sock.connect((address, port))
        return sock

    async def upgrade(self, reader: Reader, writer: Writer, tls: Tls, host: str) -> None:
        """Go on with TLS on a connection that was plain so far.

        Raises:
            EarlyError: Something came in plain text that would be taken for what came under TLS.
            OSError: The TLS handshake failed.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(0):  # returns what has come, and waits for nothing
                if early := await reader.read(_BUFFER):
                    raise EarlyError(len(early))
        await self._secure(writer, tls, host)
        self.phase = "wait"

    def part(self, reader: Reader, writer: Writer, goodbye: bytes) -> None:
        """Say goodbye, and close when the other side has, or after a moment; nobody waits for it."""
        self._open.remove(writer)
        leaving = asyncio.ensure_future(_leave(reader, writer, goodbye))
        _leaving.add(leaving)
        leaving.add_done_callback(_leaving.discard)

    @property
    def chain(self) -> tuple[bytes, ...]:
        """Return the certificates that were served, DER, the server's first, whether trusted or not."""
        return self.secured.chain if self.secured else ()

    def another(self) -> Net:
        """Return the same network with measures of its own, for a connection beside this one."""
        return Net(self._resolver, self._guard, self._deadline_s)

    @property
    def left_s(self) -> float:
        """Return how much time is left until the deadline, in seconds."""
        return self._deadline_s - monotonic()

    async def _socket(self, address: str, port: int, *, ours: bool = False) -> socket.socket:
        self.phase, begun_ns = "connect", monotonic_ns()
        self.address, self.peer = address, f"{address} port {port}"
        if not ours:
            self._guard.check(address)  # the second lock
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        # named, since asyncio sends small pieces at once (TCP_NODELAY) only where it is sure of the protocol
        sock = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK, socket.IPPROTO_TCP)
        try:
            await asyncio.get_running_loop().sock_connect(sock, (address, port))
        except BaseException:
            sock.close()
            raise
        self.connect_us = _since(begun_ns)
        return sock

    async def _secure(self, writer: asyncio.StreamWriter, tls: Tls, host: str) -> None:
        self.phase, begun_ns = "tls", monotonic_ns()
        plain = writer.transport
        try:
            await writer.start_tls(tls.context(), server_hostname=tls.server_name or host)
        except BaseException:
            plain.abort()
            raise
        self.tls_us = _since(begun_ns)
        self.secured = secured(writer.get_extra_info("ssl_object"))

    async def _look(
        self, address: str, port: int, tls: Tls, host: str, refused: ssl.SSLCertVerificationError
    ) -> None:
        """Shake hands once more, trusting anyone: Python keeps no certificate that it has refused."""
        connected_us = self.connect_us
        with suppress(OSError):  # TimeoutError is one of them
            async with asyncio.timeout(min(_LOOK_S, max(0.0, self.left_s / 2))):
                sock = await self._socket(address, port)
                _, writer = await asyncio.open_connection(sock=sock)
                self._open.append(writer)
                await self._secure(writer, replace(tls, insecure=True), host)
        self.connect_us, self.tls_us, self.phase = connected_us, None, "tls"
        if self.secured is not None:
            self.secured = replace(self.secured, refusal=refused.verify_code, reason=refused.verify_message)

    def close(self) -> None:
        """Close every connection at once, without goodbye."""
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()
        for sock in self._sockets:
            sock.close()
        self._sockets.clear()


def _since(begun_ns: int) -> int:
    return (monotonic_ns() - begun_ns) // 1000


async def _leave(reader: Reader, writer: Writer, goodbye: bytes) -> None:
    try:
        with suppress(OSError):  # TimeoutError is one of them
            writer.write(goodbye)
            async with asyncio.timeout(_PARTING_S):
                while await reader.read(_BUFFER):
                    pass
    finally:
        writer.transport.abort()

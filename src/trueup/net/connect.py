"""Connections for kinds that speak for themselves: resolved, judged, opened, and always closed."""

from __future__ import annotations

import asyncio
import socket
from time import monotonic, monotonic_ns

from trueup.net.guard import Guard
from trueup.net.resolve import Addresses, Resolver, literal
from trueup.net.tls import Tls

_BUFFER = 65_536  # what a reader takes before it makes the other side wait
Reader = asyncio.StreamReader  # for kinds, which import no asyncio
Writer = asyncio.StreamWriter


class Net:
    """The network as one asking sees it; it remembers what it measured and closes what it opened.

    ``phase`` is what is being done, for the sentence when the deadline comes first: dns, connect, tls,
    then ``wait`` or what the kind sets it to. ``deadline_s`` is an instant of ``time.monotonic``.
    """

    def __init__(self, resolver: Resolver, guard: Guard, deadline_s: float) -> None:
        self._resolver = resolver
        self._guard = guard
        self._deadline_s = deadline_s
        self._open: list[asyncio.StreamWriter] = []
        self.phase = "wait"
        self.name = ""
        self.address = ""
        self.peer = ""
        self.dns_us: int | None = None
        self.connect_us: int | None = None
        self.tls_us: int | None = None
        self.certificate = b""  # of the server, DER

    async def resolve(self, host: str, family: int = 0) -> Addresses:
        """Return the addresses of a host that may be connected to, IPv4 first.

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
        good = tuple(address for address in found if self._guard.refusal(address) is None)
        if not good:
            self._guard.check(found[0])
        return good

    async def connect(
        self, host: str, port: int, *, family: int = 0, tls: Tls | None = None
    ) -> tuple[Reader, Writer]:
        """Return a connection to a host, the next address tried where one does not take it.

        Raises:
            ResolveError: The host has no address.
            GuardError: It has none that may be connected to.
            OSError: No address accepted, or the TLS handshake failed.
        """
        addresses = await self.resolve(host, family)
        for rest, address in zip(range(len(addresses) - 1, -1, -1), addresses, strict=True):
            # as long as there are others, one gets its share of the time and no more
            share_s = (self._deadline_s - monotonic()) / (rest + 1) if rest else None
            try:
                async with asyncio.timeout(share_s):
                    sock = await self._socket(address, port)
                break
            except OSError:  # TimeoutError is one of them
                if not rest:
                    raise
        reader, writer = await asyncio.open_connection(sock=sock, limit=_BUFFER)
        self._open.append(writer)
        if tls is not None:
            await self._secure(writer, tls, host)
        self.phase = "wait"
        return reader, writer

    async def _socket(self, address: str, port: int) -> socket.socket:
        self.phase, begun_ns = "connect", monotonic_ns()
        self.address, self.peer = address, f"{address} port {port}"
        self._guard.check(address)  # the second lock
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
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
        secured = writer.get_extra_info("ssl_object")
        self.certificate = secured.getpeercert(binary_form=True) or b""

    def close(self) -> None:
        """Close every connection at once, without goodbye."""
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()


def _since(begun_ns: int) -> int:
    return (monotonic_ns() - begun_ns) // 1000

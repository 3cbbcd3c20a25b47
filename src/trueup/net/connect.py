"""Connections for kinds that speak for themselves: resolved, judged, opened, and always closed."""

from __future__ import annotations

import asyncio
import ssl
from time import monotonic_ns

from trueup.net.guard import Guard
from trueup.net.resolve import Addresses, Resolver
from trueup.net.trust import trusted

_MORE = 65_536  # what a reader buffers before it waits


class Net:
    """The network as one asking sees it; it remembers what it measured and what it opened.

    ``phase`` is what is being done: dns, connect, tls, then ``reply``, or what the kind sets it to.
    """

    def __init__(self, resolver: Resolver, guard: Guard) -> None:
        self._resolver = resolver
        self._guard = guard
        self._open: list[asyncio.StreamWriter] = []
        self.phase = "connect"
        self.name = ""
        self.address = ""
        self.peer = ""
        self.dns_us: int | None = None
        self.connect_us: int | None = None
        self.tls_us: int | None = None
        self.certificate = None

    async def resolve(self, host: str, family: int = 0) -> Addresses:
        """Return the addresses of a host that may be connected to, IPv4 first.

        Raises:
            ResolveError: It has no address.
            GuardError: It has none that may be connected to.
        """
        self.name = host
        known = self._resolver.known(host, family)
        if not isinstance(known, tuple):
            self.phase, begun_ns = "dns", monotonic_ns()
            try:
                known = await self._resolver.lookup(host, family)
            finally:
                self.dns_us = (self.dns_us or 0) + (monotonic_ns() - begun_ns) // 1000
        good = tuple(address for address in known if self._guard.refusal(address) is None)
        if not good:
            self._guard.check(known[0])
        return good

    async def connect(
        self,
        host: str,
        port: int,
        *,
        family: int = 0,
        tls: ssl.SSLContext | None = None,
        server_name: str = "",
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a connection to a host, the next address tried where one refuses.

        Raises:
            ResolveError: The host has no address.
            GuardError: It has none that may be connected to.
            OSError: No address accepted, or the TLS handshake failed.
        """
        addresses = await self.resolve(host, family)
        for rest, address in zip(range(len(addresses) - 1, -1, -1), addresses, strict=True):
            try:
                return await self._connect(address, port)
            except OSError:
                if not rest:
                    raise
        raise AssertionError("there is at least one address")

    async def _connect(self, address: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self.phase, begun_ns = "connect", monotonic_ns()
        self.address, self.peer = address, f"{address} port {port}"
        reader, writer = await asyncio.open_connection(address, port, limit=_MORE)
        self._open.append(writer)
        self.connect_us = (monotonic_ns() - begun_ns) // 1000
        self.phase = "reply"
        return reader, writer

    def close(self) -> None:
        """Close every connection at once."""
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

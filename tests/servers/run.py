"""A thread that runs servers on loopback, and ends them with all their connections."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
T = TypeVar("T")


@dataclass
class Place:
    """Where a server listens, and how many connections it took."""

    host: str
    port: int
    taken: list[str] = field(default_factory=list)  # the address of each client

    @property
    def endpoint(self) -> str:
        """Return ``HOST:PORT``."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def url(self, path: str = "/", *, scheme: str = "http", host: str = "") -> str:
        """Return an address on this server, by another name of its host where one is given."""
        return f"{scheme}://{f'{host}:{self.port}' if host else self.endpoint}{path}"


class Servers:
    """Servers in a thread of their own: ``with Servers() as servers: place = servers.start(handler)``."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._servers: list[asyncio.Server] = []
        self._sockets: list[socket.socket] = []
        self._talks: set[asyncio.Task[None]] = set()
        self._transports: weakref.WeakSet[asyncio.WriteTransport] = weakref.WeakSet()
        self._ends: list[Callable[[], None]] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the servers' thread and return what it returns."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def settle(self, holds: Callable[[], bool], within_s: float = 5) -> None:
        """Wait until something holds that a server does after its client has gone."""
        end_s = time.monotonic() + within_s
        while not holds():
            assert time.monotonic() < end_s, "it never came about"
            time.sleep(0.002)

    def start(
        self, handler: Handler, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1", port: int = 0
    ) -> Place:
        """Start a server that gives each connection to a handler, and closes it when that returns."""
        return self.run(self._start(handler, tls, host, port))

    @property
    def talking(self) -> int:
        """Return how many connections are being served."""
        return len(self._talks)

    def at_end(self, end: Callable[[], None]) -> None:
        """Call a function in the servers' thread when all ends."""
        self._ends.append(end)

    def refusing(self, host: str = "127.0.0.1") -> Place:
        """Return a place where nothing listens, kept free until the end."""
        return self._bound(host)

    def full(self, host: str = "127.0.0.1") -> Place:
        """Return a place whose queue of connections is full: a new one is neither taken nor refused."""
        place = self._bound(host)
        self._sockets[-1].listen(0)
        for _ in range(2):
            client = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
            client.setblocking(False)
            client.connect_ex((place.host, place.port))
            self._sockets.append(client)
        return place

    def _bound(self, host: str) -> Place:
        held = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        held.bind((host, 0))
        self._sockets.append(held)
        return Place(host, held.getsockname()[1])

    async def _start(self, handler: Handler, tls: ssl.SSLContext | None, host: str, port: int) -> Place:
        place = Place(host, port)

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._talks.add(task)
            task.add_done_callback(self._talks.discard)
            place.taken.append(writer.get_extra_info("peername")[0])
            self._transports.add(writer.transport)  # TLS says a long goodbye above it: the end cuts it short
            try:
                with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                    if tls is not None:  # here, so that a handshake without end can be ended
                        await writer.start_tls(tls)
                    await handler(reader, writer)
            finally:
                writer.close()

        server = await asyncio.start_server(take, host, port, backlog=1000)
        self._servers.append(server)
        place.port = server.sockets[0].getsockname()[1]
        return place

    async def _end(self) -> None:
        for held in [held for server in self._servers for held in server.sockets]:
            self._loop.remove_reader(held.fileno())  # a connection taken after close() would never be ended
        for _ in range(20):  # connections that were just taken become talks, and talks end, turn by turn
            await asyncio.sleep(0)
            for talk in self._talks:
                talk.cancel()
            for transport in self._transports:
                transport.abort()
        for server in self._servers:
            server.close()
        for end in self._ends:
            end()
        for client in self._sockets:
            client.close()
        await asyncio.sleep(0)

"""A proxy on loopback for a program that would resolve and connect by itself: a browser.

Every address is resolved, judged and connected to here, as for any other kind of check. It speaks
CONNECT, and plain HTTP with one request a connection; it lives as long as one asking.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from trueup.net.connect import Net
from trueup.net.guard import GuardError
from trueup.net.query import ResolveError

_HEAD = 65_536
_PIECE = 65_536
_MOST = 200  # connections at once: a browser opens six to a host
_DEFAULT_PORTS = {"http": 80, "https": 443}
_NOT_ON = (b"proxy-connection", b"connection", b"keep-alive")
Endpoint = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Failed:
    """A connection that did not come about: why, and the network as it was then."""

    error: Exception
    net: Net


class Relay:
    """The proxy: ``addresses`` holds what each place was connected to as, ``failed`` what was not."""

    def __init__(self, net: Net) -> None:
        self._net = net
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()
        self.addresses: dict[Endpoint, str] = {}
        self.failed: dict[Endpoint, Failed] = {}

    async def start(self) -> int:
        """Listen on loopback and return the port."""
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0, limit=_HEAD)
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Take no more connections and end those that are open, at once."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for talk in self._talks:
            talk.cancel()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        net = self._net.another()
        try:
            if len(self._talks) <= _MOST and self._server is not None:  # it may have come as we closed
                await self._talk(reader, writer, net)
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass  # the connection ends with it, which is all that its two sides have to know
        finally:
            self._talks.discard(task)
            net.close()
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, net: Net) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, address, version = head.partition(b"\r\n")[0].decode("latin-1").split(" ")
        tunnel = method == "CONNECT"
        parts = urlsplit(f"//{address}" if tunnel else address)
        place = (parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme, 0))
        try:
            far_reader, far_writer = await net.connect(*place)
        except (ResolveError, GuardError, OSError) as error:  # TimeoutError is one of them
            self.failed[place] = Failed(error, net)
            return
        self.addresses[place] = net.address
        if tunnel:
            writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        else:
            path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
            far_writer.write(_onward(f"{method} {path} {version}", head))
        await _both_ways(reader, writer, far_reader, far_writer)


def _onward(line: str, head: bytes) -> bytes:
    """Return the head of a plain request as its server takes it: for one answer."""
    lines = head.split(b"\r\n")[1:-2]
    kept = [each for each in lines if each.partition(b":")[0].strip().lower() not in _NOT_ON]
    return b"\r\n".join([line.encode("latin-1"), *kept, b"Connection: close", b"", b""])


async def _both_ways(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    far_reader: asyncio.StreamReader,
    far_writer: asyncio.StreamWriter,
) -> None:
    there = asyncio.ensure_future(_pour(reader, far_writer))
    try:
        await _pour(far_reader, writer)
    finally:
        there.cancel()
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await there


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_PIECE):
        writer.write(piece)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()

"""A small sample platform on loopback that fails and recovers on a script, and writes down the truth.

``python -m trueup.testing.platform --ports 8431,8432,8433 --truth truth.jsonl``

It serves a page, an API with ``/health`` and an echoing WebSocket. The script slows the API down,
then has it fail while the WebSocket refuses connections, then lets both recover; the page stays up.
The first line on stdout is JSON: the address of each. Each line of the truth is one change of state.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import socket
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from trueup.testing.websocket import echo

SLOW_S = 1.2  # how late a slow answer is
STATES = ("up", "slow", "down")
_ANSWER = "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n"
_HEAD_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Step:
    """From ``at_s`` after the start on, a part of the platform is in a state."""

    at_s: float
    part: str
    state: str


SCRIPT = (
    Step(0, "frontend", "up"),
    Step(0, "backend", "up"),
    Step(0, "websocket", "up"),
    Step(25, "backend", "slow"),
    Step(50, "backend", "down"),
    Step(50, "websocket", "down"),
    Step(80, "backend", "up"),
    Step(80, "websocket", "up"),
)


@dataclass(frozen=True, slots=True)
class Request:
    """One request: its head, and the streams that lead to the client."""

    head: str
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, status: str, kind: str, body: bytes) -> None:
        """Send a whole answer."""
        self.writer.write(_ANSWER.format(status=status, kind=kind, size=len(body)).encode() + body)


class Part(ABC):
    """One server of the platform: its address, its state and what it does in it."""

    def __init__(self, name: str, port: int) -> None:
        """Hold a port of 127.0.0.1, 0 for any free one, for the life of the platform."""
        self.name = name
        self.state = "up"
        self.asked = 0  # how many requests have come
        # Bound and never listening: it keeps the port ours while the part refuses connections.
        self._holder = _bound(port)
        self.port: int = self._holder.getsockname()[1]
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Accept connections."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, sock=_bound(self.port))

    async def close(self) -> None:
        """Refuse connections."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def release(self) -> None:
        """Give the port back."""
        self._holder.close()

    async def enter(self, state: str) -> None:
        """Take on a state."""
        self.state = state

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _HEAD_TIMEOUT_S)
            self.asked += 1
            await self.answer(Request(head.decode("latin-1"), reader, writer))
            await writer.drain()
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            pass  # a client that went away or never asked: nothing is owed to it
        finally:
            with suppress(OSError):
                writer.close()

    @abstractmethod
    async def answer(self, request: Request) -> None:
        """Answer one request."""


class Page(Part):
    """A page for people."""

    async def answer(self, request: Request) -> None:
        """Send the page, or 503 while down."""
        body = b"<!doctype html><title>Sample shop</title><h1>Sample shop</h1><p>Open.</p>"
        request.send("503 Service Unavailable" if self.state == "down" else "200 OK", "text/html", body)


class Api(Part):
    """An API whose health document says how it is."""

    slow_s = SLOW_S

    async def answer(self, request: Request) -> None:
        """Send the health document: late while slow, 503 with its reason while down."""
        if request.head.split(" ")[1:2] != ["/health"]:
            request.send("404 Not Found", "application/json", b'{"error": "only /health is here"}')
            return
        if self.state == "slow":
            await asyncio.sleep(self.slow_s)
        health = {"status": "error" if self.state == "down" else "ok", "database": self.state}
        status = "503 Service Unavailable" if self.state == "down" else "200 OK"
        request.send(status, "application/json", json.dumps(health).encode())


class WebSocket(Part):
    """A WebSocket that sends back what it is sent; refuses connections while down."""

    async def enter(self, state: str) -> None:
        """Take on a state: down closes the listening socket."""
        await super().enter(state)
        await (self.close() if state == "down" else self.open())

    async def answer(self, request: Request) -> None:
        """Shake hands and echo until the client closes."""
        await echo(request.head, request.reader, request.writer)


class Platform:
    """The three parts and the script they follow."""

    def __init__(self, ports: Sequence[int] = (0, 0, 0), *, slow_s: float = SLOW_S) -> None:
        """Take the ports of page, API and WebSocket, 0 for free ones, and how late a slow answer is."""
        page, websocket = Page("frontend", ports[0]), WebSocket("websocket", ports[2])
        api = Api("backend", ports[1])
        api.slow_s = slow_s
        self.parts: dict[str, Part] = {part.name: part for part in (page, api, websocket)}

    def addresses(self) -> dict[str, str]:
        """Return where each part is, by name."""
        port = {name: part.port for name, part in self.parts.items()}
        return {
            "frontend": f"http://127.0.0.1:{port['frontend']}/",
            "backend": f"http://127.0.0.1:{port['backend']}/health",
            "websocket": f"ws://127.0.0.1:{port['websocket']}/ws",
        }

    async def open(self) -> None:
        """Open every part."""
        for part in self.parts.values():
            await part.open()

    async def follow(
        self, script: Sequence[Step], truth: Callable[[str], object], *, speed: float = 1.0
    ) -> None:
        """Follow the script, ``speed`` times as fast, writing one JSON line for each change of state."""
        start_s = time.monotonic()
        for step in script:
            await asyncio.sleep(max(0.0, start_s + step.at_s / speed - time.monotonic()))
            await self.parts[step.part].enter(step.state)
            truth(json.dumps({"at_us": time.time_ns() // 1000, "part": step.part, "state": step.state}))

    async def close(self) -> None:
        """Close every part and give its port back."""
        for part in self.parts.values():
            await part.close()
            part.release()


def main(argv: Sequence[str] | None = None) -> None:
    """Run the platform until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m trueup.testing.platform", description=__doc__)
    parser.add_argument("--ports", default="0,0,0", help="of page, API and WebSocket; 0: any free one")
    parser.add_argument("--truth", type=Path, help="the file of the changes of state; default: stdout")
    parser.add_argument("--speed", type=float, default=1.0, help="how much faster than 120 s the script runs")
    parser.add_argument("--slow", type=float, default=SLOW_S, help="how late a slow answer is, seconds")
    options = parser.parse_args(argv)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])  # a supervisor may have blocked them for itself
    ports = [int(port) for port in options.ports.split(",")]
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(Platform(ports, slow_s=options.slow), options.truth, options.speed))


async def _run(platform: Platform, truth: Path | None, speed: float) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await platform.open()
    print(json.dumps(platform.addresses()), flush=True)  # noqa: T201 (the one line that callers read)
    out: TextIO = truth.open("w", encoding="utf-8") if truth else sys.stdout

    def write(line: str) -> None:
        print(line, file=out, flush=True)

    following = asyncio.create_task(platform.follow(SCRIPT, write, speed=speed))
    await stop.wait()
    following.cancel()
    await platform.close()


def _bound(port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.bind(("127.0.0.1", port))
    return sock


if __name__ == "__main__":
    main()

"""The proxy on loopback through which a browser asks: it connects to what was judged, and to nothing else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.servers import Servers
from tests.servers.dns import Zone
from tests.servers.http import Site, ok, silent

from trueup.net.connect import Net
from trueup.net.guard import Guard, GuardError
from trueup.net.query import ResolveError
from trueup.net.relay import Relay
from trueup.net.resolve import Resolver
from trueup.net.side import Side


@pytest.fixture
def through(servers: Servers) -> Any:
    """Send bytes through a relay and return what comes back, with the relay."""
    resolver = Zone({"shop.test": ["127.0.0.1"], "evil.test": ["169.254.169.254"]}).start(servers)
    side = Side()

    async def work(sent: bytes, then: Callable[..., Awaitable[bytes]]) -> tuple[bytes, Relay]:
        net = Net(Resolver(side, servers=[resolver]), Guard(), time.monotonic() + 5)
        relay = Relay(net)
        reader, writer = await asyncio.open_connection("127.0.0.1", await relay.start())
        try:
            writer.write(sent)
            return await then(reader, writer), relay
        finally:
            relay.close()
            writer.close()
            await asyncio.sleep(0)

    def run(sent: str, then: Callable[..., Awaitable[bytes]] | None = None) -> tuple[bytes, Relay]:
        async def whole(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> bytes:
            return await reader.read()

        return side.submit(work(sent.encode(), then or whole)).result(10)

    yield run
    side.close()


def test_plain_request_reaches_its_server_as_a_server_takes_it(servers: Servers, through: Any) -> None:
    site = Site({"/a": lambda asked: (200, {}, b"answer")})
    place = servers.start(site)

    came, relay = through(
        f"GET http://shop.test:{place.port}/a?b=1 HTTP/1.1\r\nHost: shop.test\r\nProxy-Connection: x\r\n\r\n"
    )

    assert came.endswith(b"answer")
    assert site.asked[0].path == "/a?b=1"
    assert "proxy-connection" not in site.asked[0].headers
    assert site.asked[0].headers["connection"] == "close"
    assert relay.addresses == {("shop.test", place.port): "127.0.0.1"}


def test_tunnel_carries_both_ways(servers: Servers, through: Any) -> None:
    place = servers.start(ok(b"through"))

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 200 Connected\r\n\r\n"
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        return await reader.read()

    came, _ = through(f"CONNECT {place.endpoint} HTTP/1.1\r\n\r\n", talk)

    assert came.endswith(b"through")


@pytest.mark.parametrize(
    ("host", "error"),
    [
        ("169.254.169.254", GuardError),
        ("[::ffff:169.254.169.254]", GuardError),
        ("2852039166", GuardError),
        ("evil.test", GuardError),
        ("0.0.0.0", GuardError),
        ("none.test", ResolveError),
    ],
)
@pytest.mark.parametrize("form", ["CONNECT {0}:80 HTTP/1.1", "GET http://{0}/ HTTP/1.1"])
def test_what_may_not_be_asked_is_not_connected_to(
    host: str, error: type[Exception], form: str, through: Any
) -> None:
    came, relay = through(f"{form.format(host)}\r\nHost: x\r\n\r\n")

    assert came == b""
    assert [type(each.error) for each in relay.failed.values()] == [error]
    assert relay.addresses == {}


def test_refused_connection_is_known(servers: Servers, through: Any) -> None:
    place = servers.refusing()

    came, relay = through(f"CONNECT {place.endpoint} HTTP/1.1\r\n\r\n")

    assert came == b""
    assert isinstance(relay.failed[place.host, place.port].error, ConnectionRefusedError)


@pytest.mark.parametrize(
    "garbage", ["", "GET", "\x00\xff\r\n\r\n", "GET http://[x/ HTTP/1.1\r\n\r\n", "a" * 70_000]
)
def test_garbage_ends_the_connection_and_nothing_else(garbage: str, through: Any) -> None:
    async def part(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write_eof()
        return await reader.read()

    came, relay = through(garbage, part)

    assert (came, relay.failed) == (b"", {})


def test_end_of_the_relay_ends_what_it_carries(servers: Servers, through: Any) -> None:
    place = servers.start(silent)

    async def leave(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> bytes:
        return await reader.readuntil(b"\r\n\r\n")

    came, _ = through(f"CONNECT {place.endpoint} HTTP/1.1\r\n\r\n", leave)

    assert came.startswith(b"HTTP/1.1 200")


def test_connection_that_comes_as_the_relay_ends_goes_nowhere(servers: Servers, through: Any) -> None:
    place = servers.start(silent)

    async def ask(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        net = Net(Resolver(Side()), Guard(), time.monotonic() + 5)
        relay = Relay(net)
        await relay.start()
        relay.close()
        late = asyncio.StreamReader()
        late.feed_data(f"CONNECT {place.endpoint} HTTP/1.1\r\n\r\n".encode())
        await relay._take(late, writer)
        return repr(relay.addresses).encode()

    came, _ = through("", ask)

    assert came == b"{}"

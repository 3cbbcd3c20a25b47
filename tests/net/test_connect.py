"""Connections for kinds that speak for themselves."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest
from tests.servers import Servers
from tests.servers.dns import Zone
from tests.servers.http import silent
from tests.servers.tls import Authority

from trueup.net.connect import EarlyError, Net
from trueup.net.guard import Guard, GuardError
from trueup.net.query import ResolveError
from trueup.net.resolve import Resolver
from trueup.net.side import Side
from trueup.net.tls import Tls
from trueup.net.trust import FileError


def net_of(side: Side, *servers: str, guard: Guard | None = None, within_s: float = 2) -> Net:
    return Net(Resolver(side, servers=servers), guard or Guard(), time.monotonic() + within_s)


def test_name_is_resolved_judged_and_connected(side: Side, servers: Servers) -> None:
    place = servers.start(silent)
    net = net_of(side, Zone({"a.test": ["127.0.0.1"]}).start(servers))

    async def connect() -> None:
        await net.connect("a.test", place.port)
        net.close()

    side.submit(connect()).result(5)

    assert net.address == "127.0.0.1"
    assert net.peer == f"127.0.0.1 port {place.port}"
    assert net.dns_us is not None
    assert net.connect_us is not None


def test_only_addresses_that_may_be_connected_to_are_given(side: Side, servers: Servers) -> None:
    zone = Zone({"mixed.test": ["169.254.169.254", "127.0.0.1"], "bad.test": ["169.254.169.254"]})
    net = net_of(side, zone.start(servers))

    assert side.submit(net.resolve("mixed.test")).result(5) == ("127.0.0.1",)
    with pytest.raises(GuardError):
        side.submit(net.resolve("bad.test")).result(5)
    with pytest.raises(ResolveError):
        side.submit(net.resolve("none.test")).result(5)


def test_connection_is_closed_when_its_asking_is_cancelled(side: Side, servers: Servers) -> None:
    place = servers.start(silent)
    held = servers.full()
    ended: list[bool] = []

    async def ask(port: int) -> None:
        net = net_of(side)
        try:
            reader, _ = await net.connect("127.0.0.1", port)
            await reader.read(1)
        finally:
            net.close()
            ended.append(True)

    asking = [side.submit(ask(place.port)), side.submit(ask(held.port))]
    servers.settle(lambda: len(place.taken) == 1)
    for each in asking:
        each.cancel()
    servers.settle(lambda: len(ended) == 2)


def test_files_that_are_none_are_named(
    side: Side, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("files")
    (folder / "empty.pem").write_text("")
    authority = Authority(folder)
    place = servers.start(silent, tls=authority.server())

    async def ask(tls: Tls) -> None:
        net = net_of(side)
        try:
            await net.connect("127.0.0.1", place.port, tls=tls)
        finally:
            net.close()

    for tls in (
        Tls(ca=str(folder / "none.pem")),
        Tls(ca=str(folder / "empty.pem")),
        Tls(ca=authority.file, client_certificate=str(folder / "empty.pem")),
    ):
        with pytest.raises(FileError, match=r"(none|empty)\.pem: "):
            side.submit(ask(tls)).result(5)
    side.submit(ask(Tls(ca=authority.file))).result(5)


def test_side_that_is_closed_has_cancelled_what_it_ran() -> None:
    side = Side()
    ended: list[str] = []

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    side.submit(wait())
    side.close()
    side.close()

    assert ended == ["cancelled"]


async def agreeing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Agree to TLS and go on in plain text."""
    await reader.readexactly(1)
    writer.write(b"yes, and more")
    await silent(reader, writer)


def test_plain_text_after_tls_was_agreed_on_is_refused(side: Side, servers: Servers) -> None:
    place = servers.start(agreeing)
    net = net_of(side)

    async def upgrade() -> None:
        reader, writer = await net.connect("127.0.0.1", place.port)
        writer.write(b"?")
        assert await reader.readexactly(3) == b"yes"
        await net.upgrade(reader, writer, Tls(insecure=True), "127.0.0.1")

    with pytest.raises(EarlyError) as early:
        side.submit(upgrade()).result(5)
    side.call(net.close)

    assert early.value.args == (10,)


def test_small_pieces_are_sent_at_once(side: Side, servers: Servers) -> None:
    place = servers.start(silent)
    net = net_of(side)

    async def delay() -> int:
        _, writer = await net.connect("127.0.0.1", place.port)
        held = writer.get_extra_info("socket")
        try:
            return int(held.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        finally:
            net.close()

    assert side.submit(delay()).result(5)


def test_goodbye_is_said_and_not_waited_for_long(side: Side, servers: Servers) -> None:
    heard: list[bytes] = []

    async def listening(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readexactly(3))
        await silent(reader, writer)  # it does not close

    place = servers.start(listening)
    net = net_of(side)

    async def part() -> None:
        reader, writer = await net.connect("127.0.0.1", place.port)
        net.part(reader, writer, b"bye")
        net.close()

    side.submit(part()).result(5)

    servers.settle(lambda: heard == [b"bye"])

"""WebSocket: the handshake is checked, the talk is held, the fault is named."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.probes.conftest import Ask, why
from tests.servers import Servers
from tests.servers.http import Site, closing, cut, garbage, ok, silent
from tests.servers.run import Handler
from tests.servers.tls import Authority
from tests.servers.websocket import (
    BINARY,
    CLOSE,
    PING,
    PONG,
    TEXT,
    echo,
    flooding,
    frame,
    mute,
    read_frame,
    upgrading,
)

from trueup.domain.result import FailureClass
from trueup.domain.spec import Secret
from trueup.probes.base import OptionError, build

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter


def test_ping_is_answered_and_nothing_else_is_needed(servers: Servers, ask: Ask) -> None:
    place = servers.start(upgrading(echo))

    facts = ask("websocket", place.url(scheme="ws")).facts

    assert facts.failure is None
    assert facts.values["status"] == 101
    assert facts.values["header"]["upgrade"] == "websocket"
    assert facts.phases.connect_us is not None
    assert facts.phases.wait_us is not None


def test_reply_is_what_comes_after_what_was_sent(servers: Servers, ask: Ask) -> None:
    place = servers.start(upgrading(echo))

    assert ask("websocket", place.url(scheme="ws"), send="grüße").facts.values["reply"] == "grüße"


def test_connection_is_ended_with_a_close(servers: Servers, ask: Ask) -> None:
    seen: list[tuple[int, bytes]] = []

    async def note(reader: Reader, writer: Writer) -> None:
        while True:
            seen.append(await read_frame(reader))
            if seen[-1][0] == PING:
                writer.write(frame(PONG, seen[-1][1]))

    place = servers.start(upgrading(note))

    ask("websocket", place.url(scheme="ws"))
    servers.settle(lambda: len(seen) == 2)

    assert [kind for kind, _ in seen] == [PING, CLOSE]
    assert seen[-1][1][:2] == (1000).to_bytes(2, "big")


def test_greeting_that_comes_with_the_answer_is_heard(servers: Servers, ask: Ask) -> None:
    place = servers.start(upgrading(echo, with_it=frame(TEXT, b"welcome")))

    heard = ask("websocket", place.url(scheme="ws"), greeting=True, send="ping").facts.values
    plain = ask("websocket", place.url(scheme="ws"), send="ping").facts.values

    assert (heard["greeting"], heard["reply"]) == ("welcome", "ping")
    assert plain["reply"] == "ping"


def test_reply_may_be_bytes_and_in_parts_with_a_ping_between(servers: Servers, ask: Ask) -> None:
    async def parts(reader: Reader, writer: Writer) -> None:
        await read_frame(reader)
        writer.write(frame(BINARY, b"one ", last=False) + frame(PING, b"?") + frame(0, b"two"))
        await mute(reader, writer)

    place = servers.start(upgrading(parts))

    assert ask("websocket", place.url(scheme="ws"), send="x").facts.values["reply"] == "one two"


def test_large_reply_is_read_whole(servers: Servers, ask: Ask) -> None:
    async def large(reader: Reader, writer: Writer) -> None:
        await read_frame(reader)
        writer.write(frame(TEXT, b"b" * 300_000))
        await mute(reader, writer)

    place = servers.start(upgrading(large))

    heard = ask("websocket", place.url(scheme="ws"), send="x", max_message="400 kB").facts
    cause, sentence = why(ask("websocket", place.url(scheme="ws"), send="x", max_message="200 kB"))

    assert heard.values["reply"] == "b" * 300_000
    assert cause is FailureClass.TOO_LARGE
    assert "larger than 200 kB" in sentence


def test_secure_websocket_shows_its_certificate(servers: Servers, ask: Ask, authority: Authority) -> None:
    place = servers.start(upgrading(echo, with_it=frame(TEXT, b"hi")), tls=authority.server())

    facts = ask("websocket", place.url(scheme="wss"), ca=authority.file, greeting=True, send="x").facts

    assert facts.failure is None
    assert (facts.values["greeting"], facts.values["reply"]) == ("hi", "x")
    assert facts.certificate is not None
    assert facts.phases.tls_us is not None


def test_subprotocol_is_offered_and_the_chosen_one_known(servers: Servers, ask: Ask) -> None:
    place = servers.start(upgrading(echo, more="Sec-WebSocket-Protocol: chat.v2\r\n"))

    facts = ask("websocket", place.url(scheme="ws"), subprotocol="chat.v1, chat.v2").facts

    assert facts.failure is None
    assert facts.values["subprotocol"] == "chat.v2"


def test_upgrade_carries_headers_and_credentials(servers: Servers, ask: Ask) -> None:
    site = Site()
    place = servers.start(site)

    ask(
        "websocket", place.url("/ws?a=1", scheme="ws"), token=Secret("marker"), headers={"Origin": "http://o"}
    )

    (asked,) = site.asked
    assert asked.path == "/ws?a=1"
    assert asked.headers["authorization"] == "Bearer marker"
    assert asked.headers["origin"] == "http://o"
    assert asked.headers["sec-websocket-version"] == "13"


def test_each_upgrade_has_a_key_of_its_own(servers: Servers, ask: Ask) -> None:
    site = Site()
    place = servers.start(site)
    probe = build("websocket", place.url(scheme="ws"), {})

    assert probe.request().key != probe.request().key  # type: ignore[attr-defined]


async def early_close(reader: Reader, writer: Writer) -> None:
    writer.write(frame(CLOSE, (1011).to_bytes(2, "big") + b"overloaded"))
    await mute(reader, writer)


async def dropping(reader: Reader, writer: Writer) -> None:
    await read_frame(reader)


async def cutting(reader: Reader, writer: Writer) -> None:
    await read_frame(reader)
    cut(writer)


async def reserved(reader: Reader, writer: Writer) -> None:
    writer.write(b"\xf3\x02xx")
    await mute(reader, writer)


async def masked(reader: Reader, writer: Writer) -> None:
    writer.write(b"\x81\x82\x00\x00\x00\x00xx")
    await mute(reader, writer)


async def bad_pong(reader: Reader, writer: Writer) -> None:
    await read_frame(reader)
    writer.write(frame(PONG, b"another"))
    await mute(reader, writer)


@pytest.mark.parametrize(
    ("handler", "options", "cause", "words"),
    [
        (upgrading(echo, answer=lambda _: "wrong"), {}, FailureClass.PROTOCOL, "wrong Sec-WebSocket-Accept"),
        (
            upgrading(echo, more="Sec-WebSocket-Protocol: odd\r\n"),
            {},
            FailureClass.PROTOCOL,
            "odd was chosen",
        ),
        (upgrading(echo), {"subprotocol": "chat"}, FailureClass.PROTOCOL, "none was chosen"),
        (
            upgrading(echo, more="Sec-WebSocket-Extensions: permessage-deflate\r\n"),
            {},
            FailureClass.PROTOCOL,
            "permessage-deflate",
        ),
        (upgrading(mute), {}, FailureClass.TIMEOUT, "no pong"),
        (upgrading(bad_pong), {}, FailureClass.TIMEOUT, "no pong"),
        (upgrading(mute), {"send": "x"}, FailureClass.TIMEOUT, "no reply"),
        (upgrading(mute), {"greeting": True}, FailureClass.TIMEOUT, "speak first"),
        (upgrading(early_close), {}, FailureClass.PROTOCOL, "code 1011 (overloaded) instead of a pong"),
        (upgrading(dropping), {}, FailureClass.RESET, "cut"),
        (upgrading(cutting), {}, FailureClass.RESET, "cut"),
        (upgrading(reserved), {}, FailureClass.PROTOCOL, "frame"),
        (upgrading(masked), {}, FailureClass.PROTOCOL, "frame"),
        (upgrading(flooding), {}, FailureClass.TOO_LARGE, "64 kB"),
        (ok(status=404), {}, FailureClass.PROTOCOL, "status 404 instead of 101"),
        (ok(status=200), {}, FailureClass.PROTOCOL, "status 200 instead of 101"),
        (ok(status=302, Location="/"), {}, FailureClass.PROTOCOL, "status 302 instead of 101"),
        (garbage, {}, FailureClass.PROTOCOL, "not HTTP"),
        (closing, {}, FailureClass.RESET, "without an answer"),
        (silent, {}, FailureClass.TIMEOUT, "upgrade"),
    ],
)
def test_fault_has_its_class_and_its_words(
    servers: Servers, ask: Ask, handler: Handler, options: dict[str, Any], cause: FailureClass, words: str
) -> None:
    place = servers.start(handler)

    answer = ask("websocket", place.url(scheme="ws"), timeout_s=0.3, **options)

    found, sentence = why(answer)
    assert found is cause, sentence
    assert words in sentence
    assert answer.duration_us < 450_000


def test_proxy_is_asked_for_a_tunnel(servers: Servers, ask: Ask) -> None:
    wanted: list[str] = []

    async def tunnel(reader: Reader, writer: Writer) -> None:
        wanted.append((await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[0])
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await upgrading(echo)(reader, writer)

    place = servers.start(tunnel)

    facts = ask("websocket", "ws://shop.example.test/ws", proxy=place.url()).facts

    assert facts.failure is None
    assert wanted == ["CONNECT shop.example.test:80 HTTP/1.1"]


@pytest.mark.parametrize(
    ("target", "options", "field"),
    [
        ("http://host/", {}, "target"),
        ("ws://", {}, "target"),
        ("ws://host/", {"send": "x" * 20_000}, "send"),
        ("ws://host/", {"max_message": "1 GB"}, "max_message"),
        ("ws://host/", {"subprotocols": "x"}, "subprotocols"),
    ],
)
def test_bad_options_are_refused(target: str, options: dict[str, Any], field: str) -> None:
    with pytest.raises(OptionError) as refused:
        build("websocket", target, options)

    assert refused.value.field == field


def test_client_certificate_is_shown(servers: Servers, ask: Ask, authority: Authority) -> None:
    place = servers.start(upgrading(echo), tls=authority.demanding())
    target = place.url(scheme="wss", host="localhost")

    shown = ask("websocket", target, ca=authority.file, client_certificate=authority.client("ws")).facts
    bare = ask("websocket", target, ca=authority.file).facts

    assert shown.failure is None
    assert bare.failure is not None


def test_secured_target_is_reached_through_a_proxy_that_wants_a_password(
    servers: Servers, ask: Ask, authority: Authority
) -> None:
    place = servers.start(upgrading(echo), tls=authority.server())
    heads: list[str] = []

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        far_reader, far_writer = await asyncio.open_connection(place.host, place.port)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        there = asyncio.ensure_future(pour(reader, far_writer))
        try:
            await pour(far_reader, writer)
        finally:
            there.cancel()
            far_writer.close()

    proxy = servers.start(tunnel)
    facts = ask(
        "websocket",
        place.url(scheme="wss", host="localhost"),
        ca=authority.file,
        proxy=proxy.url(),
        proxy_username="me",
        proxy_password="it",
    ).facts

    assert facts.failure is None
    assert facts.certificate is not None
    assert heads[0].startswith(f"CONNECT localhost:{place.port} HTTP/1.1")
    assert "Proxy-Authorization: Basic bWU6aXQ=" in heads[0]


async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(65_536):
        writer.write(piece)
        await writer.drain()

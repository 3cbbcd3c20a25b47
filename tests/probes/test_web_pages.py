"""The how-to pages of the plain kinds: what they show holds for servers that are as they say."""

from __future__ import annotations

from pathlib import Path

from tests.probes.pages import states
from tests.servers import Servers
from tests.servers.http import Asked, Reader, Site, Writer
from tests.servers.websocket import echo, upgrading

from trueup.domain.result import State


def shop() -> Site:
    def front(_: Asked) -> tuple[int, dict[str, str], bytes]:
        return 200, {}, b"<h1>Welcome</h1>"

    def health(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        good = asked.headers.get("accept") == "application/json"
        return 200 if good else 406, {}, b'{"status": "ok", "queues": ["mail"]}'

    return Site({"/": front, "/api/health": health})


async def repeating(reader: Reader, writer: Writer) -> None:
    writer.write(await reader.readline())
    await writer.drain()


def test_website_and_its_api_are_up(servers: Servers, tmp_path: Path) -> None:
    place = servers.start(shop())

    found = states("watch-a-website.md", tmp_path, {"shop.example.org": place.endpoint}, {})

    assert found == {"shop-front": (State.UP, ""), "shop-api": (State.UP, "")}


def test_websocket_answers_a_ping_and_a_message(servers: Servers, tmp_path: Path) -> None:
    place = servers.start(upgrading(echo))

    found = states("watch-a-websocket.md", tmp_path, {"prices.example.org": place.endpoint}, {})

    assert found == {"prices-open": (State.UP, ""), "prices-echo": (State.UP, "")}


def test_port_is_open_and_what_is_sent_is_answered(servers: Servers, tmp_path: Path) -> None:
    place = servers.start(repeating)

    found = states("watch-a-tcp-port.md", tmp_path, {"directory.example.org:3890": place.endpoint}, {})

    assert found == {"directory-open": (State.UP, ""), "directory-answers": (State.UP, "")}

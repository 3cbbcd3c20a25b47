"""Faults of life over all kinds of check, and how each is provoked.

What is said of each stands in docs/reference/faults.md, word for word; a test provokes every one and
compares. ``python -m tests.probes.fault_table`` writes the page's table anew.
"""

from __future__ import annotations

import html
import re
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.servers import Place, Servers, http, websocket
from tests.servers.dns import SERVFAIL, SILENT, Zone
from tests.servers.http import Site, saying
from tests.servers.run import Handler
from tests.servers.tls import Authority, broken_handshake, half_handshake

from trueup.domain.expect import judge, parse
from trueup.domain.text import missing, render
from trueup.probes.ask import ask_once
from trueup.probes.base import build

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "faults.md"
_CHANGING = (
    (re.compile(r"\b\d+(\.\d+)? (us|ms|s)\b"), "TIME"),
    (re.compile(r"\bport \d+"), "port PORT"),
    (re.compile(r"(127\.0\.0\.1|shop\.test):\d+"), r"\1:PORT"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:]+Z"), "INSTANT"),
    (re.compile(r"OU=[^,]*,O=[\w .-]*\d"), "NAME"),
)


@dataclass(frozen=True)
class World:
    """What faults are made of."""

    servers: Servers
    authority: Authority

    def at(self, handler: Handler, **more: Any) -> Place:
        """Start a server."""
        return self.servers.start(handler, **more)


Maker = Callable[[World], Place]


@dataclass(frozen=True)
class Fault:
    """One fault: to which kind of check, what happens, and what makes it happen."""

    kind: str
    what: str
    place: Maker | None = None  # makes the server; none where nothing answers
    target: str = "{place}"
    options: Mapping[str, Any] = field(default_factory=dict)
    timeout_s: float = 5.0


def serving(handler: Handler) -> Maker:
    """Make a server of a handler."""
    return lambda world: world.at(handler)


def refusing(world: World) -> Place:
    """Keep a port on which nothing listens."""
    return world.servers.refusing()


def full(world: World) -> Place:
    """Keep a port that takes no more connections."""
    return world.servers.full()


def secured(context: Callable[[Authority], Any]) -> Maker:
    """Make a server whose certificate is as told."""
    return lambda world: world.at(http.ok(), tls=context(world.authority))


def speaking(words: bytes) -> Maker:
    """Make a server that speaks first, and listens."""

    async def handle(reader: http.Reader, writer: http.Writer) -> None:
        writer.write(words)
        await writer.drain()
        await http.silent(reader, writer)

    return serving(handle)


def answering(body: bytes = b"ok", status: int = 200, **headers: str) -> Maker:
    """Make a server that gives one answer."""
    return serving(http.ok(body, status, **headers))


def names(world: World) -> str:
    """Start a DNS server that knows some names, and answers for some as a broken one does."""
    zone = {"broken.test": SERVFAIL, "mute.test": SILENT, "meta.test": ["169.254.169.254"]}
    return Zone({"shop.test": ["127.0.0.1"], **zone}).start(world.servers)


def steady(sentence: str) -> str:
    """Return a sentence with words in the place of what differs from one time to the next."""
    for form, word in _CHANGING:
        sentence = form.sub(word, sentence)
    return sentence


SHOP = Site(
    {
        "/login": lambda _: (200, {}, b'{"user": 7}'),
        "/away": lambda _: (200, {"Location": "http://127.0.0.2/"}, b""),
    }
)
LOGIN = {"path": "/login", "name": "sign in", "extract": {"user": "$.user"}}
AWAY = {"path": "/away", "extract": {"next": 'header["location"]'}}
TRUSTING: dict[str, Any] = {"ca": "{ca}"}
HTTP, HTTPS, WS = "http://{place}/", "https://{place}/", "ws://{place}/"

FAULTS: tuple[Fault, ...] = (
    Fault("http", "nothing listens at the port", refusing, target=HTTP),
    Fault("http", "the name does not exist", target="http://none.test/"),
    Fault("http", "the resolver answers that it fails", target="http://broken.test/"),
    Fault("http", "no resolver answers", target="http://mute.test/", timeout_s=0.3),
    Fault("http", "the name leads to an address of cloud metadata", target="http://meta.test/"),
    Fault("http", "no connection comes about", full, target=HTTP, timeout_s=0.3),
    Fault(
        "http",
        "the server takes the request and says nothing",
        serving(http.silent),
        target=HTTP,
        timeout_s=0.3,
    ),
    Fault("http", "the answer stops in the middle", serving(http.stalling), target=HTTP, timeout_s=0.3),
    Fault("http", "the connection is cut", serving(http.cutting), target=HTTP),
    Fault("http", "the connection is closed without an answer", serving(http.closing), target=HTTP),
    Fault("http", "the answer is shorter than it said", serving(http.cut_off), target=HTTP),
    Fault("http", "the answer is not HTTP", serving(http.garbage), target=HTTP),
    Fault("http", "headers without end", serving(http.header_bomb), target=HTTP),
    Fault(
        "http",
        "a body larger than may be",
        serving(http.endless_body),
        target=HTTP,
        options={"larger": "fail", "max_body": "64 kB"},
    ),
    Fault("http", "redirects in a circle", serving(http.redirect_loop), target=HTTP),
    Fault(
        "http",
        "more redirects than are followed",
        serving(http.redirect_on),
        target=HTTP,
        options={"max_redirects": 2},
    ),
    Fault(
        "http",
        "a redirect to another protocol",
        answering(status=302, Location="ftp://shop.test/"),
        target=HTTP,
    ),
    Fault(
        "http",
        "a redirect to cloud metadata",
        answering(status=302, Location="http://169.254.169.254/"),
        target=HTTP,
    ),
    Fault("http", "the path is not there", answering(status=404), target=HTTP),
    Fault("http", "the server is overloaded", answering(status=503), target=HTTP),
    Fault("http", "the certificate has ended", secured(Authority.expired), target=HTTPS, options=TRUSTING),
    Fault("http", "the certificate has not begun", secured(Authority.early), target=HTTPS, options=TRUSTING),
    Fault(
        "http",
        "the certificate is for another name",
        secured(lambda authority: authority.server("other.test")),
        target=HTTPS,
        options=TRUSTING,
    ),
    Fault("http", "nobody we trust vouches for the certificate", secured(Authority.server), target=HTTPS),
    Fault("http", "what answers does not speak TLS", serving(broken_handshake), target=HTTPS),
    Fault("http", "the TLS handshake does not end", serving(half_handshake), target=HTTPS, timeout_s=0.3),
    Fault("websocket", "the upgrade is answered with another status", answering(), target=WS),
    Fault(
        "websocket",
        "the proof of the handshake is wrong",
        serving(websocket.upgrading(websocket.echo, answer=lambda _: "wrong")),
        target=WS,
    ),
    Fault(
        "websocket",
        "no pong comes to the ping",
        serving(websocket.upgrading(websocket.mute)),
        target=WS,
        timeout_s=0.4,
    ),
    Fault(
        "websocket",
        "the server closes the WebSocket",
        serving(
            websocket.upgrading(websocket.mute, with_it=websocket.frame(websocket.CLOSE, b"\x03\xf3bye"))
        ),
        target=WS,
    ),
    Fault(
        "tcp",
        "the server was to speak first, and does not",
        serving(http.silent),
        options={"listen": True},
        timeout_s=0.3,
    ),
    Fault(
        "tcp",
        "what was waited for does not come before the cap",
        serving(http.endless_body),
        options={"send": "x", "until": "never"},
    ),
    Fault(
        "steps",
        "the second of two requests fails",
        serving(SHOP),
        target=HTTP,
        options={"requests": [LOGIN, {"path": "/users/{{user}}", "name": "orders"}]},
    ),
    Fault(
        "steps",
        "an answer lacks what the next request needs",
        serving(SHOP),
        target=HTTP,
        options={"requests": [AWAY, {"path": "/login", "extract": {"x": "$.token"}}]},
    ),
    Fault(
        "steps",
        "a taken address leads to another host",
        serving(SHOP),
        target=HTTP,
        options={"requests": [AWAY, {"path": "{{next}}"}]},
    ),
    Fault("tls", "the certificate has ended", secured(Authority.expired), options=TRUSTING),
    Fault("tls", "what answers does not speak TLS", serving(broken_handshake)),
    Fault("dns", "the name does not exist", target="none.test", options={"server": "{dns}"}),
    Fault("dns", "the resolver answers that it fails", target="broken.test", options={"server": "{dns}"}),
    Fault("dns", "no server answers", target="mute.test", options={"server": "{dns}"}, timeout_s=0.4),
    Fault("icmp", "the address is one that is never asked", target="169.254.169.254"),
    Fault("smtp", "the banner refuses", speaking(b"554 go away\r\n")),
    Fault("smtp", "what answers is no mail server", speaking(b"* OK IMAP4\r\n")),
    Fault("redis", "the server wants a password", serving(saying(b"-NOAUTH Authentication required.\r\n"))),
    Fault("redis", "what answers is no Redis", serving(saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"))),
    Fault(
        "postgres",
        "what answers is no PostgreSQL",
        serving(saying(b"HTTP/1.1 400 Bad Request\r\n\r\n")),
        options={"username": "me"},
    ),
    Fault(
        "mysql",
        "what answers is no MySQL",
        speaking(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        options={"username": "me"},
    ),
    Fault(
        "mysql",
        "the server takes no more connections",
        speaking(b"\x17\0\0\0\xff\x10\x04Too many connections"),
        options={"username": "me"},
    ),
    Fault("ssh", "no banner of SSH comes", speaking(b"220 mail.test ESMTP\r\n"), timeout_s=0.4),
    Fault("grpc", "the server speaks HTTP/1.1 only", answering()),
    Fault(
        "domain_expiry",
        "nobody has the domain",
        answering(b"{}", status=404),
        target="example.org",
        options={"rdap": HTTP},
    ),
    Fault("domain_expiry", "the registry cannot be reached", refusing, "example.org", {"rdap": HTTP}),
    Fault("browser", "nothing listens at the port", refusing, HTTP, timeout_s=40),
    Fault(
        "browser", "the name leads to an address of cloud metadata", target="http://meta.test/", timeout_s=40
    ),
)


def provoke(fault: Fault, world: World) -> tuple[str, str]:
    """Provoke a fault; return its class and what is said of it, steadied."""
    resolver = names(world)
    place = fault.place(world).endpoint if fault.place else ""
    words = {"{place}": place, "{ca}": world.authority.file, "{dns}": resolver}
    options = {name: _put(value, words) for name, value in fault.options.items()}
    probe = build(fault.kind, _put(fault.target, words), options)
    answer = ask_once(probe, fault.timeout_s, servers=[resolver])
    rules = [parse(each, probe.provides) for each in probe.default_expect]
    found = judge(answer.facts, answer.duration_us, time.time_ns() // 1000, rules, asked=probe.asks)
    assert found.cause is not None, answer
    assert found.text is not None, answer
    assert missing(found.text) == []
    return str(found.cause), steady(render(found.text))


def _put(value: Any, words: Mapping[str, str]) -> Any:
    for word, real in words.items():
        value = value.replace(word, real) if isinstance(value, str) else value
    return value


def told() -> dict[tuple[str, str], tuple[str, str]]:
    """Return what the page says: class and sentence of each fault, by kind and what happens."""
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| `(\w+)` \| (.*?) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return {(kind, what): (cause, html.unescape(said)) for kind, what, cause, said in rows}


def main() -> None:
    """Provoke every fault and write the table of the page anew."""
    lines = ["| Kind | What happens | Class | What is said |", "|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        for fault in FAULTS:
            with Servers() as servers:
                cause, said = provoke(fault, World(servers, authority))
            lines.append(f"| `{fault.kind}` | {fault.what} | `{cause}` | {html.escape(said, quote=False)} |")
    text = PAGE.read_text("utf-8")
    PAGE.write_text(text[: text.index("| Kind |")] + "\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()

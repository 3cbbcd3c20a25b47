"""WebSocket: the handshake, then a ping or a message and its reply (RFC 6455)."""

from __future__ import annotations

import hashlib
import os
from base64 import b64encode
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any, ClassVar

import pycurl

from trueup.domain.option import OptionError, option
from trueup.domain.result import Certificate, Facts, FailureClass, Phases
from trueup.domain.spec import Secret
from trueup.net.line import Line, Message
from trueup.net.transfer import Request, Transfer
from trueup.probes.base import ProbeError, register
from trueup.probes.header import Headers
from trueup.probes.measure import certificate
from trueup.probes.web import WebProbe

_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_LONGEST_SEND = 16_000  # goes into an empty socket at once
Talk = Generator[None, None, Facts]


@register
@dataclass(frozen=True, kw_only=True)
class WebSocketProbe(WebProbe):
    """Opens a WebSocket, then sends a message and waits for the reply, or a ping and waits for the pong."""

    kind: ClassVar[str] = "websocket"
    target_form: ClassVar[str] = "ws://HOST:PORT/"
    default_expect: ClassVar[tuple[str, ...]] = ("status == 101",)
    provides: ClassVar[Mapping[str, type]] = {
        "status": int,
        "header": Mapping,
        "greeting": str,
        "reply": str,
        "subprotocol": str,
        "latency": timedelta,
        "certificate": Certificate,
    }

    send: Secret | None = option(
        None, "A text message to send; the next message from the server is the reply."
    )
    greeting: bool = option(
        False, "The server speaks first: its first message is the greeting, not the reply."
    )
    ping: bool = option(True, "Where nothing is sent, send a ping and wait for its pong.")
    subprotocol: str = option("", "Subprotocols to offer, separated by commas; the server must choose one.")
    max_message: int = option(64_000, "How much the server may send, 125 B to 4 MB.", form="size")

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self._message.encode()) > _LONGEST_SEND:
            raise OptionError("send", f"send: the message is longer than {_LONGEST_SEND} B.")
        if not 125 <= self.max_message <= 4_000_000:
            raise OptionError("max_message", f"max_message: {self.max_message} B is not from 125 B to 4 MB.")

    @property
    def _message(self) -> str:
        return self.send.reveal() if self.send else ""

    @property
    def schemes(self) -> tuple[str, ...]:
        """Return the schemes of WebSocket."""
        return ("ws", "wss")

    @property
    def asks(self) -> str:
        """Return what is asked."""
        return f"WebSocket {self.url.text}"

    @cached_property
    def _upgrade(self) -> Request:
        options: list[tuple[int, Any]] = [
            (pycurl.CONNECT_ONLY, 2),  # upgrade, and leave the connection to us
            (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
        ]
        if self.proxy:
            options.append((pycurl.HTTPPROXYTUNNEL, 1))
        return self.to(self.url, self.asks, options, limit=self.max_message, cut=False, upgrade=True)

    def request(self) -> Request:
        """Return the upgrade with a key of its own, which libcurl would not check."""
        key = b64encode(os.urandom(16)).decode()
        more = {"Sec-WebSocket-Key": key}
        if self.subprotocol:
            more["Sec-WebSocket-Protocol"] = self.subprotocol
        lines = (pycurl.HTTPHEADER, self.header_lines(self.url, more))
        return replace(self._upgrade, options=(*self._upgrade.options, lines), key=key)

    def facts(self, transfer: Transfer, phases: Phases) -> Facts:
        """Return what the upgrade alone measured."""
        headers = Headers(transfer.headers)
        values = {"status": transfer.status, "header": headers}
        if "sec-websocket-protocol" in headers:
            values["subprotocol"] = headers["sec-websocket-protocol"]
        served = certificate(transfer) if transfer.request.tls else None
        return Facts(values=values, phases=phases, address=transfer.address, certificate=served)

    def talk(self, line: Line, phases: Phases) -> Talk:
        """Check the upgrade, then send and wait for what shall come back."""
        facts = self.facts(line.transfer, phases)
        if not facts.values["status"]:
            raise ProbeError(FailureClass.RESET, "reset.empty")  # which libcurl takes for an upgrade
        self._check(Headers(line.transfer.headers), line.transfer.request.key)
        heard: dict[str, str] = {}
        if self.greeting:
            line.awaited = "greeting"
            heard["greeting"] = yield from _text(line)
        if self._message:
            while line.receive() is not None:
                pass  # what came before we spoke is no reply
            line.send(self._message)
            line.awaited = "reply"
            heard["reply"] = yield from _text(line)
        elif self.ping:
            line.awaited = "pong"
            yield from _pong(line)
        line.close()
        return replace(facts, values={**facts.values, **heard})

    def _check(self, headers: Headers, key: str) -> None:
        # RFC 6455 4.1: what a client must refuse; Upgrade itself libcurl has read
        digest = hashlib.sha1((key + _MAGIC).encode(), usedforsecurity=False).digest()
        got = headers.get("sec-websocket-accept", "")
        if got != b64encode(digest).decode():
            raise ProbeError(FailureClass.PROTOCOL, "protocol.accept", got=got[:100] or "none")
        offered = [each.strip() for each in self.subprotocol.split(",") if each.strip()]
        chosen = headers.get("sec-websocket-protocol", "")
        if (chosen or offered) and chosen not in offered:
            wanted = ", ".join(offered) or "none"
            raise ProbeError(
                FailureClass.PROTOCOL, "protocol.subprotocol", wanted=wanted, got=chosen[:100] or "none"
            )
        if extension := headers.get("sec-websocket-extensions"):
            reason = f"the extension {extension[:100]} was not asked for"
            raise ProbeError(FailureClass.PROTOCOL, "protocol.frame", reason=reason)


def _text(line: Line) -> Generator[None, None, str]:
    """Wait for a message of text or bytes and return it as text."""
    while True:
        message = yield from _next(line)
        if message.kind in ("text", "binary"):
            return message.data.decode(errors="replace")


def _pong(line: Line) -> Generator[None, None, None]:
    """Send a ping and wait for the pong with the same data."""
    data = os.urandom(8)
    line.ping(data)
    while True:
        message = yield from _next(line)
        if message.kind == "pong" and message.data == data:
            return


def _next(line: Line) -> Generator[None, None, Message]:
    while (message := line.receive()) is None:
        if line.large:
            limit = line.transfer.request.limit
            raise ProbeError(FailureClass.TOO_LARGE, "too_large.message", cap=limit)
        yield
    if message.kind == "close":
        code = int.from_bytes(message.data[:2], "big") if len(message.data) > 1 else 1005
        reason = message.data[2:].decode(errors="replace")
        raise ProbeError(
            FailureClass.PROTOCOL, "protocol.close", code=code, reason=reason, wanted=f"a {line.awaited}"
        )
    return message

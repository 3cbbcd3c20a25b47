"""An upgraded connection: WebSocket messages over a transfer that libcurl keeps open."""

from __future__ import annotations

from dataclasses import dataclass

import pycurl

from trueup.net.transfer import Transfer

_PIECE = 65_536


@dataclass(frozen=True, slots=True)
class Message:
    """One message: ``kind`` is text, binary, ping, pong or close."""

    kind: str
    data: bytes


class Line:
    """Messages on an upgraded connection; nothing here blocks.

    ``awaited`` is what the talk waits for, for the sentence when the deadline comes first.
    """

    def __init__(self, transfer: Transfer) -> None:
        self.transfer = transfer
        self.fd: int = transfer.handle.getinfo(pycurl.ACTIVESOCKET)
        self.awaited = "reply"
        self.large = False
        self._parts = bytearray()

    def send(self, text: str) -> None:
        """Send a text message."""
        self.transfer.handle.ws_send(text)

    def ping(self, data: bytes) -> None:
        """Send a ping of at most 125 bytes."""
        self.transfer.handle.ws_send(data, pycurl.WS_PING)

    def close(self) -> None:
        """Say goodbye; the connection itself ends with the transfer."""
        self.transfer.handle.ws_close(1000)

    def receive(self) -> Message | None:
        """Return the next whole message, None where it is not there yet.

        More than the request's limit sets ``large`` and is not kept.
        """
        while True:
            try:
                data, meta = self.transfer.handle.ws_recv(_PIECE)
            except BlockingIOError:
                return None
            kind = _kind(meta.flags)
            if kind in ("ping", "pong", "close"):
                return Message(kind, data)
            self._parts += data
            if len(self._parts) > self.transfer.request.limit:
                self.large = True
                self._parts.clear()
            if not meta.bytesleft and not meta.flags & pycurl.WS_CONT:
                whole = bytes(self._parts)
                self._parts.clear()
                return Message(kind, whole)


def _kind(flags: int) -> str:
    for flag, kind in (
        (pycurl.WS_PING, "ping"),
        (pycurl.WS_PONG, "pong"),
        (pycurl.WS_CLOSE, "close"),
        (pycurl.WS_BINARY, "binary"),
    ):
        if flags & flag:
            return kind
    return "text"

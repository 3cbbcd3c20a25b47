"""An upgraded connection: WebSocket messages over a transfer that libcurl keeps open."""

from __future__ import annotations

from dataclasses import dataclass

import pycurl

from trueup.net.transfer import Transfer

_PIECE = 65_536
_TURN = 64  # messages read before others have their turn
_OVERHEAD = 16  # counted for each message, so that empty ones come to an end too
_CONTROL = ((pycurl.WS_PING, "ping"), (pycurl.WS_PONG, "pong"), (pycurl.WS_CLOSE, "close"))


@dataclass(frozen=True, slots=True)
class Message:
    """One message: ``kind`` is text, binary, ping, pong or close."""

    kind: str
    data: bytes


class Line:
    """Messages on an upgraded connection; nothing here blocks.

    ``awaited`` is what the talk waits for, for the sentence when the deadline comes first. ``large``
    says that more came than the request's limit; ``more`` that a turn ended before all was read.
    """

    def __init__(self, transfer: Transfer) -> None:
        self.transfer = transfer
        self.fd: int = transfer.handle.getinfo(pycurl.ACTIVESOCKET)
        self.awaited = "reply"
        self.large = False
        self.more = False
        self._left = transfer.request.limit
        self._turn = _TURN
        self._parts = bytearray()

    def turn(self) -> None:
        """Begin a turn: so many messages may be read again."""
        self._turn, self.more = _TURN, False

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
        """Return the next whole message; None where it is not there yet, or this turn is over."""
        while not self.large:
            if not self._turn:
                self.more = True
                return None
            self._turn -= 1
            try:
                data, meta = self.transfer.handle.ws_recv(_PIECE)
            except BlockingIOError:
                return None
            self._left -= len(data) + _OVERHEAD
            self.large = self._left < -_OVERHEAD
            for flag, kind in _CONTROL:
                if meta.flags & flag:
                    return Message(kind, data)
            self._parts += data
            if not meta.bytesleft and not meta.flags & pycurl.WS_CONT:
                whole = bytes(self._parts)
                self._parts.clear()
                return Message("binary" if meta.flags & pycurl.WS_BINARY else "text", whole)
        self._parts.clear()
        return None

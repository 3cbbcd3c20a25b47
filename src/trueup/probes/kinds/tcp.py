"""TCP: a connection, and what is said on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic_ns
from typing import ClassVar

from trueup.domain.option import OptionError, option
from trueup.domain.result import Certificate, Facts, FailureClass, Phases
from trueup.domain.spec import Secret
from trueup.net.connect import Net, Reader
from trueup.probes.base import ProbeError, register
from trueup.probes.stream import StreamProbe

_PIECE = 4_096


@register
@dataclass(frozen=True, kw_only=True)
class TcpProbe(StreamProbe):
    """Connects to ``HOST:PORT``; where something is sent or awaited, reads the reply."""

    kind: ClassVar[str] = "tcp"
    target_form: ClassVar[str] = "HOST:PORT"
    schemes: ClassVar[tuple[str, ...]] = ("tcp",)
    provides: ClassVar[Mapping[str, type]] = {
        "reply": str,
        "latency": timedelta,
        "certificate": Certificate,
    }

    send: Secret | None = option(
        None, "What to send once connected; the first piece that comes back is the reply."
    )
    listen: bool = option(False, "Wait for the server to speak, also where nothing is sent.")
    until: str = option("", "Read on until this text comes, and take all of it as the reply.")
    max_reply: int = option(64_000, "How much is read in search of until, at most 1 MB.", form="size")
    secure: bool = option(False, "Speak TLS.")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.max_reply <= 1_000_000:
            raise OptionError("max_reply", f"max_reply: {self.max_reply} B is not from 1 B to 1 MB.")

    async def ask(self, net: Net) -> Facts:
        """Connect, say what is to be said, and read the reply where one is awaited."""
        host, port = self.place
        tls = self.tls() if self.secure else None
        reader, writer = await net.connect(host, port, family=self.family, tls=tls)
        begun_ns = monotonic_ns()
        if message := self.send.reveal() if self.send else "":
            writer.write(message.encode())
            await writer.drain()
        if not (message or self.listen or self.until):
            return Facts()
        net.phase = "reply" if message else "greeting"
        data = await self._reply(reader)
        wait_us = (monotonic_ns() - begun_ns) // 1000
        return Facts(values={"reply": data.decode(errors="replace")}, phases=Phases(wait_us=wait_us))

    async def _reply(self, reader: Reader) -> bytes:
        data, end = b"", self.until.encode()
        while True:
            piece = await reader.read(_PIECE)
            if not piece:
                raise ProbeError(FailureClass.RESET, "reset.short" if data else "reset.empty", got=len(data))
            data += piece
            if end in data:  # an empty end is in everything: the first piece is the reply
                return data
            if len(data) > self.max_reply:
                raise ProbeError(FailureClass.TOO_LARGE, "too_large.message", cap=self.max_reply)

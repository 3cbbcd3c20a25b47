"""TCP: a connection, and what is said on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from time import monotonic_ns
from typing import ClassVar

from trueup.domain.option import OptionError, option
from trueup.domain.result import Certificate, Facts, FailureClass, Phases
from trueup.domain.spec import Secret
from trueup.net.connect import Net, Reader
from trueup.net.tls import Tls
from trueup.probes.address import AddressError, read_endpoint, shown
from trueup.probes.base import Probe, ProbeError, register
from trueup.probes.web import FAMILIES

_PIECE = 4_096


@register
@dataclass(frozen=True, kw_only=True)
class TcpProbe(Probe):
    """Connects to ``HOST:PORT``; where something is sent or awaited, reads the reply."""

    kind: ClassVar[str] = "tcp"
    target_form: ClassVar[str] = "HOST:PORT"
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
    ip: str = option("any", "Which addresses are asked; any tries IPv4 first.", choices=tuple(FAMILIES))
    secure: bool = option(False, "Speak TLS.")
    server_name: str = option("", "The name for TLS, where it is not the host.")
    ca: str = option("", "A file of certificate authorities to trust instead of the system's.", form="file")
    client_certificate: str = option("", "A PEM file with the certificate to show, and its key.", form="file")
    client_key: str = option("", "A PEM file with the key, where it stands apart.", form="file")
    insecure: bool = option(False, "Accept any certificate: the answer counts, whoever gives it.")

    def __post_init__(self) -> None:
        self._place  # noqa: B018 - reads the target, and refuses it
        if not 1 <= self.max_reply <= 1_000_000:
            raise OptionError("max_reply", f"max_reply: {self.max_reply} B is not from 1 B to 1 MB.")

    @cached_property
    def _place(self) -> tuple[str, int]:
        try:
            return read_endpoint(self.target.removeprefix("tcp://"))
        except AddressError as error:
            raise OptionError("target", f"{shown(self.target)!r} cannot be asked: {error}") from error

    @property
    def asks(self) -> str:
        """Return what is connected to."""
        return f"tcp {self.target.removeprefix('tcp://')}"

    async def ask(self, net: Net) -> Facts:
        """Connect, say what is to be said, and read the reply where one is awaited."""
        host, port = self._place
        reader, writer = await net.connect(host, port, family=FAMILIES[self.ip], tls=self._tls())
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

    def _tls(self) -> Tls | None:
        if not self.secure:
            return None
        return Tls(self.server_name, self.ca, self.insecure, self.client_certificate, self.client_key)

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

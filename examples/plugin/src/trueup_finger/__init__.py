"""Finger: ask who somebody is, and read the answer until the server closes (RFC 1288)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic_ns
from typing import ClassVar

from trueup.domain.option import OptionError, option
from trueup.domain.result import Facts, FailureClass, Phases
from trueup.net.connect import Net
from trueup.probes.address import AddressError, read_endpoint
from trueup.probes.base import Probe, ProbeError, register


@register
@dataclass(frozen=True, kw_only=True)
class FingerProbe(Probe):
    """Asks ``HOST:PORT`` for a user, or for everybody, and reads the whole answer."""

    kind: ClassVar[str] = "finger"
    target_form: ClassVar[str] = "HOST:PORT"
    provides: ClassVar[Mapping[str, type]] = {"reply": str, "latency": timedelta}

    user: str = option("", "Whom to ask for; everybody who is there, unless one is named.")
    max_reply: int = option(64_000, "How much is read, at most 1 MB.", form="size")

    def __post_init__(self) -> None:
        """Refuse what cannot be asked, with the name of the option and a remedy."""
        if not self.user.isprintable():
            raise OptionError("user", "user: it holds a sign that cannot be printed; write a name.")
        if not 1 <= self.max_reply <= 1_000_000:
            raise OptionError("max_reply", f"max_reply: {self.max_reply} B is not from 1 B to 1 MB.")
        try:
            read_endpoint(self.target, 79)
        except AddressError as error:
            raise OptionError("target", f"{self.target!r} cannot be asked: {error}") from error

    async def ask(self, net: Net) -> Facts:
        """Connect, send the name, and read until the server closes."""
        reader, writer = await net.connect(*read_endpoint(self.target, 79))
        begun_ns = monotonic_ns()
        writer.write(f"{self.user}\r\n".encode())
        await writer.drain()
        net.phase = "reply"
        data = b""
        while piece := await reader.read(4_096):
            data += piece
            if len(data) > self.max_reply:
                raise ProbeError(FailureClass.TOO_LARGE, "too_large.message", cap=self.max_reply)
        if not data:
            raise ProbeError(FailureClass.RESET, "reset.empty")
        wait_us = (monotonic_ns() - begun_ns) // 1000
        return Facts(values={"reply": data.decode(errors="replace")}, phases=Phases(wait_us=wait_us))

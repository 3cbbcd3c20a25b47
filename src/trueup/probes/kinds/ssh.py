"""SSH: what a server calls itself, and the host key that it proves to have (RFC 4253); nobody logs in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic_ns
from typing import ClassVar

from trueup import __version__
from trueup.domain.option import OptionError, option
from trueup.domain.result import Facts, FailureClass, Phases
from trueup.net.connect import Net, Reader, Writer
from trueup.probes.base import ProbeError, register
from trueup.probes.packet import KEYS, ExchangeError, HostKey, NothingInCommonError, Reading, text
from trueup.probes.stream import PlaceProbe, read_line, words

_OURS = f"SSH-2.0-trueup_{__version__.replace('-', '_')}".encode()
_LONGEST_LINE = 8_192
_MOST_LINES = 50  # what a server may say before it says who it is
_LONGEST_PACKET = 35_000  # what RFC 4253 6.1 lets everyone send
_MOST_PACKETS = 50
_DISCONNECT, _PROPOSAL = 1, 20
_TALK = (2, 4)  # to be ignored, and messages for people who look for faults
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}=?")
_GOODBYE = b"\x01" + (11).to_bytes(4, "big") + text(b"") + text(b"")


@register
@dataclass(frozen=True, kw_only=True)
class SshProbe(PlaceProbe):
    """Exchanges keys with an SSH server, so that it proves its host key, and leaves before any login."""

    kind: ClassVar[str] = "ssh"
    target_form: ClassVar[str] = "HOST:PORT"
    default_port: ClassVar[int | None] = 22
    schemes: ClassVar[tuple[str, ...]] = ("ssh",)
    provides: ClassVar[Mapping[str, type]] = {
        "banner": str,
        "software": str,
        "host_key": str,
        "key_type": str,
        "latency": timedelta,
    }

    key_type: str = option("any", "The type of host key to ask for.", choices=("any", *KEYS))
    host_key: tuple[str, ...] = option(
        (), "Fingerprints, as ssh-keygen -l shows them (SHA256:...); the host must prove one of these keys."
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for each in self.host_key:
            if not _FINGERPRINT.fullmatch(each):
                raise OptionError(
                    "host_key",
                    f"host_key: {each!r} is no fingerprint. ssh-keygen -l -f FILE shows it: SHA256 and "
                    "43 letters after a colon.",
                )
        from trueup.probes import exchange  # noqa: F401 - large; read before the first question, not within it

    async def ask(self, net: Net) -> Facts:
        """Read who the server is, then exchange keys until it has proved its own."""
        host, port = self.place
        reader, writer = await net.connect(host, port, family=self.family)
        begun_ns, net.phase = monotonic_ns(), "greeting"
        writer.write(_OURS + b"\r\n")
        banner = await _banner(reader)
        wait_us = (monotonic_ns() - begun_ns) // 1000
        shown = banner.decode("utf-8", "replace")
        values = {"banner": shown, "software": shown.split("-", 2)[2].partition(" ")[0]}
        net.phase, net.step = "reply", "the key exchange"
        if key := await self._key(_Talk(reader, writer), banner):
            values |= {"host_key": key.sha256, "key_type": key.type}
        net.part(reader, writer, _packet(_GOODBYE))
        return Facts(values=values, phases=Phases(wait_us=wait_us))

    async def _key(self, talk: _Talk, banner: bytes) -> HostKey | None:
        """Return the key that the host has proved, None where it knows only what is too old to ask for."""
        try:
            key, proven = await self._exchange(talk, banner)
        except NothingInCommonError as error:
            if self.host_key or self.key_type != "any":
                raise _strange(str(error)) from error
            return None
        except ExchangeError as error:
            raise _strange(str(error)) from error
        if not proven:
            raise ProbeError(FailureClass.PROTOCOL, "host_key.unproven", got=key.sha256)
        if self.host_key and key.sha256 not in [each.rstrip("=") for each in self.host_key]:
            wanted = " or ".join(self.host_key)
            raise ProbeError(FailureClass.EXPECTATION, "host_key.other", got=key.sha256, wanted=wanted)
        return key

    async def _exchange(self, talk: _Talk, banner: bytes) -> tuple[HostKey, bool]:
        from trueup.probes.exchange import Exchange, proposal  # large: who asks no SSH is spared it

        keys = KEYS.get(self.key_type) or [name for names in KEYS.values() for name in names]
        ours = proposal(keys)
        await talk.say(ours)
        theirs = await talk.hear()
        if theirs[0] != _PROPOSAL:
            raise ExchangeError(f"a message {theirs[0]} came before the key exchange")
        exchange = Exchange(_OURS, banner, ours, theirs)
        await talk.say(exchange.begin())
        return exchange.end(await talk.hear())


class _Talk:
    """Packets to and from a server, before anything is encrypted."""

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader, self._writer = reader, writer

    async def say(self, payload: bytes) -> None:
        """Send a packet."""
        self._writer.write(_packet(payload))
        await self._writer.drain()

    async def hear(self) -> bytes:
        """Return what the next packet holds that is meant for us."""
        for _ in range(_MOST_PACKETS):
            head = await self._reader.readexactly(5)
            size, padding = int.from_bytes(head[:4], "big"), head[4]
            if not padding + 1 < size <= _LONGEST_PACKET:
                raise _strange(f"a packet of {size} B")
            payload = (await self._reader.readexactly(size - 1))[: size - 1 - padding]
            if payload[0] == _DISCONNECT:
                raise _disconnected(payload)
            if payload[0] not in _TALK:
                return payload
        raise _strange(f"{_MOST_PACKETS} messages that say nothing")


async def _banner(reader: Reader) -> bytes:
    for _ in range(_MOST_LINES):
        line = await read_line(reader, _LONGEST_LINE)
        if line.startswith(b"SSH-"):
            if not line.startswith((b"SSH-2.0-", b"SSH-1.99-")):
                raise _strange(f"{words(line, 80)} is no version that trueup speaks")
            return line
    raise _strange(f"{_MOST_LINES} lines came, and none says SSH-2.0")


def _packet(payload: bytes) -> bytes:
    padding = 8 - (len(payload) + 5) % 8
    padding += 8 if padding < 4 else 0
    size = len(payload) + 1 + padding
    return size.to_bytes(4, "big") + bytes((padding,)) + payload + b"\0" * padding


def _disconnected(payload: bytes) -> ProbeError:
    reading = Reading(payload)
    reading.take(5)
    return ProbeError(
        FailureClass.EXPECTATION,
        "answer.refused",
        step="the key exchange",
        reply=words(reading.text()) or "no",
    )


def _strange(reason: str) -> ProbeError:
    return ProbeError(FailureClass.PROTOCOL, "protocol.other", reason=reason)

"""SMTP: the greeting, EHLO, TLS, a login where one is wished, and QUIT (RFC 5321, 3207, 4954)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic_ns
from typing import ClassVar, NamedTuple

from trueup.domain.option import OptionError, option
from trueup.domain.result import Certificate, Facts, FailureClass, Phases
from trueup.domain.spec import Secret
from trueup.net.connect import Net, Reader, Writer
from trueup.probes.base import ProbeError, register
from trueup.probes.stream import ENCRYPT, StreamProbe, read_line, words

_LONGEST_LINE = 4_096  # RFC 5321 allows 512; some say more
_MOST_LINES = 100


class Reply(NamedTuple):
    """One reply: its code and what it says, a line a text."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return it as a sentence shows it."""
        return f"{self.code} {words(' '.join(self.lines).encode())}".strip()


@register
@dataclass(frozen=True, kw_only=True)
class SmtpProbe(StreamProbe):
    """Greets a mail server, goes on under TLS, logs in where told to, and leaves; it sends no mail."""

    kind: ClassVar[str] = "smtp"
    target_form: ClassVar[str] = "HOST:PORT"
    default_port: ClassVar[int | None] = 25
    schemes: ClassVar[tuple[str, ...]] = ("smtp",)
    provides: ClassVar[Mapping[str, type]] = {
        "code": int,
        "banner": str,
        "extensions": str,
        "latency": timedelta,
        "certificate": Certificate,
    }

    encrypt: str = option(
        "offered",
        "Whether STARTTLS is used: where offered, with any certificate; or required, and verified. "
        "implicit is TLS from the first byte.",
        choices=(*ENCRYPT, "implicit"),
    )
    username: str = option("", "The user to log in as.")
    password: Secret | None = option(None, "The password to log in with.")
    hello: str = option("", "The name to greet with; without one, our own address.")

    def __post_init__(self) -> None:
        super().__post_init__()
        if bool(self.password) != bool(self.username):
            raise OptionError("password", "password: a login needs a username and a password, or neither.")
        if self.password and self.encrypt == "offered":
            raise OptionError(
                "encrypt", "encrypt: a password goes to whom we have verified: write required or implicit."
            )
        if "\0" in self.username or (self.password and "\0" in self.password.reveal()):
            raise OptionError("password", "password: a login holds no zero byte.")
        if not self.hello.isascii() or any(sign <= " " for sign in self.hello):
            raise OptionError("hello", f"hello: {self.hello!r} is no name: it holds a space or odd signs.")

    async def ask(self, net: Net) -> Facts:
        """Go through the steps of a conversation; the first reply that is no yes ends it."""
        host, port = self.place
        tls = self.tls(verify=self.encrypt != "offered")
        reader, writer = await net.connect(
            host, port, family=self.family, tls=tls if self.encrypt == "implicit" else None
        )
        begun_ns, net.phase = monotonic_ns(), "greeting"
        greeting = await _reply(reader)
        wait_us = (monotonic_ns() - begun_ns) // 1000
        _accept("the greeting", greeting, 220)
        talk = _Talk(net, reader, writer)
        last = await self._greet(talk)
        if self.encrypt in ("offered", "required"):
            if "STARTTLS" in _extensions(last):
                await talk.say("STARTTLS", "STARTTLS", 220)
                await net.upgrade(reader, writer, tls, host)
                last = await self._greet(talk)
            elif self.encrypt == "required":
                raise ProbeError(FailureClass.TLS, "tls.not_offered")
        extensions = _extensions(last)
        if self.password:
            last = await self._log_in(talk, extensions, self.password.reveal())
        net.part(reader, writer, b"QUIT\r\n")
        values = {"code": last.code, "status": last.code, "banner": greeting.lines[0],
                  "extensions": " ".join(extensions)}  # fmt: skip
        return Facts(values=values, phases=Phases(wait_us=wait_us))

    async def _greet(self, talk: _Talk) -> Reply:
        name = self.hello or talk.address
        reply = await talk.say("EHLO", f"EHLO {name}")
        # RFC 5321 4.1.1.1: a server of before 1995 knows HELO alone, and has no extensions
        return reply if reply.code == 250 else await talk.say("HELO", f"HELO {name}", 250)

    async def _log_in(self, talk: _Talk, extensions: Mapping[str, str], password: str) -> Reply:
        offered = extensions.get("AUTH", "").upper().split()
        if "PLAIN" in offered:
            reply = await talk.say(
                "AUTH", f"AUTH PLAIN {_coded(f'{chr(0)}{self.username}{chr(0)}{password}')}"
            )
        elif "LOGIN" in offered:
            await talk.say("AUTH", "AUTH LOGIN", 334)
            await talk.say("AUTH", _coded(self.username), 334)
            reply = await talk.say("AUTH", _coded(password))
        else:
            raise ProbeError(FailureClass.PROTOCOL, "login.method", offered=" ".join(offered))
        if reply.code != 235:
            raise ProbeError(
                FailureClass.EXPECTATION, "login.refused", username=self.username, reason=reply.text
            )
        return reply


class _Talk:
    """A conversation: what is said, and what is answered."""

    def __init__(self, net: Net, reader: Reader, writer: Writer) -> None:
        self._net, self._reader, self._writer = net, reader, writer
        address = str(writer.get_extra_info("sockname")[0])
        self.address = f"[IPv6:{address}]" if ":" in address else f"[{address}]"

    async def say(self, step: str, line: str, wanted: int = 0) -> Reply:
        """Say a line and return the reply.

        Raises:
            ProbeError: The reply has another code than was wanted.
        """
        self._net.phase, self._net.step = "reply", step
        self._writer.write(f"{line}\r\n".encode())
        await self._writer.drain()
        reply = await _reply(self._reader)
        if wanted:
            _accept(step, reply, wanted)
        return reply


async def _reply(reader: Reader) -> Reply:
    lines: list[str] = []
    while len(lines) < _MOST_LINES:
        line = await read_line(reader, _LONGEST_LINE)
        if not line[:3].isdigit() or line[3:4] not in (b" ", b"-", b""):
            raise ProbeError(FailureClass.PROTOCOL, "protocol.other", reason=words(line))
        lines.append(line[4:].decode(errors="replace"))
        if line[3:4] != b"-":
            return Reply(int(line[:3]), tuple(lines))
    raise ProbeError(FailureClass.TOO_LARGE, "too_large.message", cap=_MOST_LINES * _LONGEST_LINE)


def _accept(step: str, reply: Reply, wanted: int) -> None:
    if reply.code != wanted:
        raise ProbeError(FailureClass.EXPECTATION, "answer.refused", step=step, reply=reply.text)


def _extensions(hello: Reply) -> dict[str, str]:
    """Return the extensions of a reply to EHLO, with their parameters."""
    pairs = (line.partition(" ") for line in hello.lines[1:])
    return {name.upper(): parameters for name, _, parameters in pairs if name}


def _coded(text: str) -> str:
    return b64encode(text.encode()).decode()

"""Redis: PING, or a command and its reply (RESP, version 2)."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from time import monotonic_ns
from typing import Any, ClassVar

from trueup.domain.option import OptionError, option
from trueup.domain.result import Certificate, Facts, FailureClass, Phases
from trueup.domain.spec import Secret
from trueup.net.connect import Net, Reader, Writer
from trueup.probes.base import ProbeError, register
from trueup.probes.stream import StreamProbe, read_line, words

_MOST = 1_000_000  # bytes of one reply
_LONGEST_LINE = 16_384
_DEEPEST = 16
_MEMBER = 16  # what a member counts for beside its bytes


@register
@dataclass(frozen=True, kw_only=True)
class RedisProbe(StreamProbe):
    """Sends PING, and a command where one is given, to a server that speaks RESP: Redis, Valkey, KeyDB."""

    kind: ClassVar[str] = "redis"
    target_form: ClassVar[str] = "HOST:PORT"
    default_port: ClassVar[int | None] = 6379
    schemes: ClassVar[tuple[str, ...]] = ("redis",)
    provides: ClassVar[Mapping[str, type]] = {
        "reply": object,
        "body": str,
        "$": object,
        "latency": timedelta,
        "certificate": Certificate,
    }

    username: str = option("", "The user to log in as; without one, the default user.")
    password: Secret | None = option(None, "The password to log in with.")
    database: int = option(0, "The number of the database.")
    command: str = option("", "A command to ask after the PING, such as LLEN queue; quote as in a shell.")
    secure: bool = option(False, "Speak TLS.")

    def __post_init__(self) -> None:
        super().__post_init__()
        self._command  # noqa: B018 - reads the command, and refuses it
        if self.username and not self.password:
            raise OptionError("username", "username: there is no password it would log in with.")
        if not 0 <= self.database <= 1_000_000:
            raise OptionError("database", f"database: {self.database} is not from 0 to 1000000.")

    @cached_property
    def _command(self) -> tuple[str, ...]:
        try:
            return tuple(shlex.split(self.command))
        except ValueError as error:
            raise OptionError("command", f"command: {self.command!r} cannot be read: {error}.") from error

    async def ask(self, net: Net) -> Facts:
        """Log in, select the database, and ask."""
        host, port = self.place
        reader, writer = await net.connect(
            host, port, family=self.family, tls=self.tls() if self.secure else None
        )
        talk = _Talk(net, reader, writer)
        if self.password:
            login = ["AUTH", *([self.username] if self.username else []), self.password.reveal()]
            reply = await talk.ask(login)
            if isinstance(reply, _Error):
                raise ProbeError(
                    FailureClass.EXPECTATION,
                    "login.refused",
                    username=self.username or "default",
                    reason=reply.words,
                )
        if self.database:
            _accept("SELECT", await talk.ask(["SELECT", str(self.database)]))
        begun_ns = monotonic_ns()
        reply = _accept("PING", await talk.ask(["PING"]))
        wait_us = (monotonic_ns() - begun_ns) // 1000
        if self._command:
            reply = _accept(self._command[0].upper(), await talk.ask(self._command))
        return Facts(values={"reply": reply}, phases=Phases(wait_us=wait_us), body=_body(reply))


class _Error:
    """An error that the server answered."""

    def __init__(self, said: str) -> None:
        self.words = said


class _Talk:
    """Commands and their replies, each reply bounded in size and depth."""

    def __init__(self, net: Net, reader: Reader, writer: Writer) -> None:
        self._net, self._reader, self._writer = net, reader, writer
        self._left = 0

    # what a reply is: a text, a number, nothing, an error, or a list of these
    async def ask(self, command: list[str] | tuple[str, ...]) -> Any:
        """Send a command and return its reply."""
        parts = [each.encode() for each in command]
        self._writer.write(
            b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(each), each) for each in parts)
        )
        await self._writer.drain()
        self._net.phase, self._net.step, self._left = "reply", command[0].upper(), _MOST
        return await self._reply(0)

    async def _reply(self, depth: int) -> Any:
        line = await read_line(self._reader, _LONGEST_LINE)
        self._spend(len(line) + _MEMBER)
        sign, rest = line[:1], line[1:]
        if sign == b"+":
            return rest.decode(errors="replace")
        if sign == b"-":
            return words(rest) if depth else _Error(words(rest))
        if sign == b":":
            return _number(line)
        if sign == b"$":
            return await self._bulk(_number(line))
        if sign == b"*" and depth < _DEEPEST:
            count = _number(line)
            self._spend(max(0, count) * _MEMBER)
            return None if count < 0 else [await self._reply(depth + 1) for _ in range(count)]
        raise _strange(line)

    async def _bulk(self, size: int) -> str | None:
        if size < 0:
            return None
        self._spend(size)
        data = await self._reader.readexactly(size + 2)
        if data[-2:] != b"\r\n":
            raise _strange(data[-20:])
        return data[:-2].decode(errors="replace")

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise ProbeError(FailureClass.TOO_LARGE, "too_large.message", cap=_MOST)


def _number(line: bytes) -> int:
    text = line[1:]
    if len(text) > 20 or not text.removeprefix(b"-").isdigit():
        raise _strange(line)
    return int(text)


def _strange(line: bytes) -> ProbeError:
    return ProbeError(FailureClass.PROTOCOL, "protocol.other", reason=words(line, 80))


def _accept(step: str, reply: Any) -> Any:
    if isinstance(reply, _Error):
        raise ProbeError(FailureClass.EXPECTATION, "answer.refused", step=step, reply=reply.words)
    return reply


def _body(reply: Any) -> bytes:
    """Return a reply as evidence keeps it, and as paths read it: a text as it is, else JSON."""
    if isinstance(reply, str):
        return reply.encode()
    return json.dumps(reply, ensure_ascii=False).encode()

"""PostgreSQL: a login and a query that reads (the frontend/backend protocol, version 3.0)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic_ns
from typing import Any, ClassVar

from trueup.domain.result import Facts, FailureClass
from trueup.net.connect import Net, Reader, Writer
from trueup.probes.base import ProbeError, register
from trueup.probes.scram import Scram, ScramError
from trueup.probes.sql import MOST, Rows, SqlProbe, number
from trueup.probes.stream import words

_VERSION, _WANTS_TLS = 196_608, 80_877_103
_OK, _CLEAR, _MD5, _SASL, _SASL_MORE, _SASL_END = 0, 3, 5, 10, 11, 12
_BOOL, _NUMBERS = 16, (20, 21, 23, 26, 700, 701, 1700)  # the numbers of types, as in pg_type
_LOGIN = ("28000", "28P01")
_TOLD = b"NSA"  # notices, settings and notifications may come at any time


@register
@dataclass(frozen=True, kw_only=True)
class PostgresProbe(SqlProbe):
    """Logs in to a PostgreSQL server and puts a query where one is given."""

    kind: ClassVar[str] = "postgres"
    target_form: ClassVar[str] = "HOST:PORT"
    default_port: ClassVar[int | None] = 5432
    schemes: ClassVar[tuple[str, ...]] = ("postgres", "postgresql")

    async def ask(self, net: Net) -> Facts:
        """Go on under TLS, log in, and query inside a transaction that may only read."""
        host, port = self.place
        reader, writer = await net.connect(host, port, family=self.family)
        talk = _Talk(net, reader, writer)
        begun_ns = monotonic_ns()
        if self.encrypt != "no" or not self.username:
            await self._secure(net, talk)
        version, rows = "", None
        if self.username:
            talk.step("the login")
            version = await self._log_in(talk, secured=net.secured is not None)
        wait_us = (monotonic_ns() - begun_ns) // 1000 - (net.tls_us or 0)
        if self.query:
            talk.step("the query")
            await talk.put("BEGIN TRANSACTION READ ONLY")
            await talk.put(f"SET LOCAL statement_timeout = {max(1, int(net.left_s * 1000))}")
            rows = await talk.put(self.query)
        if self.username:
            net.part(reader, writer, _message(b"X"))
        return self.found(version, rows, wait_us)

    async def _secure(self, net: Net, talk: _Talk) -> None:
        """Ask for TLS, which a server answers before it knows who asks, and go on under it."""
        talk.step("the wish for TLS")
        answer = await talk.wish_for_tls()
        if answer not in (b"S", b"N"):
            raise _strange(answer)
        if answer == b"S" and self.encrypt != "no":
            tls = self.tls(verify=self.encrypt == "required")
            await net.upgrade(talk.reader, talk.writer, tls, self.place[0])
        elif self.encrypt == "required":
            raise ProbeError(FailureClass.TLS, "tls.not_offered")

    async def _log_in(self, talk: _Talk, *, secured: bool) -> str:
        """Log in and return the server's version."""
        options = {"user": self.username, "database": self.database or self.username,
                   "client_encoding": "UTF8", "application_name": "trueup"}  # fmt: skip
        start = b"".join(_text(name) + _text(value) for name, value in options.items()) + b"\0"
        talk.writer.write(_message(b"", _VERSION.to_bytes(4, "big") + start))
        version, scram = "", None
        while True:
            kind, payload = await talk.hear()
            if kind == b"S":
                name, _, value = payload.rstrip(b"\0").partition(b"\0")
                version = words(value) if name == b"server_version" else version
            elif kind == b"Z":
                return version
            elif kind == b"E":
                raise self._refused(payload)
            elif kind == b"R":
                scram = await self._prove(talk, payload, scram, secured)
            elif kind not in (b"K", b"N"):
                raise _strange(kind)

    async def _prove(self, talk: _Talk, payload: bytes, scram: Scram | None, secured: bool) -> Scram | None:
        """Answer one request for a proof of who we are."""
        kind, rest = int.from_bytes(payload[:4], "big"), payload[4:]
        secret = self.password.reveal() if self.password else ""
        try:
            if kind == _SASL:
                if b"SCRAM-SHA-256" not in rest.split(b"\0"):
                    raise ProbeError(FailureClass.PROTOCOL, "login.method", offered=words(rest))
                scram = Scram(secret)
                first = scram.first()
                await talk.say(b"p", _text("SCRAM-SHA-256") + len(first).to_bytes(4, "big") + first)
            elif kind == _SASL_MORE and scram is not None:
                await talk.say(b"p", scram.proof(rest))
            elif kind == _SASL_END and scram is not None:
                scram.verify(rest)
            elif kind == _MD5:
                inner = _md5(secret.encode() + self.username.encode())
                await talk.say(b"p", _text("md5" + _md5(inner.encode() + rest[:4])))
            elif kind == _CLEAR:
                await talk.say(b"p", _text(self.clear(secured=secured)))
            elif kind != _OK:
                raise ProbeError(FailureClass.PROTOCOL, "login.method", offered=f"method {kind}")
            elif scram is not None and not scram.verified:
                raise ScramError
        except ScramError:
            raise ProbeError(FailureClass.PROTOCOL, "login.unproven", username=self.username) from None
        return scram

    def _refused(self, payload: bytes) -> ProbeError:
        fields = _fields(payload)
        if fields.get("C") in _LOGIN:
            reason = _reason(fields)
            return ProbeError(
                FailureClass.EXPECTATION, "login.refused", username=self.username, reason=reason
            )
        return _error("the login", payload)


class _Talk:
    """Messages to and from a server, bounded in their sum."""

    def __init__(self, net: Net, reader: Reader, writer: Writer) -> None:
        self._net, self.reader, self.writer = net, reader, writer
        self._left = MOST

    def step(self, step: str) -> None:
        """Say what is being done, for the sentence when the time ends."""
        self._net.phase, self._net.step = "reply", step

    async def wish_for_tls(self) -> bytes:
        """Return what the server answers to the wish for TLS, one byte."""
        self.writer.write(_message(b"", _WANTS_TLS.to_bytes(4, "big")))
        return await self.reader.readexactly(1)

    async def say(self, kind: bytes, payload: bytes = b"") -> None:
        """Send a message."""
        self.writer.write(_message(kind, payload))
        await self.writer.drain()

    async def hear(self) -> tuple[bytes, bytes]:
        """Return the next message."""
        head = await self.reader.readexactly(5)
        size = int.from_bytes(head[1:], "big") - 4
        if not head[:1].isalnum() or size < 0:
            raise _strange(head)
        self._left -= size + 5
        if self._left < 0:
            raise ProbeError(FailureClass.TOO_LARGE, "too_large.message", cap=MOST)
        return head[:1], await self.reader.readexactly(size)

    async def put(self, statement: str) -> Rows:
        """Put one statement, in the form that takes no more than one, and return its rows."""
        for kind, payload in (
            (b"P", _text("") + _text(statement) + b"\0\0"),
            (b"B", b"\0" * 8),
            (b"D", b"P\0"),
            (b"E", b"\0" * 5),
            (b"S", b""),
        ):
            self.writer.write(_message(kind, payload))
        await self.writer.drain()
        rows, kind_of_value = Rows(), 0
        while True:
            kind, payload = await self.hear()
            if kind == b"Z":
                return rows
            if kind == b"E":
                raise _error("the query", payload)
            if kind == b"T":
                kind_of_value = _kind_of_first(payload)
            elif kind == b"D":
                if not rows.count:
                    rows.value = _first(payload, kind_of_value)
                rows.count += 1
            elif kind in b"GWH":
                raise _strange(kind)  # COPY, which asks for another way of talking


def _message(kind: bytes, payload: bytes = b"") -> bytes:
    return kind + (len(payload) + 4).to_bytes(4, "big") + payload


def _text(text: str) -> bytes:
    return text.encode() + b"\0"


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _kind_of_first(payload: bytes) -> int:
    """Return the type of the first column of a description of rows, 0 without a column."""
    _, zero, rest = payload[2:].partition(b"\0")
    return int.from_bytes(rest[6:10], "big") if zero else 0


def _first(payload: bytes, kind: int) -> Any:
    size = int.from_bytes(payload[2:6], "big", signed=True)
    if size < 0 or len(payload) < 6:
        return None
    text = payload[6 : 6 + size].decode(errors="replace")
    if kind == _BOOL:
        return text == "t"
    return number(text) if kind in _NUMBERS else text


def _fields(payload: bytes) -> dict[str, str]:
    parts: Iterator[bytes] = (part for part in payload.split(b"\0") if part)
    return {chr(part[0]): words(part[1:]) for part in parts}


def _reason(fields: dict[str, str]) -> str:
    return " ".join(text for text in (fields.get("C"), fields.get("M")) if text)


def _error(step: str, payload: bytes) -> ProbeError:
    reply = _reason(_fields(payload)) or "an error"
    return ProbeError(FailureClass.EXPECTATION, "answer.refused", step=step, reply=reply)


def _strange(got: bytes) -> ProbeError:
    return ProbeError(FailureClass.PROTOCOL, "protocol.other", reason=f"{got!r} is no message of PostgreSQL")

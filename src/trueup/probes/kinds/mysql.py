"""MySQL and MariaDB: a login and a query that reads (the client/server protocol, version 10)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from time import monotonic_ns
from typing import Any, ClassVar

from trueup.domain.result import Facts, FailureClass
from trueup.net.connect import Net, Reader, Writer
from trueup.probes.base import ProbeError, register
from trueup.probes.sql import MOST, Rows, SqlProbe, number
from trueup.probes.stream import words

_SSL, _WITH_DATABASE = 1 << 11, 1 << 3
# long password, protocol 4.1, transactions, secure connection, named ways to log in
_CAPABILITIES = 1 | 1 << 9 | 1 << 13 | 1 << 15 | 1 << 19
_UTF8MB4 = 45
_OK, _MORE, _SWITCH, _END, _ERROR, _FILE = 0, 1, 0xFE, 0xFE, 0xFF, 0xFB
_WHOLE_LOGIN, _FAST_LOGIN, _WANTED_KEY = b"\x04", b"\x03", b"\x02"
_NUMBERS = (0, 1, 2, 3, 4, 5, 8, 9, 13, 246)  # types of columns
_LOGIN = (1044, 1045, 1698, 1862)
_QUIT, _QUERY = b"\x01", b"\x03"


@register
@dataclass(frozen=True, kw_only=True)
class MysqlProbe(SqlProbe):
    """Logs in to a MySQL or MariaDB server and puts a query where one is given."""

    kind: ClassVar[str] = "mysql"
    target_form: ClassVar[str] = "HOST:PORT"
    default_port: ClassVar[int | None] = 3306
    schemes: ClassVar[tuple[str, ...]] = ("mysql", "mariadb")

    def __post_init__(self) -> None:
        super().__post_init__()
        # large; read before the first question, not within it
        from cryptography.hazmat.primitives import serialization  # noqa: F401

    async def ask(self, net: Net) -> Facts:
        """Read the greeting, go on under TLS, log in, and query in a transaction that may only read."""
        host, port = self.place
        reader, writer = await net.connect(host, port, family=self.family)
        talk = _Talk(net, reader, writer)
        begun_ns, net.phase = monotonic_ns(), "greeting"
        greeting = _greeting(await talk.hear())
        wait_us = (monotonic_ns() - begun_ns) // 1000
        if self.encrypt != "no":
            await self._secure(net, talk, greeting)
        talk.step("the login")
        await self._log_in(talk, greeting, secured=net.secured is not None)
        rows = await self._query(talk, greeting, net.left_s) if self.query else None
        net.part(reader, writer, talk.framed(_QUIT, first=True))
        return self.found(greeting.version, rows, wait_us)

    @property
    def _wanted(self) -> int:
        return _CAPABILITIES | (_WITH_DATABASE if self.database else 0)

    async def _secure(self, net: Net, talk: _Talk, greeting: _Greeting) -> None:
        if greeting.capabilities & _SSL:
            await talk.say(_head(self._wanted | _SSL))
            tls = self.tls(verify=self.encrypt == "required")
            await net.upgrade(talk.reader, talk.writer, tls, self.place[0])
        elif self.encrypt == "required":
            raise ProbeError(FailureClass.TLS, "tls.not_offered")

    async def _log_in(self, talk: _Talk, greeting: _Greeting, *, secured: bool) -> None:
        way, salt = greeting.way, greeting.salt
        proof = _proof(way, self._password, salt) or b""
        database = self.database.encode() + b"\0" if self.database else b""
        await talk.say(
            _head(self._wanted | (_SSL if secured else 0))
            + self.username.encode() + b"\0" + bytes((len(proof),)) + proof + database + way + b"\0"
        )  # fmt: skip
        while (packet := await talk.hear())[0] != _OK:
            if packet[0] == _ERROR:
                if not self.username and _code(packet) in _LOGIN:
                    return  # who asks was not named, and that it was refused is an answer
                raise self._refused(packet)
            if packet[0] == _SWITCH and len(packet) > 1:
                way, _, salt = packet[1:].partition(b"\0")
                salt = salt[:20]
                await talk.say(self._other_proof(way, salt, secured))
            elif packet[0] == _MORE and way == b"caching_sha2_password":
                await self._go_on(talk, packet[1:], salt, secured)
            else:
                raise _strange(packet)

    @property
    def _password(self) -> bytes:
        return self.password.reveal().encode() if self.password else b""

    def _other_proof(self, way: bytes, salt: bytes, secured: bool) -> bytes:
        """Return the proof in the way that the server wants instead."""
        if way == b"mysql_clear_password":
            return self.clear(secured=secured).encode() + b"\0"
        proof = _proof(way, self._password, salt)
        if proof is None and not self.username:
            return b""  # it will be refused, which is an answer
        if proof is None:
            raise ProbeError(FailureClass.PROTOCOL, "login.method", offered=words(way))
        return proof

    async def _go_on(self, talk: _Talk, said: bytes, salt: bytes, secured: bool) -> None:
        """Send the whole password where the server remembers no proof of it."""
        if said == _FAST_LOGIN:
            return
        if said != _WHOLE_LOGIN:
            raise _strange(said)
        password = self.clear(secured=secured).encode() + b"\0"
        if secured:
            await talk.say(password)
            return
        await talk.say(_WANTED_KEY)
        key = await talk.hear()
        await talk.say(_encrypted(password, salt, key[1:]))

    async def _query(self, talk: _Talk, greeting: _Greeting, left_s: float) -> Rows:
        talk.step("the query")
        await talk.put("START TRANSACTION READ ONLY")
        limit = f"max_statement_time = {max(0.01, left_s):.2f}"
        if "MariaDB" not in greeting.version:
            limit = f"max_execution_time = {max(1, int(left_s * 1000))}"
        await talk.put(f"SET SESSION {limit}")
        return await talk.put(self.query)

    def _refused(self, packet: bytes) -> ProbeError:
        if _code(packet) in _LOGIN:
            reason = _reason(packet)
            who = self.username
            return ProbeError(FailureClass.EXPECTATION, "login.refused", username=who, reason=reason)
        return _error("the login", packet)


@dataclass(frozen=True)
class _Greeting:
    """What a server says first: its version, what it can do, how to log in, and the salt for that."""

    version: str
    capabilities: int
    way: bytes
    salt: bytes


class _Talk:
    """Packets to and from a server, bounded in their sum."""

    def __init__(self, net: Net, reader: Reader, writer: Writer) -> None:
        self._net, self.reader, self.writer = net, reader, writer
        self._left = MOST
        self._number = 0

    def step(self, step: str) -> None:
        """Say what is being done, for the sentence when the time ends."""
        self._net.phase, self._net.step = "reply", step

    def framed(self, payload: bytes, *, first: bool = False) -> bytes:
        """Return a packet; ``first`` begins a new command."""
        self._number = 0 if first else self._number
        head = len(payload).to_bytes(3, "little") + bytes((self._number,))
        self._number = (self._number + 1) % 256
        return head + payload

    async def say(self, payload: bytes, *, first: bool = False) -> None:
        """Send a packet."""
        self.writer.write(self.framed(payload, first=first))
        await self.writer.drain()

    async def hear(self) -> bytes:
        """Return the next packet, which is not empty."""
        head = await self.reader.readexactly(4)
        size = int.from_bytes(head[:3], "little")
        if head[3] != self._number or not size:
            raise _strange(head)
        self._number = (self._number + 1) % 256
        self._left -= size + 4
        if self._left < 0:
            raise ProbeError(FailureClass.TOO_LARGE, "too_large.message", cap=MOST)
        return await self.reader.readexactly(size)

    async def put(self, statement: str) -> Rows:
        """Put one statement and return its rows."""
        await self.say(_QUERY + statement.encode(), first=True)
        packet = await self.hear()
        rows = Rows()
        if packet[0] == _OK:
            return rows
        if packet[0] == _FILE:
            raise _strange(packet)  # it asks for a file of ours
        columns = [_kind(await self.hear()) for _ in range(_count(_checked(packet)))]
        await self.hear()  # the end of the columns
        while not _is_end(packet := _checked(await self.hear())):
            if not rows.count:
                rows.value = _first(packet, columns[0])
            rows.count += 1
        return rows


def _greeting(packet: bytes) -> _Greeting:
    if packet[0] == _ERROR:  # too many connections, or this host may not connect
        raise _error("the connection", packet)
    version, zero, rest = packet[1:].partition(b"\0")
    if packet[0] != 10 or not zero or len(rest) < 31:
        raise _strange(packet)
    capabilities = int.from_bytes(rest[13:15] + rest[18:20], "little")
    more, _, way = rest[31:].partition(b"\0")
    return _Greeting(words(version, 80), capabilities, way.rstrip(b"\0"), (rest[4:12] + more)[:20])


def _head(capabilities: int) -> bytes:
    largest = MOST.to_bytes(4, "little")
    return capabilities.to_bytes(4, "little") + largest + bytes((_UTF8MB4,)) + b"\0" * 23


def _proof(way: bytes, password: bytes, salt: bytes) -> bytes | None:
    """Return the proof of a password, None where the way is not known."""
    if way == b"mysql_native_password":
        once = _sha1(password)
        return _mixed(once, _sha1(salt + _sha1(once))) if password else b""
    if way == b"caching_sha2_password":
        once = _sha256(password)
        return _mixed(once, _sha256(_sha256(once) + salt)) if password else b""
    return None


def _sha1(data: bytes) -> bytes:
    return hashlib.sha1(data, usedforsecurity=False).digest()


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _mixed(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))


def _encrypted(password: bytes, salt: bytes, pem: bytes) -> bytes:
    """Return a password for the eyes of a server that showed a key."""
    # large: who asks no MySQL is spared it
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA1
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem)
        if not isinstance(key, RSAPublicKey) or not salt:
            raise _strange(pem)
        mixed = bytes(sign ^ salt[place % len(salt)] for place, sign in enumerate(password))
        return key.encrypt(mixed, OAEP(MGF1(SHA1()), SHA1(), None))  # noqa: S303 - the protocol's choice
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _strange(pem) from error


def _checked(packet: bytes) -> bytes:
    if packet[0] == _ERROR:
        raise _error("the query", packet)
    return packet


def _is_end(packet: bytes) -> bool:
    return packet[0] == _END and len(packet) < 9


def _sized(packet: bytes, at: int = 0) -> tuple[int | None, int]:
    """Return a number in the protocol's own form, and where it ends; None for a null."""
    first = packet[at] if at < len(packet) else _ERROR
    if first < _FILE:
        return first, at + 1
    if first == _FILE:
        return None, at + 1
    width = {0xFC: 2, 0xFD: 3, 0xFE: 8}.get(first)
    if width is None:
        raise _strange(packet)
    return int.from_bytes(packet[at + 1 : at + 1 + width], "little"), at + 1 + width


def _count(packet: bytes) -> int:
    count, _ = _sized(packet)
    if not count or count > 4_096:
        raise _strange(packet)
    return count


def _kind(packet: bytes) -> int:
    """Return the type of a column; six texts stand before it, and six bytes of other things."""
    at = 0
    for _ in range(6):
        size, at = _sized(packet, at)
        at += size or 0
    if at + 7 >= len(packet):
        raise _strange(packet)
    return packet[at + 7]


def _first(packet: bytes, kind: int) -> Any:
    size, at = _sized(packet)
    if size is None:
        return None
    text = packet[at : at + size].decode(errors="replace")
    return number(text) if kind in _NUMBERS else text


def _code(packet: bytes) -> int:
    return int.from_bytes(packet[1:3], "little")


def _reason(packet: bytes) -> str:
    state = packet[4:9] if packet[3:4] == b"#" else b""
    return words(b"%d %b" % (_code(packet), packet[9:] if state else packet[3:]))


def _error(step: str, packet: bytes) -> ProbeError:
    return ProbeError(FailureClass.EXPECTATION, "answer.refused", step=step, reply=_reason(packet))


def _strange(got: bytes) -> ProbeError:
    shown = got[:20]
    return ProbeError(FailureClass.PROTOCOL, "protocol.other", reason=f"{shown!r} is no packet of MySQL")

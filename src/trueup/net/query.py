"""One question to the DNS servers of this machine, or to given ones, over UDP and where cut over TCP."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from trueup.net import wire

RESOLV_CONF = Path("/etc/resolv.conf")
FAMILIES = {4: "IPv4", 6: "IPv6"}
_TYPES = {4: wire.A, 6: wire.AAAA}
_TRY_S = 2.0  # one server's time for one question
_ROUNDS = 2
_SERVERS = 3  # as many as the C library asks
Found = tuple[tuple[str, ...], float]


class ResolveError(Exception):
    """A name without an address. ``kind`` says why, ``params`` what was heard from whom.

    Kinds: ``not_found`` (no such name), ``no_address`` (none of that family), ``servfail`` (the servers
    could not tell), ``timeout`` (no server answered), ``invalid`` (not a name), ``no_resolver``.
    """

    def __init__(self, kind: str, ttl_s: float = 0.0, **params: str) -> None:
        super().__init__(kind, params)
        self.kind = kind
        self.params = params
        self.ttl_s = ttl_s


@dataclass(frozen=True, slots=True)
class Servers:
    """Whom to ask, and where to look for a name without a final dot."""

    addresses: tuple[tuple[str, int], ...]
    search: tuple[str, ...] = ()
    dots: int = 1

    @classmethod
    def given(cls, servers: Sequence[str]) -> Servers:
        """Return the servers of a list of ``ADDRESS``, ``ADDRESS:PORT`` or ``[ADDRESS]:PORT``."""
        return cls(tuple(map(_endpoint, servers)))

    @classmethod
    def system(cls, path: Path = RESOLV_CONF) -> Servers:
        """Return what ``resolv.conf`` says.

        Raises:
            ResolveError: It cannot be read or names no server.
        """
        # imported here: it is large, and a machine that asks addresses alone never needs it
        from dns.exception import DNSException
        from dns.resolver import Resolver

        read = Resolver(configure=False)
        try:
            read.read_resolv_conf(str(path))
        except (DNSException, ValueError) as error:
            raise ResolveError("no_resolver", reason=f"{path}: {error}") from error
        addresses = tuple((str(each), 53) for each in read.nameservers[:_SERVERS])
        search = (each.to_text().strip(".") for each in read.search or [read.domain])
        return cls(addresses, tuple(filter(None, search)), 1 if read.ndots is None else read.ndots)

    def candidates(self, name: str) -> list[str]:
        """Return the full names that a name may stand for, in the order in which they are asked."""
        if name.endswith("."):
            return [name]
        found = [f"{name}.{suffix}." for suffix in self.search]
        whole = f"{name}."
        return [whole, *found] if name.count(".") >= self.dots else [*found, whole]


async def ask(servers: Servers, name: str, family: int) -> Found:
    """Return the addresses of a name of one family, 4 or 6, and how long they hold in seconds.

    Raises:
        ResolveError: There are none, or nobody could tell; ``ttl_s`` says how long that holds.
    """
    problem: ResolveError | None = None
    for candidate in servers.candidates(name):
        try:
            return await _ask_whole(servers, candidate, family)
        except ResolveError as error:
            if error.kind not in ("not_found", "no_address"):
                raise  # a server's fault: the next name would meet it too
            if problem is None or problem.kind == "not_found":
                problem = error  # that a name exists is more telling than that the next one does not
    assert problem is not None
    raise problem


async def _ask_whole(servers: Servers, name: str, family: int) -> Found:
    try:
        labels = wire.labels(name)
    except wire.WireError as error:
        raise ResolveError("invalid", reason=str(error)) from error
    problem = ResolveError("no_resolver")
    for turn in range(_ROUNDS):
        for server in servers.addresses:
            try:
                # a server that does not know extensions (RFC 6891) is asked without them the second time
                answer = await _exchange(server, labels, _TYPES[family], edns=not turn)
            except OSError:  # TimeoutError is one of them
                if problem.kind != "servfail":
                    problem = ResolveError("timeout", resolver=", ".join(map(_shown, servers.addresses)))
                continue
            if answer.addresses:
                return answer.addresses, float(answer.ttl_s)
            if answer.rcode == wire.NOERROR:
                raise ResolveError("no_address", answer.ttl_s, family=FAMILIES[family])
            if answer.rcode == wire.NXDOMAIN:
                raise ResolveError("not_found", answer.ttl_s, resolver=_shown(server))
            rcode = wire.RCODES.get(answer.rcode, f"code {answer.rcode}")
            problem = ResolveError("servfail", resolver=_shown(server), rcode=rcode)
    raise problem


async def _exchange(server: tuple[str, int], name: bytes, kind: int, *, edns: bool) -> wire.Answer:
    asked = wire.question(secrets.randbits(16), name, kind, edns=edns)
    async with asyncio.timeout(_TRY_S):
        answer = await _udp(server, asked, name, kind)
        return await _tcp(server, asked, name, kind) if answer.truncated else answer


async def _udp(server: tuple[str, int], asked: bytes, name: bytes, kind: int) -> wire.Answer:
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
    # a socket for each question: a new source port, and a refusal is heard as one
    with socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
        sock.connect(server)
        sock.send(asked)
        while True:
            try:
                return wire.read(await loop.sock_recv(sock, 65_535), asked, name, kind)
            except wire.WireError:
                pass  # somebody else's, or garbage: the answer may still come


async def _tcp(server: tuple[str, int], asked: bytes, name: bytes, kind: int) -> wire.Answer:
    reader, writer = await asyncio.open_connection(*server)
    try:
        writer.write(len(asked).to_bytes(2, "big") + asked)
        length = int.from_bytes(await reader.readexactly(2), "big")
        return wire.read(await reader.readexactly(length), asked, name, kind)
    except (asyncio.IncompleteReadError, wire.WireError) as error:
        raise OSError("no answer came over TCP") from error
    finally:
        writer.transport.abort()


def _endpoint(text: str) -> tuple[str, int]:
    host, port = text, 53
    if text.startswith("[") or text.count(":") == 1:
        host, _, digits = text.rpartition(":")
        host, port = host.strip("[]"), int(digits)
    return str(ip_address(host)), port


def _shown(server: tuple[str, int]) -> str:
    return server[0] if server[1] == 53 else f"{server[0]} port {server[1]}"

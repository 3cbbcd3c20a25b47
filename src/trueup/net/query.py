"""One question to the DNS servers of this machine, or to given ones, over UDP and where cut over TCP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver

RESOLV_CONF = Path("/etc/resolv.conf")
_TRY_S = 2.0  # one server's time for one question
_ROUNDS = 2
_SERVERS = 3  # as many as the C library asks
FAMILIES = {4: "IPv4", 6: "IPv6"}
_TYPES = {4: dns.rdatatype.A, 6: dns.rdatatype.AAAA}


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
    search: tuple[dns.name.Name, ...] = ()
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
        read = dns.resolver.Resolver(configure=False)
        try:
            read.read_resolv_conf(str(path))
        except (dns.exception.DNSException, ValueError, UnicodeDecodeError) as error:
            raise ResolveError("no_resolver", reason=f"{path}: {error}") from error
        addresses = tuple((str(each), 53) for each in read.nameservers[:_SERVERS])
        search = tuple(read.search) or ((read.domain,) if read.domain != dns.name.root else ())
        return cls(addresses, search, 1 if read.ndots is None else read.ndots)

    def candidates(self, name: dns.name.Name) -> list[dns.name.Name]:
        """Return the absolute names that a name may stand for, in the order in which they are asked."""
        if name.is_absolute():
            return [name]
        found = [name + suffix for suffix in self.search]
        absolute = name.concatenate(dns.name.root)
        return [absolute, *found] if len(name) > self.dots else [*found, absolute]


async def ask(servers: Servers, text: str, family: int) -> tuple[tuple[str, ...], float]:
    """Return the addresses of a name of one family, 4 or 6, and how long they hold in seconds.

    Raises:
        ResolveError: There are none, or nobody could tell; ``ttl_s`` says how long that holds.
    """
    try:
        name = dns.name.from_text(text, origin=None)
    except (dns.exception.DNSException, UnicodeError) as error:
        raise ResolveError("invalid", reason=str(error)) from error
    problem: ResolveError | None = None
    for candidate in servers.candidates(name):
        try:
            return await _ask_absolute(servers, candidate, family)
        except ResolveError as error:
            if error.kind not in ("not_found", "no_address"):
                raise  # a server's fault: the next name would meet it too
            if problem is None or problem.kind == "not_found":
                problem = error  # that a name exists is more telling than that the next one does not
    assert problem is not None
    raise problem


async def _ask_absolute(servers: Servers, name: dns.name.Name, family: int) -> tuple[tuple[str, ...], float]:
    problem = ResolveError("no_resolver")
    for _ in range(_ROUNDS):
        for server in servers.addresses:
            try:
                response = await _exchange(server, name, family)
            except (OSError, dns.exception.DNSException):  # TimeoutError is one of them
                if problem.kind != "servfail":
                    asked = ", ".join(map(_shown, servers.addresses))
                    problem = ResolveError("timeout", resolver=asked)
            else:
                if response.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
                    return _read(response, server, family)
                rcode = dns.rcode.to_text(response.rcode())
                problem = ResolveError("servfail", resolver=_shown(server), rcode=rcode)
    raise problem


def _read(
    response: dns.message.Message, server: tuple[str, int], family: int
) -> tuple[tuple[str, ...], float]:
    assert isinstance(response, dns.message.QueryMessage)
    try:
        chain = response.resolve_chaining()
    except dns.exception.DNSException as error:
        raise ResolveError("servfail", resolver=_shown(server), rcode=str(error)) from error
    ttl_s = float(chain.minimum_ttl)
    if chain.answer is not None:
        return tuple(record.address for record in chain.answer), ttl_s
    if response.rcode() == dns.rcode.NXDOMAIN:
        raise ResolveError("not_found", ttl_s, resolver=_shown(server))
    raise ResolveError("no_address", ttl_s, family=FAMILIES[family])


async def _exchange(server: tuple[str, int], name: dns.name.Name, family: int) -> dns.message.Message:
    query = dns.message.make_query(name, _TYPES[family], use_edns=0, payload=1232)
    async with asyncio.timeout(_TRY_S):
        response = await _udp(server, query)
        if response.flags & dns.flags.TC:
            response = await dns.asyncquery.tcp(query, server[0], port=server[1])
    return response


async def _udp(server: tuple[str, int], query: dns.message.QueryMessage) -> dns.message.Message:
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
    # a socket for each question: a new source port, and a refusal is heard as one
    with socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
        sock.connect(server)
        await loop.sock_sendall(sock, query.to_wire())
        while True:
            wire = await loop.sock_recv(sock, 65_535)
            try:
                response = dns.message.from_wire(wire, ignore_trailing=True, raise_on_truncation=False)
            except (dns.exception.DNSException, ValueError):
                continue  # not ours, or garbage: the answer may still come
            if query.is_response(response):
                return response


def _endpoint(text: str) -> tuple[str, int]:
    host, port = text, 53
    if text.startswith("[") or text.count(":") == 1:
        host, _, digits = text.rpartition(":")
        host, port = host.strip("[]"), int(digits)
    return str(ip_address(host)), port


def _shown(server: tuple[str, int]) -> str:
    return server[0] if server[1] == 53 else f"{server[0]} port {server[1]}"

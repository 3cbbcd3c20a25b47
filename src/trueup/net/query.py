"""One question to the DNS servers of this machine, or to given ones, over UDP and where cut over TCP."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from trueup.net import wire

RESOLV_CONF = Path("/etc/resolv.conf")
FAMILIES = {4: "IPv4", 6: "IPv6"}
_TYPES = {4: wire.A, 6: wire.AAAA}
_TRY_S = (1.0, 2.0)  # one server's time for one question, the first and the second time
_OTHER_S = 0.1  # what the slower of A and AAAA is waited for once the other is there
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


async def ask(servers: Servers, name: str, families: Sequence[int]) -> Found:
    """Return the addresses of a name, family after family (4, 6), and how long they hold in seconds.

    Raises:
        ResolveError: There are none, or nobody could tell; ``ttl_s`` says how long that holds.
    """
    problem: ResolveError | None = None
    for candidate in servers.candidates(name):
        try:
            return await _ask_whole(servers, candidate, families)
        except ResolveError as error:
            if error.kind not in ("not_found", "no_address"):
                raise  # a server's fault: the next name would meet it too
            if problem is None or problem.kind == "not_found":
                problem = error  # that a name exists is more telling than that the next one does not
    assert problem is not None
    raise problem


async def _ask_whole(servers: Servers, name: str, families: Sequence[int]) -> Found:
    try:
        labels = wire.labels(name)
    except wire.WireError as error:
        raise ResolveError("invalid", reason=str(error)) from error
    problem = ResolveError("no_resolver")
    for turn, try_s in enumerate(_TRY_S):
        for server in servers.addresses:
            try:
                # a server that does not know extensions (RFC 6891) is asked without them the second time
                answers = await _exchange(server, labels, families, try_s, edns=not turn)
            except OSError:  # TimeoutError is one of them
                if problem.kind != "servfail":
                    problem = ResolveError("timeout", resolver=", ".join(map(_shown, servers.addresses)))
                continue
            found = _found(answers, server)
            if not isinstance(found, ResolveError):
                return found
            if found.kind != "servfail":
                raise found
            problem = found
    raise problem


def _found(answers: Mapping[int, wire.Answer], server: tuple[str, int]) -> Found | ResolveError:
    """Return what the answers of one server amount to."""
    good = [answers[family] for family in sorted(answers) if answers[family].addresses]
    if good:
        addresses = tuple(address for answer in good for address in answer.addresses)
        return addresses, float(min(answer.ttl_s for answer in good))
    ttl_s = min(answer.ttl_s for answer in answers.values())
    codes = {answer.rcode for answer in answers.values()}
    if wire.NXDOMAIN in codes:
        return ResolveError("not_found", ttl_s, resolver=_shown(server))
    if codes == {wire.NOERROR}:
        family = FAMILIES[min(answers)] if len(answers) == 1 else ""
        return ResolveError("no_address", ttl_s, family=family)
    code = max(codes)
    return ResolveError("servfail", resolver=_shown(server), rcode=wire.RCODES.get(code, f"code {code}"))


async def _exchange(
    server: tuple[str, int], name: bytes, families: Sequence[int], try_s: float, *, edns: bool
) -> dict[int, wire.Answer]:
    """Return what a server answers for each family; one with addresses does not wait long for the other."""
    asked = {each: wire.question(secrets.randbits(16), name, _TYPES[each], edns=edns) for each in families}
    answers: dict[int, wire.Answer] = {}
    loop = asyncio.get_running_loop()
    kind = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
    try:
        # a socket for each name: a new source port, and a refusal is heard as one
        with socket.socket(kind, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
            sock.connect(server)
            for question in asked.values():
                sock.send(question)
            async with asyncio.timeout(try_s) as deadline:
                while len(answers) < len(asked):
                    message = await loop.sock_recv(sock, 65_535)
                    for family in asked.keys() - answers.keys():
                        answer = await _answer(message, server, asked[family], name, _TYPES[family])
                        if answer is not None:
                            answers[family] = answer
                    if any(answer.addresses for answer in answers.values()):
                        deadline.reschedule(loop.time() + _OTHER_S)
    except TimeoutError:
        if not any(answer.addresses for answer in answers.values()):
            raise
    return answers


async def _answer(
    message: bytes, server: tuple[str, int], asked: bytes, name: bytes, kind: int
) -> wire.Answer | None:
    """Return what a message answers to a question; None where it is not for it."""
    try:
        answer = wire.read(message, asked, name, kind)
    except wire.WireError:
        return None  # somebody else's, or garbage: the answer may still come
    return await _tcp(server, asked, name, kind) if answer.truncated else answer


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

"""A DNS server on loopback that answers from a table, or does not."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from tests.servers.run import Servers

SILENT, SERVFAIL, CUT = "silent", "servfail", "cut"  # instead of addresses


@dataclass
class Zone:
    """Names with their addresses, or one of the words above; every other name does not exist.

    ``asked`` counts the questions by name and type.
    """

    names: dict[str, Sequence[str] | str]
    ttl: int = 60
    mute: frozenset[str] = frozenset()  # types of questions that are never answered
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    server: str = ""  # where it listens, once started
    records: dict[tuple[str, str], Sequence[str]] = field(default_factory=dict)  # of a name and a type
    _made: dict[tuple[bytes, bool], tuple[str, str, bytes]] = field(default_factory=dict)

    def answer(self, wire: bytes, *, tcp: bool = False) -> bytes | None:
        """Return the answer to a question, None for silence."""
        made = self._made.get((wire[2:], tcp))
        if made is not None:
            name, kind, rest = made
            self.asked[name, kind] += 1
            return wire[:2] + rest
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name = question.name.to_text().rstrip(".").lower()
        self.asked[name, dns.rdatatype.to_text(question.rdtype)] += 1
        kind = dns.rdatatype.to_text(question.rdtype)
        known = (name, kind) in self.records
        found = list(self.records[name, kind]) if known else self.names.get(name)
        if found == SILENT or dns.rdatatype.to_text(question.rdtype) in self.mute:
            return None
        response = dns.message.make_response(query)
        if found is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
            soa = f"ns.test. admin.test. 1 3600 600 86400 {self.ttl}"
            response.authority.append(dns.rrset.from_text("test.", self.ttl, "IN", "SOA", soa))
        elif found == SERVFAIL:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif found == CUT and not tcp:
            response.flags |= dns.flags.TC
        elif known:
            response.answer.append(dns.rrset.from_text(question.name, self.ttl, "IN", kind, *found))
        else:
            self._fill(response, question, ["127.0.0.1"] if found == CUT else found)
        answer = response.to_wire()
        self._made[wire[2:], tcp] = (name, dns.rdatatype.to_text(question.rdtype), answer[2:])
        return answer

    def _fill(self, response: dns.message.Message, question: Any, found: Sequence[str] | str) -> None:
        kind = dns.rdatatype.to_text(question.rdtype)
        owner = question.name
        if isinstance(found, str):  # another name of the same zone
            alias = found
            response.answer.append(dns.rrset.from_text(owner, self.ttl, "IN", "CNAME", f"{alias}."))
            owner, found = dns.name.from_text(alias), self.names[alias]
        fitting = [each for each in found if (":" in each) == (kind == "AAAA")]
        if fitting:
            response.answer.append(dns.rrset.from_text(owner, self.ttl, "IN", kind, *fitting))

    def start(self, servers: Servers) -> str:
        """Listen on a port of loopback, UDP and TCP; return ``ADDRESS:PORT``."""
        place = servers.start(self._over_tcp)
        servers.run(self._listen(servers, place.port))
        self.server = place.endpoint
        return self.server

    def start_secure(self, servers: Servers, tls: ssl.SSLContext) -> str:
        """Listen for questions under TLS; return ``ADDRESS:PORT``."""
        return servers.start(self._over_tcp, tls=tls).endpoint

    def start_web(self, servers: Servers, tls: ssl.SSLContext) -> str:
        """Listen for questions over HTTPS; return the address."""
        return servers.start(self._over_http, tls=tls).url("/dns-query", scheme="https")

    async def _over_http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        assert head.startswith("post /dns-query http/1.1\r\n")
        assert "content-type: application/dns-message\r\n" in head
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        answer = self.answer(await reader.readexactly(length), tcp=True)
        if answer is not None:
            lines = (
                "HTTP/1.1 200 OK",
                "Content-Type: application/dns-message",
                f"Content-Length: {len(answer)}",
            )
            writer.write("".join(f"{line}\r\n" for line in (*lines, "")).encode() + answer)
            await writer.drain()

    async def _listen(self, servers: Servers, port: int) -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: _Udp(self), local_addr=("127.0.0.1", port))
        # a burst of questions must not be lost before it is read
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
        servers.at_end(transport.close)

    async def _over_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (length,) = struct.unpack(">H", await reader.readexactly(2))
        answer = self.answer(await reader.readexactly(length), tcp=True)
        if answer is not None:
            writer.write(struct.pack(">H", len(answer)) + answer)
            await writer.drain()


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, zone: Zone) -> None:
        self._zone = zone

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._zone.answer(data)
        if answer is not None:
            self._transport.sendto(answer, addr)

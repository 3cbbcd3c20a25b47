"""A DNS server as a check asks it: messages of dnspython over the ways that net has."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic_ns
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import pycurl

from trueup.domain.result import FailureClass
from trueup.net.connect import Net
from trueup.net.nameserver import Server, StrayError, Way, over_stream, over_udp, truncated
from trueup.net.transfer import Request
from trueup.net.trust import authorities
from trueup.probes.address import as_header
from trueup.probes.base import ProbeError
from trueup.probes.dnssec import read_anchors, validate

_FITS = 1232  # bytes of an answer that no network on the way has to cut
_LONGEST = 65_535
_MEDIA = "application/dns-message"
_WITH_NAMES = ("CNAME", "MX", "NS", "PTR", "SRV", "SOA")


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: the message, what was asked, over what it came, and how long it took."""

    message: dns.message.QueryMessage
    spoken: str
    wait_us: int

    def values(self) -> dict[str, Any]:
        """Return what expectations may name."""
        message = self.message
        values: dict[str, Any] = {
            "rcode": dns.rcode.to_text(message.rcode()),
            "authoritative": bool(message.flags & dns.flags.AA),
            "authenticated": bool(message.flags & dns.flags.AD),
            "spoken": self.spoken,
            "answers": (),
            "aliases": (),
            "count": 0,
        }
        try:
            chain = message.resolve_chaining()
        except dns.exception.DNSException:
            return values  # no answer section that leads anywhere
        found = chain.answer
        values["aliases"] = tuple(_plain(str(each[0])) for each in chain.cnames)
        if found is not None:
            values["answers"] = tuple(sorted(map(_text, found)))
            values["count"] = len(found)
            values["ttl"] = timedelta(seconds=chain.minimum_ttl)
        return values


class Questioner:
    """Asks one server, or this machine's own one after the other, each question on its own socket."""

    def __init__(self, net: Net, way: Way, *, recurse: bool, signed: bool) -> None:
        self._net, self._way = net, way
        self._recurse, self._signed = recurse, signed

    async def ask(self, name: str | dns.name.Name, kind: str, *, unchecked: bool = False) -> Reply:
        """Return the answer to one question; ``unchecked`` tells a server not to judge signatures itself.

        Raises:
            ProbeError: What came is no message of DNS.
            OSError: No server answered.
        """
        question = dns.message.make_query(
            name, kind, use_edns=0, payload=_FITS, want_dnssec=self._signed, flags=dns.flags.AD
        )
        question.flags |= dns.flags.RD if self._recurse else 0
        question.flags |= dns.flags.CD if unchecked else 0
        begun_ns = monotonic_ns()
        try:
            data, spoken = await self._carry(question.to_wire())
        except StrayError as error:
            raise ProbeError(FailureClass.PROTOCOL, "protocol.stray") from error
        try:
            message = dns.message.from_wire(data)
        except (dns.exception.DNSException, ValueError, IndexError) as error:
            raise ProbeError(FailureClass.PROTOCOL, "protocol.dns", reason=str(error)[:200]) from error
        if not isinstance(message, dns.message.QueryMessage):
            raise ProbeError(FailureClass.PROTOCOL, "protocol.dns", reason="it is an answer to no query")
        return Reply(message, spoken, (monotonic_ns() - begun_ns) // 1000)

    async def validated(self, reply: Reply, anchors: str) -> str:
        """Return the state of an answer by its signatures: secure, insecure, bogus or indeterminate."""
        asked = reply.message.question[0]
        answer: dns.message.Message = reply.message
        if answer.rcode() == dns.rcode.SERVFAIL:  # what a resolver says of signatures it refuses
            answer = (await self.ask(asked.name, _word(asked), unchecked=True)).message

        async def more(name: dns.name.Name, kind: dns.rdatatype.RdataType) -> dns.message.Message:
            return (await self.ask(name, dns.rdatatype.to_text(kind), unchecked=True)).message

        return await validate(more, answer, read_anchors(anchors), time.time())

    async def _carry(self, question: bytes) -> tuple[bytes, str]:
        if self._way.transport == "doh":
            return await self._over_https(question), "doh"
        if self._way.server is not None:
            return await self._over(self._way.server, question)
        servers = self._net.servers
        for left, (host, port) in zip(range(len(servers) - 1, -1, -1), servers, strict=True):
            try:
                # as long as there are others, one gets its share of the time and no more
                async with asyncio.timeout(self._net.left_s / (left + 1) if left else None):
                    return await self._over(Server(host, port, ours=True), question)
            except (OSError, StrayError):  # TimeoutError is one of them
                if not left:
                    raise
        raise AssertionError("this machine's settings name a server, or an error was raised")

    async def _over(self, server: Server, question: bytes) -> tuple[bytes, str]:
        family = self._way.family
        if self._way.transport != "udp":
            return await over_stream(self._net, server, question, family), self._way.transport
        message = await over_udp(self._net, server, question, family)
        if not truncated(message):
            return message, "udp"
        return await over_stream(self._net, server, question, family), "tcp"

    async def _over_https(self, question: bytes) -> bytes:
        way = self._way
        assert way.server is not None
        headers = as_header({"Content-Type": _MEDIA, "Accept": _MEDIA})
        request = Request(
            name=f"POST {way.url}",
            url=way.url,
            host=way.server.host,
            port=way.server.port,
            options=(
                (pycurl.URL, way.url),
                (pycurl.POSTFIELDS, question),
                (pycurl.HTTPHEADER, headers),
            ),
            family=way.family,
            tls=True,
            authorities=authorities(way.ca) if way.ca else b"",
            limit=_LONGEST,
            cut=False,
        )
        came = await self._net.fetch(request)
        if came.status != 200 or came.content_type.partition(";")[0].strip().lower() != _MEDIA:
            got = came.content_type[:100] if came.status == 200 else ""
            raise ProbeError(FailureClass.PROTOCOL, "protocol.doh", status=came.status, got=got)
        return came.body


def _word(rrset: dns.rrset.RRset) -> str:
    return dns.rdatatype.to_text(rrset.rdtype)


def _plain(name: str) -> str:
    return name.removesuffix(".").lower() or "."


def _text(record: dns.rdata.Rdata) -> str:
    """Return a record as people write it: names without their last dot, the pieces of a text joined."""
    kind = dns.rdatatype.to_text(record.rdtype)
    if kind == "TXT":
        return b"".join(record.strings).decode(errors="replace")  # type: ignore[attr-defined]
    text = record.to_text()
    return " ".join(map(_plain, text.split(" "))) if kind in _WITH_NAMES else text

"""DNS: what a name has of a type, asked of a server or of this machine's resolvers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from ipaddress import ip_address
from typing import ClassVar

from trueup.domain.option import OptionError, option
from trueup.domain.result import Certificate, Facts, Phases
from trueup.net import wire
from trueup.net.connect import Net
from trueup.net.nameserver import Server, Way
from trueup.net.tls import Tls
from trueup.probes.address import AddressError, read_endpoint, read_url, shown
from trueup.probes.base import Probe, register
from trueup.probes.web import FAMILIES

_TYPES = ("A", "AAAA", "CNAME", "MX", "TXT", "NS", "SRV", "CAA", "SOA", "PTR")
_PORTS = {"udp": 53, "tcp": 53, "dot": 853}


@register
@dataclass(frozen=True, kw_only=True)
class DnsProbe(Probe):
    """Asks DNS for a name and reads what it has of a type, aliases followed where the answer holds them."""

    kind: ClassVar[str] = "dns"
    target_form: ClassVar[str] = "NAME"
    default_expect: ClassVar[tuple[str, ...]] = ('rcode == "NOERROR"', "count > 0")
    provides: ClassVar[Mapping[str, type]] = {
        "rcode": str,
        "answers": tuple,
        "count": int,
        "ttl": timedelta,
        "aliases": tuple,
        "authoritative": bool,
        "authenticated": bool,
        "dnssec": str,
        "spoken": str,
        "latency": timedelta,
        "certificate": Certificate,
    }

    record: str = option("A", "The type of records that is asked for.", choices=_TYPES)
    server: str = option(
        "", "HOST or HOST:PORT to ask, with doh an https address; else this machine's own resolvers."
    )
    transport: str = option(
        "udp",
        "How it is asked; udp goes on over TCP where an answer is cut.",
        choices=("udp", "tcp", "dot", "doh"),
    )
    recurse: bool = option(True, "Ask the server to ask others; not wanted of one that has the zone itself.")
    dnssec: bool = option(False, "Follow the signatures from a trust anchor down to the answer.")
    trust_anchors: str = option("", "A file of DS records to trust instead of the root's.", form="file")
    ip: str = option("any", "Which addresses of the server are asked.", choices=tuple(FAMILIES))
    server_name: str = option("", "The name in the certificate of a dot server, where it is not the host.")
    ca: str = option("", "A file of certificate authorities to trust instead of the system's.", form="file")

    def __post_init__(self) -> None:
        self.name, self.way  # noqa: B018 - reads target and server, and refuses them
        from trueup.probes import nameserver  # noqa: F401 - takes 70 ms, which are no part of an answer

    @cached_property
    def name(self) -> str:
        """Return the name that is asked, absolute; of an address with type PTR, its reverse name."""
        text = self.target.removeprefix("dns://").removesuffix(".")
        try:
            if self.record == "PTR" and text and text.strip("0123456789abcdefABCDEF:.") == "":
                return ip_address(text).reverse_pointer + "."
            plain = text if text.isascii() else text.encode("idna").decode("ascii")
            if set(plain) & set(':/@?#\\" ') or not plain.isprintable():
                raise ValueError("it is no name: write it alone, without scheme, port or path")
            if text:
                wire.labels(plain)
        except ValueError as error:  # UnicodeError and WireError are some of them
            raise OptionError("target", f"{shown(self.target)!r} cannot be asked: {error}.") from error
        return plain.lower() + "."

    @cached_property
    def way(self) -> Way:
        """Return how and whom to ask."""
        family = FAMILIES[self.ip]
        if not self.server:
            if self.transport in ("dot", "doh"):
                raise OptionError("server", f"server: {self.transport} needs one to ask.")
            return Way(self.transport, family=family)
        try:
            if self.transport == "doh":
                url = read_url(self.server, ("https",))
                return Way("doh", Server(url.host, url.port), url.text, self.ca, family)
            host, port = read_endpoint(self.server, _PORTS[self.transport])
        except AddressError as error:
            raise OptionError("server", f"server: {shown(self.server)!r} cannot be asked: {error}") from error
        secure = Tls(server_name=self.server_name, ca=self.ca) if self.transport == "dot" else None
        return Way(self.transport, Server(host, port, tls=secure), family=family)

    @property
    def asks(self) -> str:
        """Return name and type, and whom they are asked of."""
        whom = f" of {self.server} over {self.transport}" if self.server else ""
        return f"dns {self.record} {self.name.removesuffix('.') or '.'}{whom}"

    async def ask(self, net: Net) -> Facts:
        """Ask, and where that is wished follow the signatures."""
        from trueup.probes.nameserver import Questioner  # large: who asks no DNS is spared it

        asker = Questioner(net, self.way, recurse=self.recurse, signed=self.dnssec)
        reply = await asker.ask(self.name, self.record)
        address, values = net.address, reply.values()
        if self.dnssec:
            values["dnssec"] = await asker.validated(reply, self.trust_anchors)
        return Facts(values=values, phases=Phases(wait_us=reply.wait_us), address=address)

"""Signed zones on loopback: a root, a zone below it, and zones below that which are good, bad or unsigned."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

import dns.dnssec
import dns.flags
import dns.message
import dns.name
import dns.node
import dns.rcode
import dns.rdataclass
import dns.rdataset
import dns.rdatatype
import dns.rrset
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec
from dns.dnssectypes import Algorithm
from dns.rdatatype import CNAME, DS, NSEC, RRSIG, RdataType
from tests.servers.dns import Zone

DAY_S = 86_400
_HEAD = "$TTL 300\n@ IN SOA ns.test. admin.test. 1 3600 600 86400 60\n@ IN NS ns.test.\n"
_ALGORITHM = Algorithm.ECDSAP256SHA256


@dataclass
class Signed(Zone):
    """A server that has all zones from the root down; ``anchors`` is the text of the root's DS record."""

    names: dict[str, object] = field(default_factory=dict)  # type: ignore[assignment]
    anchors: str = ""
    stripped: frozenset[str] = frozenset()  # zones whose signatures are left out of every answer
    refusing: bool = False  # answers SERVFAIL unless told not to check
    zones: dict[dns.name.Name, dns.zone.Zone] = field(default_factory=dict)
    _keys: dict[dns.name.Name, str] = field(default_factory=dict)

    def add(
        self, origin: str, text: str = "", *, signed: bool = True, over: bool = False, ds: bool = True
    ) -> None:
        """Add a zone, from the lowest up; the signatures of one that is ``over`` ended yesterday.

        Without ``ds`` the zone above has no record of its keys.
        """
        below = [zone for zone in self.zones if zone.parent() == dns.name.from_text(origin)]
        parts = [_HEAD, text]
        for each in below:
            parts.append(f"{each} IN NS ns.test.\n")
            if self._keys.get(each):
                parts.append(f"{each} IN DS {self._keys[each]}\n")
        zone = dns.zone.from_text("".join(parts), origin, relativize=False, check_origin=False)
        name = dns.name.from_text(origin)
        if signed:
            private = ec.generate_private_key(ec.SECP256R1())
            public = dns.dnssec.make_dnskey(private.public_key(), _ALGORITHM, flags=257)
            now = int(time.time())
            begin, end = (now - 3 * DAY_S, now - DAY_S) if over else (now - DAY_S, now + DAY_S)
            with zone.writer() as writing:
                dns.dnssec.sign_zone(
                    zone, writing, [(private, public)], dnskey_ttl=300, inception=begin, expiration=end
                )
            record = dns.dnssec.make_ds(name, public, "SHA256")
            self._keys[name] = record.to_text() if ds else ""
            self.anchors = f"{name} 300 IN DS {record.to_text()}\n"
        self.zones[name] = zone

    def write_anchors(self, folder: Path) -> str:
        """Return a file that holds the anchor of the zone added last."""
        path = folder / "anchors"
        path.write_text(self.anchors)
        return str(path)

    def answer(self, wire: bytes, *, tcp: bool = False) -> bytes | None:
        """Return the answer to a question, with signatures where they are wanted."""
        query = dns.message.from_wire(wire)
        asked = query.question[0]
        response = dns.message.make_response(query)
        if self.refusing and not query.flags & dns.flags.CD:
            response.set_rcode(dns.rcode.SERVFAIL)
            return response.to_wire()
        wanted = bool(query.ednsflags & dns.flags.DO)
        self._answer(response, asked.name, asked.rdtype, wanted)
        data = response.to_wire()
        if len(data) > 1232 and not tcp:
            response = dns.message.make_response(query)
            response.flags |= dns.flags.TC
            return response.to_wire()
        return data

    def _answer(
        self, response: dns.message.Message, name: dns.name.Name, kind: RdataType, signed: bool
    ) -> None:
        zone = self._zone_of(name, above=kind == DS)
        node = zone.get_node(name)
        if node is not None and (alias := node.get_rdataset(dns.rdataclass.IN, CNAME)) and kind != CNAME:
            self._put(response.answer, zone, name, alias, signed)
            self._answer(response, alias[0].target, kind, signed)
            return
        found = node and node.get_rdataset(dns.rdataclass.IN, kind)
        if node is not None and found:
            self._put(response.answer, zone, name, found, signed)
            return
        wildcard = dns.name.Name((b"*", *name.labels[1:]))
        star = zone.get_node(wildcard) if node is None else None
        found = star and star.get_rdataset(dns.rdataclass.IN, kind)
        if found:
            self._put(response.answer, zone, wildcard, found, signed, name)
            return
        if node is None and not any(each.is_subdomain(name) for each in zone):
            response.set_rcode(dns.rcode.NXDOMAIN)
        if signed:
            proofs = {each: held.get_rdataset(dns.rdataclass.IN, NSEC) for each, held in zone.items()}
            owner = max((each for each, held in proofs.items() if held and each <= name), default=None)
            if owner is not None and (proof := proofs[owner]) is not None:
                self._put(response.authority, zone, owner, proof, signed)

    def _zone_of(self, name: dns.name.Name, *, above: bool) -> dns.zone.Zone:
        fitting = [each for each in self.zones if name.is_subdomain(each) and not (above and each == name)]
        return self.zones[max(fitting, key=len)] if fitting else self.zones[dns.name.root]

    def _put(
        self,
        section: list[dns.rrset.RRset],
        zone: dns.zone.Zone,
        name: dns.name.Name,
        found: dns.rdataset.Rdataset,
        signed: bool,
        owner: dns.name.Name | None = None,
    ) -> None:
        section.append(dns.rrset.from_rdata_list(owner or name, found.ttl, list(found)))
        node = zone.get_node(name)
        signatures = node and node.get_rdataset(dns.rdataclass.IN, RRSIG, found.rdtype)
        if signed and signatures and str(zone.origin) not in self.stripped:
            section.append(dns.rrset.from_rdata_list(owner or name, signatures.ttl, list(signatures)))

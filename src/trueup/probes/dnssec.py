"""DNSSEC: whether an answer is signed by those whom the trust anchors vouch for (RFC 4033 to 4035, 5155).

Proved is that every record of a positive answer, aliases included, is signed by its zone, and the zone's
keys by the zone above, up to an anchor. Where a zone above proves that a zone below has no keys on record,
the answer is insecure. What is not proved here, and therefore called indeterminate: that a name or a type
does not exist, and that a record which a wildcard stands for is not there itself.
"""

from __future__ import annotations

from base64 import b32hexencode
from collections.abc import Awaitable, Callable, Iterator
from functools import lru_cache

import dns.dnssec
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.zonefile
from dns.rdatatype import CNAME, DNSKEY, DS, NS, NSEC, NSEC3, RRSIG, SOA, RdataType

from trueup.net.trust import FileError, content

# The keys of the root: of 2017, and of 2024, which signs since October 2026.
ROOT = """
. 172800 IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D
. 172800 IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16
"""
SECURE, INSECURE, BOGUS, INDETERMINATE = "secure", "insecure", "bogus", "indeterminate"

_QUESTIONS = 60  # for one answer
_RECORDS = 64  # of keys or signatures in one set: more are an attack on our time
_ITERATIONS = 150  # of NSEC3: more are no proof (RFC 9276)
_ZONE_KEY, _REVOKED = 0x0100, 0x0080

Name = dns.name.Name
RRset = dns.rrset.RRset
Message = dns.message.Message
Ask = Callable[[Name, RdataType], Awaitable[Message]]
Anchors = dict[Name, RRset]


class _EndError(Exception):
    """The chain ends here; ``args[0]`` is the state of the answer."""


def read_anchors(path: str) -> Anchors:
    """Return the trust anchors of a file of DS records, those of the root without one.

    Raises:
        FileError: It cannot be read, or holds none.
    """
    text = content(path).decode("utf-8", "replace") if path else ROOT
    try:
        return _parsed(text)
    except (dns.exception.DNSException, ValueError) as error:
        raise FileError(path, f"it holds no DS records: {error}") from error


@lru_cache(maxsize=16)
def _parsed(text: str) -> Anchors:
    found = dns.zonefile.read_rrsets(text, rdclass=None, default_ttl=0)
    anchors = {rrset.name: rrset for rrset in found if rrset.rdtype == DS}
    if not anchors:
        raise ValueError("not one")
    return anchors


async def validate(ask: Ask, answer: Message, anchors: Anchors, now_s: float) -> str:
    """Return the state of an answer: secure, insecure, bogus or indeterminate.

    ``ask`` brings what a name has of a type, with signatures, whatever the one asked thinks of them.
    """
    records = [each for each in answer.answer if each.rdtype != RRSIG]
    if not records:
        return INDETERMINATE
    chain = _Chain(ask, anchors, now_s)
    found = {await chain.state(each, answer.answer) for each in records}
    return next(each for each in (BOGUS, INDETERMINATE, INSECURE, SECURE) if each in found)


class _Chain:
    def __init__(self, ask: Ask, anchors: Anchors, now_s: float) -> None:
        self._ask, self._anchors, self._now_s = ask, anchors, now_s
        self._known: dict[tuple[Name, RdataType], Message] = {}

    async def state(self, rrset: RRset, section: list[RRset]) -> str:
        """Return the state of one set of records of an answer."""
        try:
            zone, keys = await self._zone_of(rrset.name)
            signed = self._verify(rrset, section, zone, keys)
        except _EndError as end:
            return str(end.args[0])
        except dns.exception.DNSException:
            return BOGUS
        # fewer labels than the owner has: a wildcard stands for it
        return SECURE if signed >= len(rrset.name.labels) - 1 else INDETERMINATE

    async def _zone_of(self, owner: Name) -> tuple[Name, RRset]:
        """Return the zone that a name is in, with the keys that an anchor vouches for."""
        above = [name for name in self._anchors if owner.is_subdomain(name)]
        if not above:
            raise _EndError(INDETERMINATE)
        zone = max(above, key=lambda name: len(name.labels))
        keys = await self._keys(zone, self._anchors[zone])
        for count in range(len(zone.labels) + 1, len(owner.labels) + 1):
            name = Name(owner.labels[-count:])
            answer = await self._asked(name, DS)
            records = _find(answer.answer, name, DS)
            if records is not None:
                self._verify(records, answer.answer, zone, keys)
                zone, keys = name, await self._keys(name, records)
            elif (alias := _find(answer.answer, name, CNAME)) is not None:
                self._verify(alias, answer.answer, zone, keys)  # an alias is no zone
            elif self._is_cut(answer.authority, name, zone, keys):
                raise _EndError(INSECURE)
        return zone, keys

    async def _keys(self, zone: Name, records: RRset) -> RRset:
        """Return the keys of a zone, signed by one of those on record above it."""
        answer = await self._asked(zone, DNSKEY)
        keys = _find(answer.answer, zone, DNSKEY)
        if keys is None or len(keys) > _RECORDS or len(records) > _RECORDS:
            raise _EndError(BOGUS)
        if not any(_speaks(record) for record in records):
            raise _EndError(INSECURE)  # all of a form that nobody here can check (RFC 4035 5.2)
        vouched = RRset(zone, keys.rdclass, DNSKEY)
        for key in keys:
            if key.flags & _ZONE_KEY and not key.flags & _REVOKED and _on_record(zone, key, records):
                vouched.add(key)
        self._verify(keys, answer.answer, zone, vouched)
        return keys

    def _verify(self, rrset: RRset, section: list[RRset], zone: Name, keys: RRset) -> int:
        """Return the count of labels that a good signature was made over.

        Raises:
            _EndError: There is none.
        """
        signatures = _find(section, rrset.name, RRSIG, rrset.rdtype)
        if signatures is None or len(signatures) > _RECORDS:
            raise _EndError(BOGUS)
        for each in signatures:
            try:
                dns.dnssec.validate_rrsig(rrset, each, {zone: keys}, now=self._now_s)
            except dns.exception.DNSException:
                continue
            return int(each.labels)
        raise _EndError(BOGUS)

    def _is_cut(self, section: list[RRset], name: Name, zone: Name, keys: RRset) -> bool:
        """Return whether a name without keys on record is a zone of its own, as the zone above proves."""
        for rrset in section:
            if rrset.rdtype not in (NSEC, NSEC3) or not rrset.name.is_subdomain(zone):
                continue
            self._verify(rrset, section, zone, keys)
            shown = _by_name(rrset, name, zone) if rrset.rdtype == NSEC else _by_hash(rrset, name, zone)
            if shown is not None:
                return shown
        raise _EndError(BOGUS)

    async def _asked(self, name: Name, kind: RdataType) -> Message:
        key = (name, kind)
        if key not in self._known:
            if len(self._known) >= _QUESTIONS:
                raise _EndError(INDETERMINATE)
            self._known[key] = await self._ask(name, kind)
        answer = self._known[key]
        if answer.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            raise _EndError(INDETERMINATE)
        return answer


def _find(section: list[RRset], name: Name, kind: int, covers: int = 0) -> RRset | None:
    found = (each for each in section if each.name == name and each.rdtype == kind)
    return next((each for each in found if not covers or each.covers == covers), None)


def _speaks(record: dns.rdata.Rdata) -> bool:
    try:
        dns.dnssec.get_algorithm_cls(record.algorithm)  # type: ignore[attr-defined]
    except dns.exception.DNSException:
        return False
    return bool(dns.dnssec.default_policy.ok_to_validate_ds(record.digest_type))  # type: ignore[attr-defined]


def _on_record(zone: Name, key: dns.rdata.Rdata, records: RRset) -> bool:
    tag = dns.dnssec.key_id(key)  # type: ignore[arg-type]
    for record in records:
        if record.key_tag != tag or record.algorithm != key.algorithm:  # type: ignore[attr-defined]
            continue
        try:
            if dns.dnssec.make_ds(zone, key, record.digest_type, validating=True) == record:
                return True
        except dns.exception.DNSException:
            continue
    return False


def _types(record: dns.rdata.Rdata) -> Iterator[int]:
    for window, bitmap in record.windows:  # type: ignore[attr-defined]
        for place, byte in enumerate(bitmap):
            yield from (window * 256 + place * 8 + bit for bit in range(8) if byte & 0x80 >> bit)


def _delegates(record: dns.rdata.Rdata) -> bool | None:
    """Return whether a name is a zone without keys on record; None where its own side speaks, or lies."""
    types = set(_types(record))
    if SOA in types or DS in types:
        return None
    return NS in types


def _by_name(rrset: RRset, name: Name, zone: Name) -> bool | None:
    record = rrset[0]
    if rrset.name == name:
        return _delegates(record)
    return False if rrset.name < name and (name < record.next or record.next == zone) else None


def _by_hash(rrset: RRset, name: Name, zone: Name) -> bool | None:
    record = rrset[0]
    if record.iterations > _ITERATIONS or rrset.name.parent() != zone:
        return None
    wanted = dns.dnssec.nsec3_hash(name, record.salt, record.iterations, record.algorithm).lower()
    owner = rrset.name.labels[0].decode(errors="replace").lower()
    following = b32hexencode(record.next).decode().rstrip("=").lower()
    if owner == wanted:
        return _delegates(record)
    last = following <= owner  # the end of the circle
    between = wanted > owner or wanted < following if last else owner < wanted < following
    return bool(record.flags & 1) if between else None  # with opt-out there may be a zone without keys

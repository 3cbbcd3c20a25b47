"""Which addresses may be connected to: every outbound connection is judged here, on its final address.

``operator`` is the one who configures checks: private networks are theirs to ask, unless denied.
``stranger`` is anyone else who can name an address: public unicast only. What no check ever needs
(link-local, where clouds keep their metadata; multicast; unspecified) is refused to both. An address
that carries another one inside (mapped, NAT64, 6to4, Teredo, ISATAP) is judged by both.

Sources: the IANA special-purpose registries (RFC 6890, RFC 8190), RFC 4291, 6052, 3056, 4380, 5214.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Literal

Policy = Literal["operator", "stranger"]
Address = IPv4Address | IPv6Address

_METADATA = {
    IPv4Address("169.254.169.254"),  # most clouds
    IPv4Address("169.254.170.2"),  # container credentials
    IPv4Address("100.100.100.200"),
    IPv4Address("168.63.129.16"),
    IPv4Address("192.0.0.192"),
    IPv6Address("fd00:ec2::254"),
    IPv6Address("fd00:ec2::23"),
    IPv6Address("fd00:c1::a9fe:a9fe"),
    IPv6Address("fd20:ce::254"),
}
_NEVER = {
    "unspecified": ("0.0.0.0/8", "::/128"),
    "link-local": ("169.254.0.0/16", "fe80::/10"),
    "multicast": ("224.0.0.0/4", "ff00::/8"),
    "broadcast": ("255.255.255.255/32",),
}
_PRIVATE = {
    "loopback": ("127.0.0.0/8", "::1/128"),
    "private": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fec0::/10"),
    "reserved": (
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "240.0.0.0/4",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
    ),
}
_GLOBAL_V6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")
_LOW_96_ARE_FIXED = (IPv6Network("::/96"), IPv6Network("::ffff:0:0/96"), IPv6Network("::ffff:0:0:0/96"))
_ISATAP = (0x00005EFE, 0x02005EFE)


def _networks(table: dict[str, tuple[str, ...]], version: int) -> list[tuple[int, int, str]]:
    found = []
    for word, texts in table.items():
        for text in texts:
            network = IPv6Network(text) if ":" in text else IPv4Network(text)
            if network.version == version:
                found.append((int(network.netmask), int(network.network_address), word))
    return found


_NEVER_BY_VERSION = {version: _networks(_NEVER, version) for version in (4, 6)}
_PRIVATE_BY_VERSION = {version: _networks(_PRIVATE, version) for version in (4, 6)}


class GuardError(Exception):
    """An address that may not be connected to; ``address`` is it, ``kind`` the word for what it is."""

    def __init__(self, address: str, kind: str) -> None:
        super().__init__(f"{address} is refused: it is a {kind} address.")
        self.address = address
        self.kind = kind


@dataclass(frozen=True)
class Guard:
    """The judge of addresses under one policy."""

    policy: Policy = "operator"
    deny_private: bool = False

    def refusal(self, address: str) -> str | None:
        """Return what a numeric address is that may not be connected to, or None where it may."""
        return _judge(address, self.policy == "stranger" or self.deny_private)

    def check(self, address: str) -> None:
        """Do nothing where a numeric address may be connected to.

        Raises:
            GuardError: It may not.
        """
        kind = self.refusal(address)
        if kind is not None:
            raise GuardError(address, kind)


@lru_cache(maxsize=8192)
def _judge(text: str, public_only: bool) -> str | None:
    try:
        address = ip_address(text)
    except ValueError:
        return "unreadable"  # fails closed: a resolver's answer is never text of another kind
    for each in (address, *_embedded(address)):
        kind = _judge_one(each, public_only)
        if kind is not None:
            return kind
    return None


def _judge_one(address: Address, public_only: bool) -> str | None:
    if address in _METADATA:
        return "cloud metadata"
    kind = _find(address, _NEVER_BY_VERSION)
    if kind is None and public_only:
        kind = _find(address, _PRIVATE_BY_VERSION)
        if kind is None and address.version == 6 and not _public_form(address):
            kind = "reserved"
    return kind


def _public_form(address: IPv6Address) -> bool:
    # a form that carries IPv4 is as public as what it carries, which is judged by itself
    return address in _GLOBAL_V6 or address in _NAT64 or any(address in each for each in _LOW_96_ARE_FIXED)


def _find(address: Address, tables: dict[int, list[tuple[int, int, str]]]) -> str | None:
    number = int(address)
    for mask, network, kind in tables[address.version]:
        if number & mask == network:
            return kind
    return None


def _embedded(address: Address) -> list[IPv4Address]:
    """Return the IPv4 addresses that an IPv6 address carries: where its packets may really go."""
    if address.version == 4:
        return []
    number = int(address)
    low = IPv4Address(number & 0xFFFFFFFF)
    if any(address in each for each in _LOW_96_ARE_FIXED):
        return [low] if number > 1 else []
    if address in _NAT64 or (number >> 32) & 0xFFFFFFFF in _ISATAP:
        return [low]
    if address in _LOCAL_NAT64:
        # RFC 6052 for a /48: bits 48-63 and 72-87
        return [low, IPv4Address((number >> 64 & 0xFFFF) << 16 | number >> 40 & 0xFFFF)]
    if address.sixtofour is not None:
        return [address.sixtofour]
    return list(address.teredo or ())

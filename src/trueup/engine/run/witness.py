"""Who can tell whether our own network lives: the way out of this machine, and whom it asks for names."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from urllib.parse import urlsplit

_PORT = 53  # what a gateway serves or refuses; a refusal is an answer too
_GATEWAY = 0x2  # RTF_GATEWAY of linux/route.h


def host_of(target: str) -> str:
    """Return the host of a target, be it an address with a scheme or ``host:port``."""
    try:
        return urlsplit(target if "://" in target else f"//{target}").hostname or target
    except ValueError:
        return target


def with_port(witness: str) -> str:
    """Return a witness as ``host:port``; one that was named without a port is asked on that of DNS."""
    if witness.startswith("["):
        return f"{witness}:{_PORT}" if witness.endswith("]") else witness
    if witness.count(":") > 1:  # an IPv6 address alone
        return f"[{witness}]:{_PORT}"
    return witness if ":" in witness else f"{witness}:{_PORT}"


def is_loopback(host: str) -> bool:
    """Return whether a host, by name or number, is this machine itself."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ip_address(name.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback


class NetworkOfThisMachine:
    """The default gateways and the resolvers, read anew each time: machines move between networks.

    A gateway or resolver that has just vanished is named again: it is missed, not gone. Resolvers on
    loopback are none: they answer without any network. Nor are gateways on link-local addresses, which
    ``net.guard`` lets nobody ask.
    """

    def __init__(
        self,
        route: Path = Path("/proc/net/route"),
        route6: Path = Path("/proc/net/ipv6_route"),
        resolv: Iterable[Path] = (Path("/etc/resolv.conf"), Path("/run/systemd/resolve/resolv.conf")),
    ) -> None:
        self._route = route
        self._route6 = route6
        self._resolv = tuple(resolv)
        self._gateways: tuple[str, ...] = ()
        self._resolvers: tuple[str, ...] = ()

    def __call__(self) -> tuple[str, ...]:
        """Return the witnesses as ``host:port``."""
        found = gateways(_text(self._route)) + gateways6(_text(self._route6))
        self._gateways = found or self._gateways
        for path in self._resolv:
            found = resolvers(_text(path))
            if found:
                self._resolvers = found
                break
        return tuple(dict.fromkeys(with_port(host) for host in self._gateways + self._resolvers))


def gateways(route: str) -> tuple[str, ...]:
    """Return the default gateways of a ``/proc/net/route``."""
    found = []
    for line in route.splitlines()[1:]:
        fields = line.split()
        if len(fields) >= 4 and fields[1] == "00000000" and int(fields[3], 16) & _GATEWAY:
            found.append(socket.inet_ntoa(struct.pack("=I", int(fields[2], 16))))  # in the host's order
    return tuple(found)


def gateways6(route: str) -> tuple[str, ...]:
    """Return the default gateways of a ``/proc/net/ipv6_route`` that are not on link-local addresses."""
    found = []
    for line in route.splitlines():
        fields = line.split()  # destination, its prefix, source, its prefix, next hop, ..., flags, device
        if len(fields) < 10 or int(fields[0], 16) or int(fields[1], 16):
            continue
        gateway = IPv6Address(int(fields[4], 16))
        if int(fields[8], 16) & _GATEWAY and not gateway.is_link_local:
            found.append(str(gateway))
    return tuple(found)


def resolvers(resolv: str) -> tuple[str, ...]:
    """Return the resolvers of a ``resolv.conf`` that are not on loopback."""
    found = []
    for line in resolv.splitlines():
        fields = line.split()
        if len(fields) >= 2 and fields[0] == "nameserver" and not is_loopback(fields[1]):
            found.append(fields[1])
    return tuple(found)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""  # a machine without this file has no such witness

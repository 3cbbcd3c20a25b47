"""From where a request comes: the address of the client, through proxies that we were told to trust."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.http import HttpRequest

from trueup import conf

_V6_PREFIX = 64  # bits: who has one address of such a network has all of them


def address(request: HttpRequest) -> str:
    """Return the address of who asks: the last one that no proxy of ours gave; empty where it has none."""
    proxies = _networks(conf.current().trusted_proxies)
    found = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if proxies else ""
    for said in reversed([each.strip() for each in forwarded.split(",") if each.strip()]):
        if not _within(found, proxies) or _parsed(said) is None:
            break
        found = said
    return found


def place(request: HttpRequest) -> str:
    """Return what one who asks cannot change at will: the address, of IPv6 its network."""
    found = address(request)
    parsed = _parsed(found)
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network((int(parsed), _V6_PREFIX), strict=False))
    return found


def is_secure(request: HttpRequest) -> bool:
    """Return whether it came over HTTPS, as far as we, or a proxy of ours, can tell."""
    if request.is_secure():
        return True
    proxies = _networks(conf.current().trusted_proxies)
    said = str(request.META.get("HTTP_X_FORWARDED_PROTO", "")).split(",")[-1].strip().lower()
    return said == "https" and _within(str(request.META.get("REMOTE_ADDR", "")), proxies)


@lru_cache(maxsize=4)
def _networks(written: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(map(ip_network, written))


def _within(text: str, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    parsed = _parsed(text)
    return parsed is not None and any(parsed in each for each in networks if each.version == parsed.version)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None

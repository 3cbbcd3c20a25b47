"""Addresses as written in a configuration or a Location: read, checked and made plain ASCII."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from trueup.domain.spec import MASK

_DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_SECURE = ("https", "wss")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x20\x7f]")
# what a browser leaves as it is in a path and a query; a % is taken to be an escape already
_PATH, _QUERY = "/%:@!$&'()*+,;=~-._[]|", "/?%:@!$&'()*+,;=~-._[]|{}"


class AddressError(ValueError):
    """An address that cannot be asked; the message is about the address, without repeating it."""


@dataclass(frozen=True, slots=True)
class Url:
    """A web address in ASCII: ``text`` is the whole, without fragment."""

    scheme: str
    host: str
    port: int
    text: str

    @property
    def secure(self) -> bool:
        """Return whether it is asked over TLS."""
        return self.scheme in _SECURE

    @property
    def origin(self) -> tuple[str, str, int]:
        """Return what credentials belong to: scheme, host and port."""
        return self.scheme, self.host, self.port


def shown(text: str) -> str:
    """Return an address as a message may repeat it: what stands before an ``@`` may be a password."""
    scheme, mark, rest = text.partition("://")
    if not _SCHEME.fullmatch(scheme):
        scheme, mark, rest = "", "", text
    _, at, place = rest.rpartition("@")
    return f"{scheme}{mark}{MASK}@{place}" if at else text


def read_url(text: str, schemes: tuple[str, ...]) -> Url:
    """Return a web address.

    Raises:
        AddressError: It has another scheme, no host, a user name, or signs that no address has.
    """
    if _CONTROL.search(text):
        raise AddressError("it holds a space or a control character; write a space as %20.")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        # Python's own words may repeat a part of it, and that part may be a password
        raise AddressError(
            "its port is no number of 1 to 65535, or its host no name and no address."
        ) from error
    scheme = parts.scheme.lower()
    if scheme not in schemes:
        raise AddressError(f"it must begin with {' or '.join(f'{each}://' for each in schemes)}.")
    if "@" in parts.netloc:
        raise AddressError("it holds a user name; write the options username and password instead.")
    if port == 0:
        raise AddressError("its port is 0.")
    host = ascii_host(parts.hostname or "")
    shown = f"[{host}]" if ":" in host else host
    if port and port != _DEFAULT_PORTS[scheme]:
        shown += f":{port}"
    path = quote(parts.path or "/", safe=_PATH)
    query = "?" + quote(parts.query, safe=_QUERY) if parts.query else ""
    return Url(scheme, host, port or _DEFAULT_PORTS[scheme], f"{scheme}://{shown}{path}{query}")


def read_endpoint(text: str, default_port: int | None = None) -> tuple[str, int]:
    """Return host and port of ``HOST:PORT`` or ``[ADDRESS]:PORT``.

    Raises:
        AddressError: There is no host, or no port of 1 to 65535.
    """
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::(\d+))?", text)
    plain = re.fullmatch(r"([^:\[\]/@\s]*)(?::(\d+))?", text)
    found = bracketed or plain
    if found is None or not found[1]:
        raise AddressError("it is not HOST:PORT; write an IPv6 address in brackets.")
    port = int(found[2]) if found[2] else default_port
    if port is None or not 0 < port < 65_536:
        raise AddressError("it has no port of 1 to 65535.")
    return ascii_host(found[1]), port


def ascii_host(host: str) -> str:
    """Return a host in lower case, one with other letters in its IDNA form.

    Raises:
        AddressError: It is no host.
    """
    if not host:
        raise AddressError("it has no host.")
    try:
        plain = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise AddressError(f"its host is no name that can be looked up: {error}.") from error
    labels = plain.rstrip(".").split(".")
    if ":" not in plain and not all(0 < len(label) < 64 for label in labels):
        raise AddressError("a part of its host is empty or longer than 63 signs.")
    return plain.lower()


def as_header(headers: Mapping[str, str]) -> list[bytes]:
    """Return header lines for libcurl; an empty value is sent as one."""
    return [(f"{name}: {value}" if value else f"{name};").encode() for name, value in headers.items()]

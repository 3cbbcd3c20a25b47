"""What HTTP and WebSocket share: credentials, certificates, the way to the server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pycurl

from trueup import __version__
from trueup.domain.option import OptionError, option
from trueup.domain.spec import Secret
from trueup.net.transfer import Request
from trueup.net.trust import authorities
from trueup.probes.address import AddressError, Url, as_header, read_endpoint, read_url, shown
from trueup.probes.base import CurlProbe

FAMILIES = {"any": 0, "ipv4": 4, "ipv6": 6}
_AGENT = f"trueup/{__version__}"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PROXIES = ("http", "socks5h")
_OWN = ("authorization", "cookie", "proxy-authorization")


def check_headers(field: str, headers: Mapping[str, str] | Mapping[str, Secret]) -> None:
    """Do nothing where headers can be sent.

    Raises:
        OptionError: A name is none, or a value would begin another line.
    """
    for name, value in headers.items():
        plain = value.reveal() if isinstance(value, Secret) else value
        if not _TOKEN.fullmatch(name):
            raise OptionError(field, f"{field}: {name!r} is no name of a header.")
        if any(ord(sign) < 32 and sign != "\t" for sign in plain):
            raise OptionError(field, f"{field}: the value of {name} holds a line break.")


@dataclass(frozen=True, kw_only=True)
class WebProbe(CurlProbe):
    """A question that begins with an HTTP request."""

    headers: Mapping[str, str] = option({}, "Headers to send, by name.")
    secret_headers: Mapping[str, Secret] = option({}, "Headers whose values are secret; stored encrypted.")
    username: str = option("", "The user of basic authentication.")
    password: Secret | None = option(None, "The password of basic authentication.")
    token: Secret | None = option(None, "The token of bearer authentication.")
    ip: str = option("any", "Which addresses are asked; any tries IPv4 first.", choices=tuple(FAMILIES))
    connect_to: str = option(
        "", "HOST:PORT to connect to instead; Host, SNI and the certificate's name stay."
    )
    proxy: str = option("", "The proxy to ask through: http://HOST:PORT or socks5h://HOST:PORT.")
    proxy_username: str = option("", "The user of the proxy.")
    proxy_password: Secret | None = option(None, "The password of the proxy.")
    ca: str = option("", "A file of certificate authorities to trust instead of the system's.", form="file")
    client_certificate: str = option("", "A PEM file with the certificate to show, and its key.", form="file")
    client_key: str = option("", "A PEM file with the key, where it stands apart.", form="file")
    client_key_password: Secret | None = option(None, "The password of the key.")
    insecure: bool = option(False, "Accept any certificate: the answer counts, whoever gives it.")

    def __post_init__(self) -> None:
        self.url  # noqa: B018 - reads the target, and refuses it
        check_headers("headers", self.headers)
        check_headers("secret_headers", self.secret_headers)
        if self.token and self.username:
            raise OptionError("token", "token: there is a username as well; a request has one Authorization.")
        if self.password and not self.username:
            raise OptionError("password", "password: there is no username it belongs to.")
        for field in ("username", "proxy_username"):
            if ":" in getattr(self, field) or not getattr(self, field).isprintable():
                raise OptionError(field, f"{field}: it holds a colon or a sign that cannot be printed.")
        for field in ("password", "token", "proxy_password", "client_key_password"):
            secret = getattr(self, field)
            if secret and any(ord(sign) < 32 for sign in secret.reveal()):
                raise OptionError(field, f"{field}: it holds a line break or another control character.")
        if self.proxy and self.connect_to:
            raise OptionError("proxy", "proxy: a check connects to a proxy or to connect_to, not to both.")
        self._way  # noqa: B018 - reads connect_to and proxy, and refuses them

    @property
    def schemes(self) -> tuple[str, ...]:
        """Return the schemes a target may have."""
        return ("http", "https")

    @cached_property
    def url(self) -> Url:
        """Return the target as it is asked."""
        try:
            return read_url(self.target, self.schemes)
        except AddressError as error:
            raise OptionError("target", f"{shown(self.target)!r} cannot be asked: {error}") from error

    @cached_property
    def _way(self) -> tuple[str, str, int]:
        """Return the proxy's scheme, or none, with the host and port to connect to."""
        scheme, text, name = "", self.connect_to, "connect_to"
        if self.proxy:
            name = "proxy"
            scheme, _, text = self.proxy.rstrip("/").partition("://")
            if scheme not in _PROXIES:
                raise OptionError(
                    "proxy", f"proxy: {shown(self.proxy)!r} does not begin with http:// or socks5h://."
                )
        try:
            return scheme, *(read_endpoint(text) if text else (self.url.host, self.url.port))
        except AddressError as error:
            raise OptionError(name, f"{name}: {shown(text)!r} cannot be connected to: {error}") from error

    def to(self, url: Url, name: str, options: list[tuple[int, Any]], **more: Any) -> Request:
        """Return a request for an address; what is only for the target's origin goes there alone."""
        own = url.origin == self.url.origin
        scheme, host, port = self._way if own or self.proxy else ("", url.host, url.port)
        if self.proxy:
            options = [*options, *self._proxy_options()]
        if url.secure:
            options = [*options, *self._tls_options(own)]
        options = [(pycurl.URL, url.text), *options]
        if own and self.username:
            secret = self.password.reveal() if self.password else ""
            options += [(pycurl.USERNAME, self.username.encode()), (pycurl.PASSWORD, secret.encode())]
        return Request(
            name=name,
            url=url.text,
            host=host,
            port=port,
            options=tuple(options),
            family=FAMILIES[self.ip],
            proxy=scheme,
            beyond=url.host if scheme else "",
            tls=url.secure,
            authorities=authorities(self.ca) if self.ca and url.secure else b"",
            **more,
        )

    def header_lines(self, url: Url, more: Mapping[str, str]) -> list[bytes]:
        """Return the headers for an address; those that prove who we are go to the target's origin only."""
        own = url.origin == self.url.origin
        sent = {"User-Agent": _AGENT, **more}
        sent |= {name: value for name, value in self.headers.items() if own or name.lower() not in _OWN}
        if own:
            sent |= {name: value.reveal() for name, value in self.secret_headers.items()}
            if self.token:
                sent["Authorization"] = f"Bearer {self.token.reveal()}"
        # a name has no case: the last one written stands
        by_name = {name.lower(): (name, value) for name, value in sent.items()}
        return as_header(dict(by_name.values()))

    def _proxy_options(self) -> list[tuple[int, Any]]:
        secret = self.proxy_password.reveal() if self.proxy_password else ""
        if not self.proxy_username:
            return []
        return [
            (pycurl.PROXYUSERNAME, self.proxy_username.encode()),
            (pycurl.PROXYPASSWORD, secret.encode()),
        ]

    def _tls_options(self, own: bool) -> list[tuple[int, Any]]:
        options: list[tuple[int, Any]] = []
        if self.insecure:
            options += [(pycurl.SSL_VERIFYPEER, 0), (pycurl.SSL_VERIFYHOST, 0)]
        if own and self.client_certificate:
            options.append((pycurl.SSLCERT, self.client_certificate))
            if self.client_key:
                options.append((pycurl.SSLKEY, self.client_key))
            # always, an empty one too: OpenSSL would ask the terminal, and everything would wait
            secret = self.client_key_password.reveal() if self.client_key_password else ""
            options.append((pycurl.KEYPASSWD, secret.encode()))
        return options

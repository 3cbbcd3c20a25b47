"""HTTP and HTTPS: one request, its redirects, one whole answer."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, ClassVar

import pycurl

from trueup.domain.option import OptionError, option
from trueup.domain.result import Certificate, Facts, FailureClass, Phases
from trueup.domain.spec import Secret
from trueup.net.transfer import Plain, Request, Transfer
from trueup.probes.address import Url
from trueup.probes.base import ProbeError, register
from trueup.probes.header import Headers
from trueup.probes.measure import certificate
from trueup.probes.redirect import check_way, redirected
from trueup.probes.web import WebProbe

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_WITH_BODY = ("POST", "PUT", "PATCH")  # they say that it is empty, too
_VERSIONS = {
    "any": pycurl.CURL_HTTP_VERSION_NONE,
    "1.1": pycurl.CURL_HTTP_VERSION_1_1,
    "2": pycurl.CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE,
}
_SPOKEN = {1: "1.0", 2: "1.1", 3: "2", 30: "3"}


@register
@dataclass(frozen=True, kw_only=True)
class HttpProbe(WebProbe):
    """Asks a web address and reads the whole answer, at most up to a cap.

    Redirects are followed unless told otherwise; credentials stay with the origin they were given for.
    """

    kind: ClassVar[str] = "http"
    target_form: ClassVar[str] = "http://HOST:PORT/"
    default_expect: ClassVar[tuple[str, ...]] = ("status in 200..399",)
    provides: ClassVar[Mapping[str, type]] = {
        "status": int,
        "header": Mapping,
        "body": str,
        "$": object,
        "latency": timedelta,
        "certificate": Certificate,
        "size": int,
        "version": str,
        "redirects": int,
        "url": str,
    }

    method: str = option("GET", "The method of the request.", choices=_METHODS)
    body: Secret | None = option(None, "The body of the request.")
    follow: bool = option(True, "Follow redirects.")
    max_redirects: int = option(10, "How many redirects are followed, 0 to 50.")
    version: str = option(
        "any",
        "The version of HTTP; any is 2 where the server offers it over TLS.",
        choices=tuple(_VERSIONS),
    )
    max_body: int = option(1_000_000, "How much of the body is read, 1 kB to 64 MB.", form="size")
    larger: str = option("cut", "What a larger body is: cut there, or a failure.", choices=("cut", "fail"))

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.max_redirects <= 50:
            raise OptionError("max_redirects", f"max_redirects: {self.max_redirects} is not from 0 to 50.")
        if not 1_000 <= self.max_body <= 64_000_000:
            raise OptionError("max_body", f"max_body: {self.max_body} B is not from 1 kB to 64 MB.")
        if self._content and self.method in ("GET", "HEAD"):
            raise OptionError("body", f"body: {self.method} has none; choose another method.")

    @property
    def _content(self) -> bytes:
        return self.body.reveal().encode() if self.body else b""

    @property
    def asks(self) -> str:
        """Return method and address."""
        return f"{self.method} {self.url.text}"

    def request(self) -> Request:
        """Return the first request; it is the same each time, unless a file may have changed."""
        return self._hop(self.url, self.method) if self.ca else self._first

    @property
    def standing(self) -> Request | None:
        """Return the first request, unless a file may have changed."""
        return None if self.ca else self._first

    @cached_property
    def _first(self) -> Request:
        return self._hop(self.url, self.method)

    def _hop(self, url: Url, method: str) -> Request:
        options: list[tuple[int, Any]] = []
        if self.version != "any":  # which is what libcurl does unasked
            options.append((pycurl.HTTP_VERSION, _VERSIONS[self.version]))
        if method == "HEAD":
            options.append((pycurl.NOBODY, 1))
        elif method != "GET":
            if self._content or method in _WITH_BODY:
                options.append((pycurl.POSTFIELDS, self._content))
            options.append((pycurl.CUSTOMREQUEST, method))
        if self.larger == "fail":
            options.append((pycurl.MAXFILESIZE, self.max_body))
        more = {"Connection": "close"} if self.version != "2" else {}
        lines = self.header_lines(url, more)
        if not any(line.lower().startswith(b"content-type:") for line in lines):
            lines.append(b"Content-Type:")  # else libcurl calls every body a form
        options.append((pycurl.HTTPHEADER, lines))
        name = f"{method} {url.text}"
        request = self.to(url, name, options, limit=self.max_body, cut=self.larger == "cut")
        return self._sharing(request, url)

    def _sharing(self, request: Request, url: Url) -> Request:
        """Return a request that differs from most others by its URL alone as such, any other as it is."""
        own = self.headers or self.secret_headers or self.token or request.tls or request.proxy
        if own or len(request.options) > 2 or (request.host, request.port) != (url.host, url.port):
            return request
        plain = Plain() if request.name.startswith("GET ") else None
        return dataclasses.replace(
            request, options=request.options[:1], shared=request.options[1:], plain=plain
        )

    def following(self, transfer: Transfer, hops: tuple[Request, ...]) -> Request | None:
        """Return the request that an answer redirects to."""
        found = redirected(transfer) if self.follow else None
        if found is None:
            return None  # the answer itself; expectations judge its status
        url, method = found
        check_way(url, method, (*hops, transfer.request), self.max_redirects)
        if self._content and method == self.method and url.origin != self.url.origin:
            raise ProbeError(
                FailureClass.REDIRECT, "redirect.body", status=transfer.status, location=url.text
            )
        return self._hop(url, method)

    def facts(self, transfer: Transfer, phases: Phases) -> Facts:
        """Return status, headers, body and certificate of the last answer."""
        values = {
            "status": transfer.status,
            "header": Headers(transfer.headers),
            "size": transfer.size,
            "version": _SPOKEN.get(transfer.version, "?"),
            "url": transfer.request.url,
            "redirects": transfer.hops,
        }
        return Facts(
            values=values,
            phases=phases,
            address=transfer.address,
            body=transfer.body,
            body_truncated=transfer.cut,
            certificate=certificate(transfer) if transfer.request.tls else None,
        )

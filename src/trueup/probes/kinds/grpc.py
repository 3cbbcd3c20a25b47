"""gRPC: what the standard health service says of a server or of one of its services."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import unquote

import pycurl

from trueup import __version__
from trueup.domain.option import OptionError, option
from trueup.domain.result import Certificate, Facts, FailureClass, Phases
from trueup.domain.spec import Secret
from trueup.net.transfer import Request, Transfer
from trueup.net.trust import authorities
from trueup.probes.address import as_header
from trueup.probes.base import CurlProbe, ProbeError, register
from trueup.probes.header import Headers
from trueup.probes.measure import certificate
from trueup.probes.stream import StreamProbe, words

_METHOD = "/grpc.health.v1.Health/Check"
_LIMIT = 64_000
_SERVING = ("UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN")
_CODES = (
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
    "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
    "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
)  # fmt: skip
_NAME = re.compile(r"[0-9a-z_.-]+")
_AUTHORITY = re.compile(r"[0-9A-Za-z._:\[\]-]*")


@register
@dataclass(frozen=True, kw_only=True)
class GrpcProbe(StreamProbe, CurlProbe):
    """Asks the health service of a gRPC server (``grpc.health.v1``), over HTTP/2 with or without TLS."""

    kind: ClassVar[str] = "grpc"
    target_form: ClassVar[str] = "HOST:PORT"
    schemes: ClassVar[tuple[str, ...]] = ("grpc", "dns")
    default_expect: ClassVar[tuple[str, ...]] = ('code == "OK"', 'serving == "SERVING"')
    provides: ClassVar[Mapping[str, type]] = {
        "serving": str,
        "code": str,
        "status": int,
        "message": str,
        "latency": timedelta,
        "certificate": Certificate,
    }

    service: str = option("", "The name of the service to ask for; without one, the server as a whole.")
    secure: bool = option(False, "Speak TLS.")
    authority: str = option("", "The name to ask for (:authority), where it is not the target.")
    metadata: Mapping[str, str] = option({}, "Metadata to send, by name.")
    secret_metadata: Mapping[str, Secret] = option({}, "Metadata whose values are secret; stored encrypted.")

    def __post_init__(self) -> None:
        super().__post_init__()
        for field in ("metadata", "secret_metadata"):
            for name, value in getattr(self, field).items():
                plain = value.reveal() if isinstance(value, Secret) else value
                if not _NAME.fullmatch(name) or name.startswith("grpc-"):
                    raise OptionError(
                        field, f"{field}: {name!r} is no name of metadata: a-z, 0-9, _ . - and not grpc-..."
                    )
                if not plain.isascii() or not plain.isprintable():
                    raise OptionError(field, f"{field}: the value of {name} is not printable ASCII.")
        if not _AUTHORITY.fullmatch(self.authority):
            raise OptionError("authority", f"authority: {self.authority!r} is no HOST or HOST:PORT.")

    @property
    def asks(self) -> str:
        """Return what is asked for."""
        return f"{super().asks} for the health of {self.service or 'the server'}"

    def request(self) -> Request:
        """Return the request; it is the same each time, unless a file may have changed."""
        return self._request() if self.ca else self._first

    @cached_property
    def _first(self) -> Request:
        return self._request()

    def _request(self) -> Request:
        host, port = self.place
        name = _bracketed(self.server_name or host)
        url = f"{'https' if self.secure else 'http'}://{name}:{port}{_METHOD}"
        sent = {
            "Host": self.authority or f"{_bracketed(host)}:{port}",
            "Content-Type": "application/grpc",
            "TE": "trailers",
            "User-Agent": f"trueup/{__version__}",
            **self.metadata,
            **{name: value.reveal() for name, value in self.secret_metadata.items()},
        }
        options: list[tuple[int, Any]] = [
            (pycurl.URL, url),
            (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE),
            (pycurl.POSTFIELDS, _question(self.service)),
            (pycurl.HTTPHEADER, as_header(sent)),
        ]
        if self.secure:
            options += self._tls_options()
        return Request(
            name=self.asks,
            url=url,
            host=host,
            port=port,
            options=tuple(options),
            family=self.family,
            tls=self.secure,
            authorities=authorities(self.ca) if self.ca and self.secure else b"",
            limit=_LIMIT,
            cut=False,
        )

    def _tls_options(self) -> list[tuple[int, Any]]:
        options: list[tuple[int, Any]] = []
        if self.insecure:
            options += [(pycurl.SSL_VERIFYPEER, 0), (pycurl.SSL_VERIFYHOST, 0)]
        if self.client_certificate:
            options.append((pycurl.SSLCERT, self.client_certificate))
            options.append((pycurl.KEYPASSWD, b""))  # else OpenSSL asks the terminal for it
            if self.client_key:
                options.append((pycurl.SSLKEY, self.client_key))
        return options

    def facts(self, transfer: Transfer, phases: Phases) -> Facts:
        """Return what the health service said, and how the call ended."""
        headers = Headers(transfer.headers)
        kind = headers.get("content-type", "")
        if transfer.status != 200 or not kind.startswith("application/grpc"):
            raise _strange(f"status {transfer.status}{f', {kind}' if kind else ''}")
        number = headers.get("grpc-status", "")
        if not number.isdecimal() or len(number) > 3:
            raise _strange("it ended without a grpc-status")
        code = int(number)
        message = words(unquote(headers.get("grpc-message", "")).encode())
        values: dict[str, Any] = {
            "status": code,
            "code": _CODES[code] if code < len(_CODES) else number,
            "message": message,
        }
        if code == 0:
            values["serving"] = _answer(transfer.body)
        return Facts(
            values=values,
            phases=phases,
            address=transfer.address,
            body=message.encode() if message else None,
            certificate=certificate(transfer) if transfer.request.tls else None,
        )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _question(service: str) -> bytes:
    """Return the message HealthCheckRequest: the service's name is its field 1."""
    name = service.encode()
    return _framed(b"\x0a" + _varint(len(name)) + name if name else b"")


def _framed(message: bytes) -> bytes:
    return b"\0" + len(message).to_bytes(4, "big") + message


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes((*found, number))


def _answer(body: bytes) -> str:
    """Return the state in a HealthCheckResponse: a number in its field 1, 0 where it is left out."""
    size = int.from_bytes(body[1:5], "big")
    if len(body) < 5 or body[0] or len(body) != size + 5:
        raise _strange(f"{words(repr(body[:20]).encode())} is no message of gRPC")
    message, state = body[5:], 0
    while message:
        tag, message = _number(message)
        if tag == 8:
            state, message = _number(message)
        else:  # a field of a later version
            message = _skipped(tag & 7, message)
    return _SERVING[state] if state < len(_SERVING) else str(state)


def _skipped(form: int, message: bytes) -> bytes:
    if form == 0:
        return _number(message)[1]
    size, rest = _number(message) if form == 2 else ({1: 8, 5: 4}.get(form, -1), message)
    if not 0 <= size <= len(rest):
        raise _strange("its message cannot be read")
    return rest[size:]


def _number(message: bytes) -> tuple[int, bytes]:
    found = 0
    for place, byte in enumerate(message[:10]):
        found |= (byte & 127) << 7 * place
        if byte < 128:
            return found, message[place + 1 :]
    raise _strange("its message cannot be read")


def _strange(reason: str) -> ProbeError:
    return ProbeError(FailureClass.PROTOCOL, "protocol.grpc", reason=reason)

"""What kinds share that talk on one connection of their own, plain or under TLS."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from trueup.domain.option import OptionError, option
from trueup.domain.result import FailureClass
from trueup.domain.spec import MASK
from trueup.net.connect import Reader
from trueup.net.tls import Tls
from trueup.probes.address import AddressError, read_endpoint, shown
from trueup.probes.base import Probe, ProbeError
from trueup.probes.web import FAMILIES

_HOST = re.compile(r"[0-9A-Za-z._:-]+")
ENCRYPT = ("offered", "required", "no")


@dataclass(frozen=True, kw_only=True)
class PlaceProbe(Probe):
    """A question to ``HOST:PORT``.

    ``default_port`` is taken where a target has none; ``schemes`` may stand before it.
    """

    default_port: ClassVar[int | None] = None
    schemes: ClassVar[tuple[str, ...]] = ()

    ip: str = option("any", "Which addresses are asked; any tries IPv4 first.", choices=tuple(FAMILIES))

    def __post_init__(self) -> None:
        self.place  # noqa: B018 - reads the target, and refuses it

    @property
    def asks(self) -> str:
        """Return the kind and what is connected to."""
        host, port = self.place
        return f"{self.kind} [{host}]:{port}" if ":" in host else f"{self.kind} {host}:{port}"

    @cached_property
    def place(self) -> tuple[str, int]:
        """Return the host and the port that are asked."""
        scheme, mark, rest = self.target.partition("://")
        text = (rest if mark and scheme.lower() in self.schemes else self.target).rstrip("/")
        try:
            if "@" in text and hasattr(self, "password"):
                raise AddressError("it holds a user name; write the options username and password instead.")
            if "/" in text and not mark:
                raise AddressError("it holds a path; write HOST:PORT, and the rest as options.")
            return read_endpoint(text, self.default_port)
        except AddressError as error:
            # what has the form NAME=VALUE may be a password
            safe = MASK if "=" in self.target else shown(self.target)
            raise OptionError("target", f"{safe!r} cannot be asked: {error}") from error

    @property
    def family(self) -> int:
        """Return the family of addresses that are asked: 4, 6 or 0 for either."""
        return FAMILIES[self.ip]


@dataclass(frozen=True, kw_only=True)
class StreamProbe(PlaceProbe):
    """A question on a connection that may be secured."""

    server_name: str = option("", "The name for TLS, where it is not the host.")
    ca: str = option("", "A file of certificate authorities to trust instead of the system's.", form="file")
    client_certificate: str = option("", "A PEM file with the certificate to show, and its key.", form="file")
    client_key: str = option("", "A PEM file with the key, where it stands apart.", form="file")
    insecure: bool = option(False, "Accept any certificate: the answer counts, whoever gives it.")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.server_name and not _HOST.fullmatch(self.server_name):
            message = f"server_name: {self.server_name!r} is no name of a host in ASCII (xn--...)."
            raise OptionError("server_name", message)

    def tls(self, *, verify: bool = True) -> Tls:
        """Return how the connection is secured; without ``verify`` by whomever answers."""
        insecure = self.insecure or not verify
        return Tls(self.server_name, self.ca, insecure, self.client_certificate, self.client_key)


async def read_line(reader: Reader, cap: int) -> bytes:
    """Return the next line without its end.

    Raises:
        ProbeError: It is longer than ``cap`` bytes.
        asyncio.IncompleteReadError: The connection ended first.
    """
    try:
        line = await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError:
        line = b""
    if not 0 < len(line) <= cap:
        raise ProbeError(FailureClass.TOO_LARGE, "too_large.message", cap=cap)
    return line.rstrip(b"\r\n")


def words(data: bytes, longest: int = 300) -> str:
    """Return what a server said as text for a sentence, cut where it is long."""
    text = data.decode(errors="replace").strip().rstrip(".")
    return text if len(text) <= longest else text[:longest] + " ..."

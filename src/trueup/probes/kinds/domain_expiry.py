"""Domains: until when they are registered, and with whom, as their registry says over RDAP (RFC 9083)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from time import monotonic
from typing import Any, ClassVar
from urllib.parse import urljoin

import pycurl

from trueup import __version__
from trueup.domain.expect.document import NotJsonError, TooDeepError, load
from trueup.domain.option import OptionError, option
from trueup.domain.result import Certificate, Facts, FailureClass, Phases
from trueup.net.transfer import Request, Transfer
from trueup.net.trust import FileError, authorities
from trueup.probes.address import AddressError, Url, as_header, ascii_host, read_url, shown
from trueup.probes.base import CurlProbe, ProbeError, register
from trueup.probes.header import Headers
from trueup.probes.measure import certificate
from trueup.probes.registry import UnknownRegistryError, base_address, registered_domain
from trueup.probes.web import FAMILIES

_LONGEST = 500_000
_REDIRECTS, _HOPS = (301, 302, 303, 307, 308), 5
_REST_S, _LONGEST_REST_S = 3_600.0, 7 * 86_400.0  # after a registry's "too many", where it names no time
_resting: dict[str, float] = {}  # registries that want to be left alone: until which monotonic second


@register
@dataclass(frozen=True, kw_only=True)
class DomainExpiryProbe(CurlProbe):
    """Asks the registry of a domain until when it is registered; of a host's name, its domain."""

    kind: ClassVar[str] = "domain_expiry"
    target_form: ClassVar[str] = "DOMAIN"
    default_expect: ClassVar[tuple[str, ...]] = ("registered == true",)
    default_degraded_when: ClassVar[tuple[str, ...]] = ("expires <= 30 d",)
    counts: ClassVar[bool] = False
    default_interval: ClassVar[str] = "1d"
    patient: ClassVar[bool] = True
    provides: ClassVar[Mapping[str, type]] = {
        "registered": bool,
        "expires": timedelta,
        "registrar": str,
        "statuses": tuple,
        "domain": str,
        "latency": timedelta,
        "certificate": Certificate,
    }

    rdap: str = option("", "The base address of the registry's RDAP service; else the one IANA knows.")
    ip: str = option("any", "Which addresses are asked; any tries IPv4 first.", choices=tuple(FAMILIES))
    ca: str = option("", "A file of certificate authorities to trust instead of the system's.", form="file")

    def __post_init__(self) -> None:
        self._address  # noqa: B018 - reads the target and finds its registry, or refuses it

    @cached_property
    def domain(self) -> str:
        """Return the domain that was registered, in ASCII."""
        try:
            if set(self.target) & set(":/@?#"):
                raise AddressError("it is no domain: write its name alone.")
            name = ascii_host(self.target.removesuffix("."))
        except AddressError as error:
            raise OptionError("target", f"{shown(self.target)!r} cannot be asked: {error}") from error
        found = registered_domain(name)
        if found is None:
            raise OptionError("target", f"{name!r} cannot be asked: below it others register their domains.")
        return found

    @cached_property
    def _address(self) -> Url:
        try:
            base = self.rdap.rstrip("/") + "/" if self.rdap else base_address(self.domain)
            return read_url(f"{base}domain/{self.domain}", ("https", "http"))
        except UnknownRegistryError as unknown:
            raise OptionError(
                "target",
                f"no RDAP service is known for {self.domain!r} (list of {unknown}): write its base address "
                "as the option rdap, or name a newer list with TRUEUP_RDAP_BOOTSTRAP.",
            ) from unknown
        except AddressError as error:
            raise OptionError("rdap", f"rdap: {shown(self.rdap)!r} cannot be asked: {error}") from error
        except FileError as error:
            raise OptionError("target", f"{self.domain!r} cannot be asked: {error}.") from error

    @property
    def asks(self) -> str:
        """Return the domain, and where it is asked."""
        return f"domain_expiry {self.domain} of {self._address.host}"

    def request(self) -> Request:
        """Return the question, unless the registry wants to be left alone."""
        left_s = _resting.get(self._address.host, 0.0) - monotonic()
        if left_s > 0:
            raise ProbeError(FailureClass.WITHDRAWN, "rdap.resting", rest_us=int(left_s * 1e6))
        return self._to(self._address)

    def _to(self, url: Url) -> Request:
        headers = {"Accept": "application/rdap+json, application/json", "User-Agent": f"trueup/{__version__}"}
        return Request(
            name=f"GET {url.text}",
            url=url.text,
            host=url.host,
            port=url.port,
            options=((pycurl.URL, url.text), (pycurl.HTTPHEADER, as_header(headers))),
            family=FAMILIES[self.ip],
            tls=url.secure,
            authorities=authorities(self.ca) if self.ca and url.secure else b"",
            limit=_LONGEST,
            cut=False,
        )

    def following(self, transfer: Transfer, hops: tuple[Request, ...]) -> Request | None:
        """Return the request that an answer redirects to: registries point at registrars and mirrors."""
        location = Headers(transfer.headers).get("location", "")
        if transfer.status not in _REDIRECTS or not location:
            return None
        schemes = ("https",) if transfer.request.tls else ("https", "http")
        try:
            url = read_url(urljoin(transfer.request.url, location), schemes)
        except (AddressError, ValueError):
            raise ProbeError(FailureClass.REDIRECT, "redirect.scheme", location=location[:500]) from None
        if any(url.text == each.url for each in (*hops, transfer.request)):
            raise ProbeError(FailureClass.REDIRECT, "redirect.loop", location=url.text)
        if len(hops) >= _HOPS:
            raise ProbeError(FailureClass.REDIRECT, "redirect.many", limit=_HOPS, location=url.text)
        return self._to(url)

    def facts(self, transfer: Transfer, phases: Phases) -> Facts:
        """Return what the registry says of the domain; that it knows none is an answer, too."""
        status = transfer.status
        if status == 429:
            self._rest(Headers(transfer.headers).get("retry-after", ""))
        values: dict[str, Any] = {"status": status, "domain": self.domain, "registered": status != 404}
        if status == 200:
            values |= _read(transfer.body, self.domain)
        elif status != 404:
            raise ProbeError(FailureClass.PROTOCOL, "rdap.status", status=status)
        served = certificate(transfer)
        return Facts(values=values, phases=phases, address=transfer.address, certificate=served)

    def _rest(self, after: str) -> None:
        """Leave a registry alone that was asked too often.

        Raises:
            ProbeError: Always; nothing is known of the domain.
        """
        rest_s = _REST_S
        if after.strip().isdecimal():
            rest_s = float(after)
        elif after:
            with suppress(ValueError, TypeError):  # no instant that can be read
                rest_s = (parsedate_to_datetime(after) - datetime.now(UTC)).total_seconds()
        rest_s = min(max(rest_s, 1.0), _LONGEST_REST_S)
        _resting[self._address.host] = monotonic() + rest_s
        raise ProbeError(FailureClass.WITHDRAWN, "rdap.limited", rest_us=int(rest_s * 1e6))


def _read(body: bytes, domain: str) -> dict[str, Any]:
    try:
        found = load(body)
    except (NotJsonError, TooDeepError) as error:
        raise ProbeError(
            FailureClass.PROTOCOL, "rdap.answer", reason=str(error) or "it is too deep"
        ) from error
    if not isinstance(found, dict) or found.get("objectClassName", "domain") != "domain":
        raise ProbeError(FailureClass.PROTOCOL, "rdap.answer", reason="it describes no domain")
    if str(found.get("ldhName", domain)).lower().rstrip(".") != domain:
        raise ProbeError(FailureClass.PROTOCOL, "rdap.answer", reason="it describes another domain")
    values: dict[str, Any] = {
        "statuses": tuple(each for each in _list(found, "status") if isinstance(each, str))
    }
    for event in _dicts(found, "events"):
        if event.get("eventAction") == "expiration":
            values["expires"] = _instant(event.get("eventDate")) - datetime.now(UTC)
    for entity in _dicts(found, "entities"):
        if "registrar" in _list(entity, "roles"):
            values["registrar"] = _name(entity)
    return values


def _instant(text: object) -> datetime:
    try:
        found = datetime.fromisoformat(str(text))
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except ValueError as error:
        reason = f"{str(text)[:60]!r} is no date"
        raise ProbeError(FailureClass.PROTOCOL, "rdap.answer", reason=reason) from error


def _name(entity: Mapping[str, Any]) -> str:
    """Return what an entity is called: on its card, else its handle."""
    card = _list(entity, "vcardArray")[1:2]
    for line in card[0] if card and isinstance(card[0], list) else []:
        if isinstance(line, list) and len(line) > 3 and line[0] == "fn":
            return str(line[3])
    return str(entity.get("handle", ""))


def _list(found: Mapping[str, Any], key: str) -> list[Any]:
    value = found.get(key)
    return value if isinstance(value, list) else []


def _dicts(found: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    return [each for each in _list(found, key) if isinstance(each, dict)]

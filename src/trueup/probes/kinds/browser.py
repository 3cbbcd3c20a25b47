"""A page in a real browser: it loads, something can be seen on it, nothing on it breaks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from time import monotonic
from typing import Any, ClassVar

from trueup.domain.option import OptionError, option
from trueup.domain.result import Facts, Failure, FailureClass, Phases
from trueup.domain.spec import Secret
from trueup.domain.text import Text, Value
from trueup.net.connect import Net
from trueup.net.relay import Relay
from trueup.probes.address import AddressError, Url, read_url, shown
from trueup.probes.base import Probe, ProbeError, register
from trueup.probes.chromium import Browser, BrowserError, browser, in_time, turn
from trueup.probes.page import Login, Page, origin_of

_EVENTS = {"load": "load", "dom": "DOMContentLoaded", "idle": "networkIdle"}
_SIZE = re.compile(r"([1-9]\d{2,3})x([1-9]\d{2,3})")
_COOKIE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PARTING_S = 1.0  # kept of the deadline, to look at a page that is not as it should be
_MEASURES = ("first_byte", "dom", "load")


@register
@dataclass(frozen=True, kw_only=True)
class BrowserProbe(Probe):
    """Loads a page in Chromium, and waits until something can be seen on it where that is asked.

    The browser is started for each asking and killed after it; whatever it asks is judged as for other
    kinds. Where the page is not up, a picture of it is kept as evidence.
    """

    kind: ClassVar[str] = "browser"
    target_form: ClassVar[str] = "https://shop.example.org/"
    default_expect: ClassVar[tuple[str, ...]] = ("status in 200..399",)
    provides: ClassVar[Mapping[str, type]] = {
        "status": int,
        "header": Mapping,
        "title": str,
        "body": str,
        "url": str,
        "console_errors": int,
        "console": str,
        "failed_requests": int,
        "requests": int,
        "latency": timedelta,
        **dict.fromkeys(_MEASURES, timedelta),
    }

    selector: str = option("", "A CSS selector: wait until what it names can be seen.")
    text: str = option("", "Wait until the page's text holds this.")
    wait: str = option(
        "load",
        "When the page counts as loaded: idle is half a second without a request.",
        choices=tuple(_EVENTS),
    )
    viewport: str = option("1280x800", "The size of the window, WIDTHxHEIGHT.")
    username: str = option("", "The user of basic authentication, for the target's host alone.")
    password: Secret | None = option(None, "The password of basic authentication.")
    secret_cookies: Mapping[str, Secret] = option({}, "Cookies to begin with, for the target's host alone.")
    insecure: bool = option(False, "Accept any certificate: the page counts, whoever gives it.")
    screenshot: bool = option(True, "Keep a picture where the page is not up.")

    def __post_init__(self) -> None:
        self._url  # noqa: B018 - reads the target, and refuses it
        if not _SIZE.fullmatch(self.viewport):
            raise OptionError(
                "viewport", f"viewport: {self.viewport!r} is not WIDTHxHEIGHT, such as 1280x800."
            )
        if self.password and not self.username:
            raise OptionError("password", "password: there is no username it belongs to.")
        for name, value in self.secret_cookies.items():
            if not _COOKIE.fullmatch(name) or not re.fullmatch(r"[!-:<-~]*", value.reveal()):
                message = f"secret_cookies: {name!r} is no name of a cookie, or its value cannot be sent."
                raise OptionError("secret_cookies", message)

    @cached_property
    def _url(self) -> Url:
        try:
            return read_url(self.target, ("http", "https"))
        except AddressError as error:
            raise OptionError("target", f"{shown(self.target)!r} cannot be asked: {error}") from error

    @property
    def asks(self) -> str:
        """Return what is loaded."""
        return f"browser {self._url.text}"

    async def ask(self, net: Net) -> Facts:
        """Start a browser, load the page and look at it."""
        begun_s = monotonic()
        until_s = begun_s + net.left_s - min(_PARTING_S, net.left_s / 4)
        found = _SIZE.fullmatch(self.viewport)
        size = (int(found[1]), int(found[2])) if found else (1280, 800)
        login = Login(origin_of(self._url.text), self.username, _plain(self.password))
        page, relay = Page(login if self.username else None), Relay(net)
        net.phase = "load"
        try:
            async with turn(until_s), browser(await relay.start(), page.hear, size) as running:
                await self._open(page, running, size, until_s)
                missing = await self._await(page, until_s)
                if missing == "load" or page.refusal:
                    self._refuse(net, page, relay)
                facts = await self._facts(net, page, relay)
                return self._late(facts, missing, relay, begun_s) if missing else facts
        except BrowserError as error:
            raise ProbeError(FailureClass.PROTOCOL, "browser.crashed", reason=str(error)) from error
        finally:
            relay.close()

    async def _open(self, page: Page, running: Browser, size: tuple[int, int], until_s: float) -> None:
        try:
            if await in_time(page.open(running, size=size, insecure=self.insecure), until_s):
                return
            reason = "it was not ready in time"
        except BrowserError as error:
            reason = str(error)
        raise ProbeError(FailureClass.LOCAL, "local.browser", reason=reason)

    async def _await(self, page: Page, until_s: float) -> str:
        """Return what did not come about in time: load, selector, text or nothing."""
        cookies = {name: value.reveal() for name, value in self.secret_cookies.items()}
        if not await in_time(page.load(self._url.text, cookies, _EVENTS[self.wait]), until_s):
            return "load"
        if page.refusal:
            return ""
        if self.selector and not await in_time(page.see(self.selector), until_s):
            return "selector"
        return "text" if self.text and not await in_time(page.hold(self.text), until_s) else ""

    def _late(self, facts: Facts, missing: str, relay: Relay, begun_s: float) -> Facts:
        params: dict[str, Value] = {"asked": self.asks, "waited_us": int((monotonic() - begun_s) * 1e6)}
        if missing == "load":
            place = next(iter(relay.addresses), None)
            params["peer"] = f"{relay.addresses[place]} port {place[1]}" if place else None
        else:
            params["wanted"] = getattr(self, missing)
        return replace(facts, failure=Failure(FailureClass.TIMEOUT, Text(f"timeout.{missing}", params)))

    def _refuse(self, net: Net, page: Page, relay: Relay) -> None:
        """Say why there is no page, where that is known.

        Raises:
            ProbeError: The browser says why.
            Exception: What kept the relay from connecting, which has its own sentence.
        """
        for place in _places(self._url, page.url):
            if failed := relay.failed.get(place):
                net.name, net.peer, net.phase = failed.net.name, failed.net.peer, failed.net.phase
                raise failed.error
        if page.refusal:
            raise _of_refusal(page.refusal)

    async def _facts(self, net: Net, page: Page, relay: Relay) -> Facts:
        values: dict[str, Any] = {
            "status": page.status,
            "header": page.headers,
            "url": page.url,
            "console_errors": page.console_errors,
            "console": page.console,
            "failed_requests": page.failed_requests,
            "requests": page.requests,
        }
        seen = Seen(Facts(values=values, address=next(iter(relay.addresses.values()), "")))
        if page.status:  # a page that is busy for ever answers nothing: the rest is known
            await in_time(self._see(page, seen), monotonic() + net.left_s * 0.8)
        return seen.facts

    async def _see(self, page: Page, seen: Seen) -> None:
        facts = seen.facts
        times = await page.times_ms()
        phases = facts.phases
        values = {**facts.values, "title": await page.title()}
        if times:
            sent, *measured = times
            ended = [(name, ms) for name, ms in zip(_MEASURES, measured, strict=True) if ms]
            values |= {name: timedelta(milliseconds=ms) for name, ms in ended}
            phases = Phases(wait_us=int(max(0.0, measured[0] - sent) * 1000))
        body = (await page.whole()).encode()
        seen.facts = replace(facts, values=values, phases=phases, body=body)
        if self.screenshot:
            seen.facts = replace(seen.facts, picture=await page.picture())


@dataclass
class Seen:
    """What is known of a page so far."""

    facts: Facts


def _plain(secret: Secret | None) -> str:
    return secret.reveal() if secret else ""


def _places(first: Url, last: str) -> list[tuple[str, int]]:
    places = [(first.host, first.port)]
    with suppress(AddressError):
        other = read_url(last, ("http", "https"))
        places.append((other.host, other.port))
    return places


def _of_refusal(words: str) -> ProbeError:
    """Return what the browser's word for a page that does not come means."""
    error = words.removeprefix("net::ERR_")
    reason = error.replace("_", " ").lower()
    if error.startswith(("CERT_", "SSL_", "BAD_SSL")):
        return ProbeError(FailureClass.TLS, "tls.handshake", reason=reason)
    if error == "EMPTY_RESPONSE":
        return ProbeError(FailureClass.RESET, "reset.empty")
    if error.startswith(("CONNECTION_", "SOCKET_", "INCOMPLETE_", "CONTENT_LENGTH_", "TUNNEL_")):
        return ProbeError(FailureClass.RESET, "reset", reason=reason)
    if error == "TOO_MANY_REDIRECTS":
        return ProbeError(FailureClass.REDIRECT, "redirect.many", limit=20, location="another")
    if error == "ABORTED":
        return ProbeError(FailureClass.PROTOCOL, "browser.download")
    if error == "RESPONSE_HEADERS_TOO_BIG":
        return ProbeError(FailureClass.TOO_LARGE, "too_large.headers", cap=256_000)
    return ProbeError(FailureClass.PROTOCOL, "browser.refused", reason=reason)

"""One page in a browser: loaded, looked at, pictured; what went wrong on it is counted."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from trueup.domain.result import MAX_PICTURE
from trueup.probes.chromium import Browser, BrowserError

_NO_BODY = "net::ERR_HTTP_RESPONSE_CODE_FAILURE"  # a status of 400 or more, and nothing else
_LOOK_S = 0.05  # between two looks at what is awaited
_QUALITIES = (60, 30, 10)  # of the picture, until it is small enough
_MAX_TEXT = 1_000_000
_NOTED = 200  # characters of the first error
_UNASKED = "/favicon.ico"  # a browser asks for it though no page names it
_GONE = ("navigated", "execution context")  # in what is said of a page that went on while it was looked at
_EVENTS = ("Page", "Runtime", "Network", "Log")
# What a page may not do here: to serve itself from a worker, to download.
_NEVER = (
    "if (navigator.serviceWorker) navigator.serviceWorker.register = () => Promise.reject(new Error('off'));"
)
_VISIBLE = """(selector => {
  const found = document.querySelector(selector);
  return !!found && found.checkVisibility({opacityProperty: true, visibilityProperty: true})
    && [...found.getClientRects()].some(box => box.width > 0 && box.height > 0);
})(%s)"""
_HOLDS = "(wanted => !!document.body && document.body.innerText.includes(wanted))(%s)"
_TIMES = """(() => {
  const [t] = performance.getEntriesByType('navigation');
  return t ? [t.requestStart, t.responseStart, t.domContentLoadedEventEnd, t.loadEventEnd] : null;
})()"""
_WHOLE = f"document.documentElement ? document.documentElement.outerHTML.slice(0, {_MAX_TEXT}) : ''"


@dataclass(frozen=True, slots=True)
class Login:
    """The credentials of basic authentication, for one origin alone."""

    origin: str
    username: str
    password: str


class Page:
    """What happens on the one page of a browser; ``hear`` is its handler of events."""

    def __init__(self, login: Login | None = None) -> None:
        self._login = login
        self._loader = ""
        self._reached: set[tuple[str, str]] = set()  # (loader, event)
        self._news = asyncio.Event()
        self._browser: Browser | None = None
        self.url = ""
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self.requests = 0
        self.failed_requests = 0
        self.console_errors = 0
        self.console = ""  # the first of them
        self.refusal = ""  # why there is no page, in the browser's words
        self.crashed = False

    async def open(self, browser: Browser, *, size: tuple[int, int], insecure: bool) -> None:
        """Make the page, so that it may be loaded."""
        made = await browser.send("Target.createTarget", url="about:blank")
        session = await browser.send("Target.attachToTarget", targetId=made["targetId"], flatten=True)
        await browser.send("Browser.setDownloadBehavior", behavior="deny")
        browser.session = session["sessionId"]
        self._browser = browser
        for each in _EVENTS:
            browser.tell(f"{each}.enable")
        browser.tell("Network.setBypassServiceWorker", bypass=True)
        browser.tell("Page.addScriptToEvaluateOnNewDocument", source=_NEVER)
        browser.tell("Page.setLifecycleEventsEnabled", enabled=True)
        if insecure:
            browser.tell("Security.setIgnoreCertificateErrors", ignore=True)
        if self._login is not None:
            browser.tell("Fetch.enable", handleAuthRequests=True)
        width, height = size
        await browser.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    async def load(self, url: str, cookies: Mapping[str, str], until: str) -> None:
        """Load an address until the event of that name; ``refusal`` says where there is no page."""
        browser = self._own
        for name, value in cookies.items():
            await browser.send("Network.setCookie", name=name, value=value, url=url)
        found = await browser.send("Page.navigate", url=url)
        self.refusal = found.get("errorText", "")
        if self.refusal == _NO_BODY and self.status:
            self.refusal = ""  # an answer all the same, of which the browser shows nothing
            return
        if not self.refusal and (loader := found.get("loaderId")):
            while (loader, until) not in self._reached and (self._loader, until) not in self._reached:
                await self._happens()

    async def see(self, selector: str) -> None:
        """Wait until something that a CSS selector names can be seen."""
        await self._until(_VISIBLE % json.dumps(selector))

    async def hold(self, text: str) -> None:
        """Wait until the page's text holds some words."""
        await self._until(_HOLDS % json.dumps(text))

    async def times_ms(self) -> tuple[float, float, float, float] | None:
        """Return when the page was asked for, began to come, was read and had loaded, since its start."""
        found = await self._value(_TIMES)
        return tuple(found) if found else None

    async def whole(self) -> str:
        """Return the page as it is now, as HTML."""
        return str(await self._value(_WHOLE) or "")

    async def title(self) -> str:
        """Return the title of the page."""
        return str(await self._value("document.title.slice(0, 500)") or "")

    async def picture(self) -> bytes:
        """Return what is to be seen as JPEG, empty where that is too large."""
        for quality in _QUALITIES:
            shot = await self._own.send("Page.captureScreenshot", format="jpeg", quality=quality)
            data = base64.b64decode(shot["data"])
            if len(data) <= MAX_PICTURE:
                return data
        return b""

    @property
    def _own(self) -> Browser:
        assert self._browser is not None
        return self._browser

    async def _happens(self) -> None:
        self._news.clear()
        await self._news.wait()
        if self.crashed:
            raise BrowserError("crashed")

    async def _until(self, expression: str) -> None:
        while not await self._value(expression):  # noqa: ASYNC110 - it happens in another process
            await asyncio.sleep(_LOOK_S)

    async def _value(self, expression: str) -> Any:
        """Return what an expression is on the page, None while it goes on to another one."""
        try:
            found = await self._own.send("Runtime.evaluate", expression=expression, returnByValue=True)
        except BrowserError as error:
            if any(words in str(error).lower() for words in _GONE):
                return None
            raise
        return found.get("result", {}).get("value")

    def hear(self, event: str, told: dict[str, Any]) -> None:
        """Take in what the browser tells."""
        taker = _TAKERS.get(event)
        if taker is not None:
            taker(self, told)
            self._news.set()

    def _lifecycle(self, told: dict[str, Any]) -> None:
        self._reached.add((told.get("loaderId", ""), told.get("name", "")))

    def _navigated(self, told: dict[str, Any]) -> None:
        frame = told["frame"]
        if "parentId" not in frame:
            self._loader, self.url = frame.get("loaderId", ""), frame.get("url", "")

    def _sent(self, told: dict[str, Any]) -> None:
        self.requests += 1
        if told.get("type") == "Document" and told.get("loaderId") == told.get("requestId"):
            self.url = told.get("request", {}).get("url", "")  # also of one that never comes

    def _answered(self, told: dict[str, Any]) -> None:
        response = told["response"]
        status = int(response.get("status", 0))
        if told.get("type") == "Document" and told.get("loaderId") == told.get("requestId"):
            self.status, self.headers = status, response.get("headers", {})
        elif status >= 400 and not response.get("url", "").endswith(_UNASKED):
            self.failed_requests += 1

    def _failed(self, told: dict[str, Any]) -> None:
        self.failed_requests += not told.get("canceled")

    def _said(self, told: dict[str, Any]) -> None:
        if told.get("type") in ("error", "assert"):
            said = [str(each.get("value", each.get("description", ""))) for each in told.get("args", [])]
            self._error(" ".join(said))

    def _raised(self, told: dict[str, Any]) -> None:
        details = told.get("exceptionDetails", {})
        self._error(str(details.get("exception", {}).get("description", details.get("text", ""))))

    def _logged(self, told: dict[str, Any]) -> None:
        entry = told.get("entry", {})
        if entry.get("level") == "error" and entry.get("source") != "network":  # those are counted already
            self._error(str(entry.get("text", "")))

    def _error(self, text: str) -> None:
        self.console_errors += 1
        self.console = self.console or text.partition("\n")[0][:_NOTED]

    def _asks(self, _told: dict[str, Any]) -> None:
        self._own.tell("Page.handleJavaScriptDialog", accept=False)

    def _paused(self, told: dict[str, Any]) -> None:
        self._own.tell("Fetch.continueRequest", requestId=told["requestId"])

    def _challenged(self, told: dict[str, Any]) -> None:
        answer: dict[str, str] = {"response": "CancelAuth"}
        challenge, login = told.get("authChallenge", {}), self._login
        if login and challenge.get("source") != "Proxy" and challenge.get("origin") == login.origin:
            answer = {
                "response": "ProvideCredentials",
                "username": login.username,
                "password": login.password,
            }
            self._login = None  # once: a server that refuses them would ask for ever
        self._own.tell("Fetch.continueWithAuth", requestId=told["requestId"], authChallengeResponse=answer)

    def _crashed(self, _told: dict[str, Any]) -> None:
        self.crashed = True


_TAKERS = {
    "Page.lifecycleEvent": Page._lifecycle,
    "Page.frameNavigated": Page._navigated,
    "Page.javascriptDialogOpening": Page._asks,
    "Network.requestWillBeSent": Page._sent,
    "Network.responseReceived": Page._answered,
    "Network.loadingFailed": Page._failed,
    "Runtime.consoleAPICalled": Page._said,
    "Runtime.exceptionThrown": Page._raised,
    "Log.entryAdded": Page._logged,
    "Fetch.requestPaused": Page._paused,
    "Fetch.authRequired": Page._challenged,
    "Inspector.targetCrashed": Page._crashed,
}


def origin_of(url: str) -> str:
    """Return the origin of an address, as a browser writes it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"

"""A browser of our own for one asking: started, spoken to over a pipe, and killed with all it started.

It is spoken to in the Chrome DevTools Protocol, over two pipes that only we hold: no port is opened.
Everything it asks goes through our relay; its profile is a folder that goes with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import shutil
import signal
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from weakref import WeakKeyDictionary

import msgspec

from trueup import conf
from trueup.domain.result import FailureClass
from trueup.probes.base import ProbeError

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
_PLACES = "/usr/local/bin:/usr/bin:/bin:/snap/bin:/opt/google/chrome"
_LONGEST = 32_000_000  # bytes of one message
_HOME = "trueup-browser-"  # then the process, and signs of its own
_SWEEPS, _SWEEP_S = 50, 0.02
_SAID = 4_000  # bytes of what it says of itself that are looked at
# The pipes come as standard input and output, and it wants them as 3 and 4.
_SHELL = ("/bin/sh", "-c", 'exec "$@" 3<&0 4>&1 0</dev/null 1>&2', "chromium")
_FLAGS = (
    "--headless=new", "--remote-debugging-pipe", "--no-first-run", "--no-default-browser-check",
    "--disable-background-networking", "--disable-breakpad", "--disable-crash-reporter",
    "--disable-component-update",
    "--disable-default-apps", "--disable-dev-shm-usage", "--disable-extensions", "--disable-gpu",
    "--disable-quic", "--disable-sync", "--metrics-recording-only", "--mute-audio", "--hide-scrollbars",
    "--password-store=basic", "--use-mock-keychain", "--deny-permission-prompts", "--no-pings",
    "--disable-features=Translate,OptimizationHints,MediaRouter,AutofillServerCommunication",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # which would pass the relay by
    "--js-flags=--max-old-space-size=512", "--renderer-process-limit=4",
    "--proxy-bypass-list=<-loopback>",  # loopback goes through the relay as well
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",  # it looks up nothing by itself
)  # fmt: skip
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()

Handler = Callable[[str, dict[str, Any]], None]


class BrowserError(Exception):
    """The browser refused a command, or broke off; the message is its own."""


class Browser:
    """One running browser; ``send`` asks it, ``handler`` hears what it tells by itself."""

    def __init__(self, process: asyncio.subprocess.Process, handler: Handler) -> None:
        self._process = process
        self._handler = handler
        self._numbers = itertools.count(1)
        self._awaited: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._reading = asyncio.ensure_future(self._read())
        self._saying = asyncio.ensure_future(self._listen())
        self._said = b""
        self.session = ""

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask for something and return the answer.

        Raises:
            BrowserError: It does not do that, or is there no more.
        """
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        if self._reading.done():
            raise BrowserError(self.last_words)
        answer = self._awaited[number] = asyncio.get_running_loop().create_future()
        writer = self._process.stdin
        assert writer is not None
        writer.write(msgspec.json.encode(message) + b"\0")
        try:
            found: dict[str, Any] = await answer
            return found
        finally:
            self._awaited.pop(number, None)

    def tell(self, method: str, **params: Any) -> None:
        """Ask for something whose answer nobody waits for."""
        writer = self._process.stdin
        if writer is not None and not writer.is_closing():
            message = {"id": next(self._numbers), "method": method, "params": params}
            writer.write(msgspec.json.encode(message | {"sessionId": self.session}) + b"\0")

    @property
    def last_words(self) -> str:
        """Return what it said of itself before it ended, a line of it."""
        lines = [line.strip() for line in self._said.decode(errors="replace").splitlines() if line.strip()]
        told = next((line for line in lines if "sandbox" in line.lower()), lines[-1] if lines else "")
        return told.rpartition("] ")[2][:200] or "it ended"

    def kill(self) -> None:
        """Kill it and all it started, at once."""
        for task in (self._reading, self._saying):
            task.cancel()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        writer = self._process.stdin
        if writer is not None and not writer.is_closing():
            writer.transport.abort()

    async def _read(self) -> None:
        reader = self._process.stdout
        assert reader is not None
        try:
            while True:
                message = msgspec.json.decode((await reader.readuntil(b"\0"))[:-1])
                answer = self._awaited.get(message.get("id", 0))
                if answer is None:
                    self._handler(message.get("method", ""), message.get("params", {}))
                elif not answer.done():
                    _settle(answer, message)
        except (EOFError, OSError, ValueError, asyncio.LimitOverrunError, msgspec.MsgspecError):
            pass  # it is there no more, or makes no sense any more
        finally:
            if not self._saying.done():
                await asyncio.wait([self._saying], timeout=0.1)  # its last words may be on their way
            for answer in self._awaited.values():
                if not answer.done():
                    answer.set_exception(BrowserError(self.last_words))

    async def _listen(self) -> None:
        reader = self._process.stderr
        assert reader is not None
        while piece := await reader.read(_SAID):
            self._said = (self._said + piece)[-_SAID:]


def _settle(answer: asyncio.Future[dict[str, Any]], message: dict[str, Any]) -> None:
    if "error" in message:
        answer.set_exception(BrowserError(str(message["error"].get("message", ""))))
    else:
        answer.set_result(message.get("result", {}))


def program() -> str:
    """Return the path of the browser.

    Raises:
        ProbeError: There is none.
    """
    if wanted := conf.current().chromium:
        return wanted
    for name in _NAMES:
        if found := shutil.which(name, path=_PLACES):
            return found
    raise ProbeError(FailureClass.LOCAL, "local.browser_missing")


async def in_time(work: Coroutine[Any, Any, None], until_s: float) -> bool:
    """Do something, and return whether it was done by an instant of ``time.monotonic``."""
    try:
        await asyncio.wait_for(work, max(0.0, until_s - monotonic()))
    except TimeoutError:
        return False
    return True


@asynccontextmanager
async def turn(until_s: float) -> AsyncIterator[None]:
    """Wait until a browser may be started: only so many run at once.

    Raises:
        ProbeError: It did not come to that in time.
    """
    limit = conf.current().browsers
    turns = _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(limit))
    try:
        await asyncio.wait_for(turns.acquire(), max(0.0, until_s - monotonic()))
    except TimeoutError:
        raise ProbeError(FailureClass.LOCAL, "local.browsers", limit=limit) from None
    try:
        yield
    finally:
        turns.release()


@asynccontextmanager
async def browser(port: int, handler: Handler, size: tuple[int, int]) -> AsyncIterator[Browser]:
    """Start a browser that asks through the proxy on a port of loopback; it is killed at the end.

    Raises:
        ProbeError: It cannot be started.
    """
    path = program()
    _sweep_those_of_the_dead()
    home = Path(tempfile.mkdtemp(prefix=f"{_HOME}{os.getpid()}-"))
    running: Browser | None = None
    try:
        try:
            process = await asyncio.create_subprocess_exec(
                *_SHELL, path, *_FLAGS, *_sandbox(), f"--user-data-dir={home}",
                f"--proxy-server=http://127.0.0.1:{port}", f"--window-size={size[0]},{size[1]}",
                "about:blank",
                stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=home, limit=_LONGEST, start_new_session=True,
                env={"HOME": str(home), "TMPDIR": str(home), "PATH": _PLACES, "LANG": "C.UTF-8"},
            )  # fmt: skip
        except OSError as error:
            raise ProbeError(FailureClass.LOCAL, "local.browser", reason=error.strerror) from error
        running = Browser(process, handler)
        yield running
    finally:
        if running is not None:
            running.kill()
            await asyncio.shield(_buried(process, home))
        else:
            shutil.rmtree(home, ignore_errors=True)


async def _buried(process: asyncio.subprocess.Process, home: Path) -> None:
    """Wait for a killed process, which takes milliseconds, and remove its folder."""
    try:
        await process.wait()
    finally:
        await process.wait()  # also where everything ends: nobody else buries it
        process._transport.close()  # type: ignore[attr-defined] # its pipes end, whoever still holds them
        await asyncio.to_thread(_sweep, home)


@cache
def _sweep_those_of_the_dead() -> None:
    """Remove the folders of processes that were killed before they could, once."""
    for home in Path(tempfile.gettempdir()).glob(f"{_HOME}*"):
        pid = home.name.removeprefix(_HOME).partition("-")[0]
        if pid.isdecimal() and not Path("/proc", pid).exists():
            shutil.rmtree(home, ignore_errors=True)


def _sweep(home: Path) -> None:
    for _ in range(_SWEEPS):  # those it had started may still be dying, and writing
        shutil.rmtree(home, ignore_errors=True)
        if not home.exists():
            return
        sleep(_SWEEP_S)


def _sandbox() -> tuple[str, ...]:
    # Chromium refuses to run as root with its sandbox
    return () if os.geteuid() and conf.current().browser_sandbox else ("--no-sandbox",)

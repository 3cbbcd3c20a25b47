"""Names to addresses: literals, ``/etc/hosts``, then DNS, remembered for as long as the answer holds.

Nothing waits in a queue: a name whose servers never answer costs its own checks their time and no
other. Any thread may ask what is known; what has to be asked is asked in the side thread, once at a
time for each name.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path

from trueup.net.hosts import Hosts
from trueup.net.query import FAMILIES, RESOLV_CONF, ResolveError, Servers, ask
from trueup.net.side import Side

Addresses = tuple[str, ...]
Key = tuple[str, int]

_LONGEST_S = 300.0  # a name that moved is seen to have moved
_LONGEST_MISSING_S = 5.0  # a name that comes back is seen soon


@lru_cache(maxsize=16_384)
def literal(host: str) -> str | None:
    """Return the address where a host is one, in whichever form inet_aton reads; None for a name."""
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    if not host[-1:].isalnum() or not host.rpartition(".")[2][:1].isdigit():
        return None
    try:
        return socket.inet_ntoa(socket.inet_aton(host))  # 127.1, 0x7f.1, 2130706433
    except (OSError, ValueError):
        return None


class Resolver:
    """The memory of names, and who asks for them.

    ``servers`` (``ADDRESS`` or ``ADDRESS:PORT``) replace those of ``resolv.conf``; ``timeout_s`` ends a
    lookup whatever the asking check's own deadline; ``clock`` counts monotonic seconds; ``entries`` is
    how many names are remembered.
    """

    def __init__(
        self,
        side: Side,
        *,
        servers: Sequence[str] = (),
        timeout_s: float = 5.0,
        hosts: Path = Path("/etc/hosts"),
        clock: Callable[[], float] = time.monotonic,
        entries: int = 20_000,
    ) -> None:
        self._side = side
        self._given = Servers.given(servers) if servers else None
        self._system: tuple[float, Servers] | None = None
        self._timeout_s = timeout_s
        self._hosts = Hosts(hosts, clock)
        self._clock = clock
        self._entries = entries
        self._cache: OrderedDict[Key, tuple[float, Addresses | ResolveError]] = OrderedDict()
        self._flights: dict[Key, asyncio.Task[Addresses]] = {}

    def known(self, host: str, family: int = 0) -> Addresses | ResolveError | None:
        """Return what a host resolves to without asking anyone, from any thread; None where one must ask.

        ``family`` is 4, 6 or 0 for either, IPv4 first.
        """
        address = literal(host)
        if address is not None:
            fits = not family or (":" in address) == (family == 6)
            return (address,) if fits else ResolveError("no_address", family=FAMILIES[family])
        found = self._hosts.find(host, family)
        if found:
            return found
        entry = self._cache.get((host, family))
        return entry[1] if entry is not None and entry[0] > self._clock() else None

    async def lookup(self, host: str, family: int = 0) -> Addresses:
        """Return the addresses of a host, asking DNS where needed; runs in the side thread.

        Raises:
            ResolveError: It has none, or nobody told in time.
        """
        known = self.known(host, family)
        if known is None:
            return await asyncio.shield(self._flight((host, family)))
        if isinstance(known, ResolveError):
            raise known
        return known

    def start(self, host: str, family: int, done: Callable[[Addresses | ResolveError], None]) -> None:
        """Look a host up from any thread; ``done`` is called in the side thread."""

        def landed(flight: asyncio.Task[Addresses]) -> None:
            if flight.cancelled():
                return  # everything ends
            error = flight.exception()
            if error is not None and not isinstance(error, ResolveError):
                error = ResolveError("invalid", reason=f"{type(error).__name__}: {error}")
            done(error or flight.result())

        def begin() -> None:
            known = self.known(host, family)
            if known is None:
                self._flight((host, family)).add_done_callback(landed)
            else:
                done(known)

        self._side.call(begin)

    def _flight(self, key: Key) -> asyncio.Task[Addresses]:
        """Return the lookup of a name that is under way; there is one however many wait for it."""
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = asyncio.ensure_future(self._fly(key))
            flight.add_done_callback(lambda task: self._land(key, task))
        return flight

    async def _fly(self, key: Key) -> Addresses:
        host, family = key
        try:
            async with asyncio.timeout(self._timeout_s):
                found, ttl_s = await ask(self.servers(), host, (family,) if family else (4, 6))
        except TimeoutError:
            raise ResolveError("timeout") from None
        except ResolveError as error:
            if error.ttl_s > 0:
                self._remember(key, error, min(error.ttl_s, _LONGEST_MISSING_S))
            raise
        self._remember(key, found, min(ttl_s, _LONGEST_S))
        return found

    def servers(self) -> Servers:
        """Return whom names are asked of, as this machine's settings say now.

        Raises:
            ResolveError: They name nobody.
        """
        if self._given is not None:
            return self._given
        changed = RESOLV_CONF.stat().st_mtime if RESOLV_CONF.exists() else 0.0
        if self._system is None or self._system[0] != changed:
            self._system = (changed, Servers.system())
        return self._system[1]

    def _remember(self, key: Key, found: Addresses | ResolveError, ttl_s: float) -> None:
        if ttl_s > 0:
            self._cache[key] = (self._clock() + ttl_s, found)
            self._cache.move_to_end(key)
            while len(self._cache) > self._entries:
                self._cache.popitem(last=False)

    def _land(self, key: Key, task: asyncio.Task[Addresses]) -> None:
        del self._flights[key]
        if not task.cancelled():
            task.exception()  # whoever waited has it; nobody may be left to wait

"""One asking of a kind that speaks for itself, in the side thread."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import ssl
from concurrent.futures import Future
from functools import partial
from time import monotonic_ns

from trueup.domain.result import Facts, FailureClass, Phases
from trueup.domain.text import Value
from trueup.net.connect import EarlyError, Net
from trueup.net.guard import GuardError
from trueup.net.query import ResolveError
from trueup.net.trust import FileError
from trueup.probes.asking import Answer, Done
from trueup.probes.base import Probe, ProbeError
from trueup.probes.failure import PHASES, Found, failure, of_file, of_guard, of_name, of_system, of_tls
from trueup.probes.fetch import fetch
from trueup.probes.means import Means
from trueup.probes.measure import certificate_of

_log = logging.getLogger(__name__)


class SideAsking:
    """A question in flight; its answer is handed over to the loop's thread."""

    __slots__ = ("_done", "_future", "_means", "_probe", "_timeout_s")

    def __init__(self, means: Means, probe: Probe, timeout_s: float, done: Done) -> None:
        self._means = means
        self._probe = probe
        self._timeout_s = timeout_s
        self._done: Done | None = done
        self._future: Future[None] | None = None

    def begin(self) -> None:
        """Ask; whatever goes wrong becomes an answer."""
        self._future = self._means.side.submit(self._ask())

    def cancel(self) -> None:
        """Stop without an answer; the connection is closed as the coroutine unwinds."""
        self._done = None
        if self._future is not None:
            self._future.cancel()
        self._means.flying.discard(self)

    async def _ask(self) -> None:
        asked_ns = monotonic_ns()
        deadline_s = asked_ns / 1e9 + self._timeout_s
        net = Net(self._means.resolver, self._means.guard, deadline_s, partial(fetch, self._means))
        try:
            async with asyncio.timeout(self._timeout_s) as deadline:
                facts = await self._probe.ask(net)
        except TimeoutError as error:
            # TimeoutError is an OSError: the system's own (ETIMEDOUT) is not our deadline
            facts = self._failed(_late(net) if deadline.expired() else of_system(error), net, asked_ns)
        except Exception as error:  # noqa: BLE001 - whatever a kind does ends in an answer
            facts = self._failed(self._found(error, net), net, asked_ns)
        finally:
            net.close()
        duration_us = (monotonic_ns() - asked_ns) // 1000
        facts = dataclasses.replace(
            facts,
            phases=Phases(net.dns_us, net.connect_us, net.tls_us, facts.phases.wait_us),
            address=facts.address or net.address,
            certificate=facts.certificate or certificate_of(net.chain),
        )
        answer = Answer(asked_ns, duration_us, facts)
        self._means.loop.call_soon_threadsafe(lambda: self._arrived(answer))

    def _arrived(self, answer: Answer) -> None:
        self._means.flying.discard(self)
        done, self._done = self._done, None
        if done is not None:
            done(answer)

    def _found(self, error: Exception, net: Net) -> Found:
        if isinstance(error, ProbeError):
            return error.cause, error.text.id, dict(error.text.params)
        if isinstance(error, ResolveError):
            return of_name(error, net.name)
        if isinstance(error, GuardError):
            return of_guard(error)
        if isinstance(error, asyncio.IncompleteReadError):
            got = len(error.partial)
            return FailureClass.RESET, "reset.short" if got else "reset.empty", {"got": got}
        if isinstance(error, EarlyError):
            return FailureClass.PROTOCOL, "protocol.early", {"got": error.args[0]}
        if isinstance(error, FileError):
            return of_file(error)
        if isinstance(error, ssl.SSLError):
            return of_tls(error, seen=bool(net.chain))
        if isinstance(error, OSError):
            cause, identity, more = of_system(error)
            return cause, identity, {"phase": PHASES.get(net.phase), **more}
        _log.error("a fault in trueup while asking %s", self._probe.asks, exc_info=error)
        return FailureClass.INTERNAL, "internal", {"error": f"{type(error).__name__}: {error}"}

    def _failed(self, found: Found, net: Net, asked_ns: int) -> Facts:
        waited_us = (monotonic_ns() - asked_ns) // 1000
        params: dict[str, Value] = {"asked": self._probe.asks, "waited_us": waited_us, "name": net.name}
        if net.peer:
            params |= {"peer": net.peer, "connect_us": net.connect_us}
        return Facts(failure=failure(found, params, certificate_of(net.chain)))


def _late(net: Net) -> Found:
    if net.phase == "dns":
        return FailureClass.DNS, "dns.timeout", {"name": net.name}
    return FailureClass.TIMEOUT, f"timeout.{net.phase}", {"step": net.step}

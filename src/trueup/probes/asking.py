"""One asking of a kind that libcurl speaks: its addresses, hops and talk, within one deadline."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from time import monotonic_ns
from typing import NamedTuple

import pycurl

from trueup.domain.result import Facts, FailureClass, Phases
from trueup.domain.text import Value
from trueup.net.guard import GuardError
from trueup.net.line import Line
from trueup.net.multi import Timer
from trueup.net.query import ResolveError
from trueup.net.resolve import Addresses, literal
from trueup.net.transfer import Request, Transfer
from trueup.net.trust import FileError
from trueup.probes.base import CurlProbe, ProbeError
from trueup.probes.curlcode import of_code, of_lost_line
from trueup.probes.failure import Found, failure, of_file, of_guard, of_name
from trueup.probes.means import Means
from trueup.probes.measure import certificate, phases, unfinished

_log = logging.getLogger(__name__)

_CUT = pycurl.E_WRITE_ERROR
_NO_CONNECTION = (pycurl.E_COULDNT_CONNECT, pycurl.E_OPERATION_TIMEDOUT)


class Answer(NamedTuple):
    """What one asking brought: when it began on the monotonic clock, how long it took, what was measured."""

    asked_mono_ns: int
    duration_us: int
    facts: Facts


Done = Callable[[Answer], None]


class CurlAsking:
    """A question in flight; lives in the loop's thread."""

    __slots__ = (
        "_addresses",
        "_alone",
        "_deadline_ns",
        "_dns_us",
        "_done",
        "_hops",
        "_line",
        "_means",
        "_phases",
        "_probe",
        "_request",
        "_talk",
        "_timer",
        "_transfer",
        "asked_ns",
    )

    def __init__(self, means: Means, probe: CurlProbe, timeout_s: float, done: Done) -> None:
        self.asked_ns = monotonic_ns()
        self._deadline_ns = self.asked_ns + int(timeout_s * 1e9)
        self._means = means
        self._probe = probe
        self._done: Done | None = done
        self._addresses: list[str] = []
        self._alone = True  # one transfer is all it took
        self._dns_us: int | None = None
        self._phases: Phases | None = None  # of the hops before
        self._hops: tuple[Request, ...] = ()
        self._request: Request | None = None
        self._transfer: Transfer | None = None
        self._line: Line | None = None
        self._talk: Iterator[None] | None = None
        self._timer: Timer | None = None

    def begin(self) -> None:
        """Ask; whatever goes wrong becomes an answer."""
        try:
            self._go(self._probe.request())
        except Exception as error:  # noqa: BLE001 - whatever a kind does ends in an answer
            self._give_up(error)

    def resume(self, transfer: Transfer, asked_ns: int, code: int, message: str) -> None:
        """Go on from the first transfer, which was begun at an instant and has ended."""
        self._deadline_ns += asked_ns - self.asked_ns
        self.asked_ns = asked_ns
        self._request = transfer.request
        self._transfer = transfer
        self._finished(code, message)

    def cancel(self) -> None:
        """Stop without an answer and close the connection."""
        self._done = None
        self._release()
        self._means.flying.discard(self)

    def _go(self, request: Request) -> None:
        self._request = request
        means = self._means
        address = means.literals.get((request.host, request.family))
        if address is not None and not request.proxy:
            self._addresses = [address]
            self._connect()
            return
        found = means.resolver.known(request.host, request.family)
        if found is None:
            self._look_up(request)
        else:
            self._resolved(found)

    def _look_up(self, request: Request) -> None:
        begun_ns = monotonic_ns()
        loop = self._means.loop

        def arrived(found: Addresses | ResolveError) -> None:
            if self._done is None or self._request is not request or self._transfer is not None:
                return  # the deadline was first
            self._stop_timer()
            self._dns_us = (self._dns_us or 0) + (monotonic_ns() - begun_ns) // 1000
            try:
                self._resolved(found)
            except Exception as error:  # noqa: BLE001 - whatever a kind does ends in an answer
                self._give_up(error)

        self._timer = loop.call_at(self._deadline_ns / 1e9, lambda: arrived(ResolveError("timeout")))
        self._means.resolver.start(
            request.host, request.family, lambda found: loop.call_soon_threadsafe(lambda: arrived(found))
        )

    def _resolved(self, found: Addresses | ResolveError) -> None:
        assert self._request is not None
        if isinstance(found, ResolveError):
            self._fail(of_name(found, self._request.host))
            return
        refusal = self._means.guard.refusal
        self._addresses = [address for address in found if refusal(address) is None]
        beyond = literal(self._request.beyond) if self._request.proxy else None
        if beyond is not None and (kind := refusal(beyond)):
            self._fail(of_guard(GuardError(beyond, kind)))
        elif not self._addresses:
            self._fail(of_guard(GuardError(found[0], refusal(found[0]) or "")))
        else:
            if literal(self._request.host) is None:
                self._dns_us = self._dns_us or 0  # a name that was known took no time
            elif not self._request.proxy:
                self._means.note(self._request, self._addresses[0])
            self._connect()

    def _connect(self) -> None:
        assert self._request is not None
        means = self._means
        left_ms = (self._deadline_ns - monotonic_ns()) // 1_000_000
        if left_ms < 1:
            if self._hops and self._request.carried is None:
                self._fail((FailureClass.TIMEOUT, "timeout.redirect", {"location": self._request.url}))
            else:  # its address may hold what an answer gave, and that a secret
                self._fail((FailureClass.TIMEOUT, "timeout.total", {}))
            return
        address = self._addresses.pop(0)
        transfer = self._transfer = means.pool.take(self._request)
        transfer.prepare(self._request, address, means.guard, len(self._hops))
        others = len(self._addresses)  # they get their share of the time
        transfer.limit(left_ms, max(1, left_ms // (others + 1)) if others else 0)
        if self._request.upgrade:  # libcurl's own deadline ends with the connect
            self._timer = means.loop.call_at(self._deadline_ns / 1e9, self._late)
        transfer.begin(means.loop, self._finished)

    def _finished(self, code: int, message: str) -> None:
        transfer = self._transfer
        assert transfer is not None
        try:
            if code and not (code == _CUT and transfer.cut and not transfer.failed):
                self._broke(transfer, code, message)
            elif transfer.request.upgrade:
                self._converse(transfer)
            else:
                self._answered(transfer)
        except Exception as error:  # noqa: BLE001 - whatever a kind does ends in an answer
            self._give_up(error)

    def _broke(self, transfer: Transfer, code: int, message: str) -> None:
        if self._addresses and code in _NO_CONNECTION and unfinished(transfer) == "connect":
            self._alone = False
            self._release()
            self._connect()
            return
        self._fail(of_code(transfer, code, message))

    def _answered(self, transfer: Transfer) -> None:
        following = self._probe.following(transfer, self._hops)
        if following is None:
            facts = self._probe.facts(transfer, self._measured(transfer))
            # By libcurl's own clock: beside others in a slot we come to it later than its last byte did.
            self._conclude(facts, (self._dns_us or 0) + transfer.took_us if self._alone else None)
            return
        self._alone = False
        self._phases = self._measured(transfer)
        self._hops = (*self._hops, transfer.request)
        self._release()
        self._go(following)

    def _converse(self, transfer: Transfer) -> None:
        line = self._line = Line(transfer)
        self._talk = self._probe.talk(line, self._measured(transfer))
        self._means.loop.watch(line.fd, self._talk_on)
        self._talk_on()  # what came with the upgrade is not announced again

    def _talk_on(self) -> None:
        if self._talk is None or self._line is None:
            return  # its answer was given meanwhile
        line = self._line
        line.turn()
        try:
            next(self._talk)
            if line.more:
                self._means.loop.call_soon_threadsafe(self._talk_on)
        except StopIteration as end:
            self._conclude(end.value)
        except pycurl.error as error:
            self._fail(of_lost_line(error))
        except Exception as error:  # noqa: BLE001 - whatever a kind does ends in an answer
            self._give_up(error)

    def _late(self) -> None:
        if self._line is not None:
            self._fail((FailureClass.TIMEOUT, f"timeout.{self._line.awaited}", {}))
        elif self._transfer is not None:
            self._fail(of_code(self._transfer, pycurl.E_OPERATION_TIMEDOUT, ""))

    def _measured(self, transfer: Transfer) -> Phases:
        return phases(transfer, self._dns_us, self._phases)

    def _give_up(self, error: Exception) -> None:
        if isinstance(error, ProbeError):
            self._fail((error.cause, error.text.id, dict(error.text.params)))
            return
        if isinstance(error, FileError):
            self._fail(of_file(error))
            return
        _log.error("a fault in trueup while asking %s", self._probe.asks, exc_info=error)
        self._fail((FailureClass.INTERNAL, "internal", {"error": f"{type(error).__name__}: {error}"}))

    def _fail(self, found: Found) -> None:
        transfer, request = self._transfer, self._request
        asked = self._probe.asked((*self._hops, request) if request else ())
        params: dict[str, Value] = {"asked": asked, "waited_us": (monotonic_ns() - self.asked_ns) // 1000}
        if request is not None:
            params |= {"name": request.host, "hops": len(self._hops)}
        if transfer is None:
            early = phases(None, self._dns_us, self._phases)
            self._conclude(Facts(phases=early, failure=failure(found, params)))
            return
        served = certificate(transfer)
        measured = self._measured(transfer)
        params |= {
            "peer": f"{transfer.address} port {transfer.request.port}",
            "connect_us": measured.connect_us,
        }
        self._conclude(
            Facts(
                values={"status": transfer.status},
                phases=measured,
                address=transfer.address,
                certificate=served,
                failure=failure(found, params, served),
            )
        )

    def _conclude(self, facts: Facts, duration_us: int | None = None) -> None:
        if duration_us is None:
            duration_us = (monotonic_ns() - self.asked_ns) // 1000
        done, self._done = self._done, None
        self._release()
        self._means.flying.discard(self)
        if done is not None:
            done(Answer(self.asked_ns, duration_us, facts))

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _release(self) -> None:
        if self._timer is not None:
            self._stop_timer()
        if self._line is not None:
            self._means.loop.unwatch(self._line.fd)
            self._line = self._talk = None
        if self._transfer is not None:
            transfer, self._transfer = self._transfer, None
            transfer.end()
            self._means.pool.give(transfer)

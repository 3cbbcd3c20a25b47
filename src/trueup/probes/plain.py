"""One asking that is one plain exchange: what nearly every check over HTTP comes to."""

from __future__ import annotations

from time import monotonic_ns

from trueup.domain.result import Phases
from trueup.net.exchange import Exchange
from trueup.net.transfer import Request
from trueup.probes.asking import Answer, CurlAsking, Done
from trueup.probes.base import CurlProbe
from trueup.probes.means import Means


class PlainAsking(Exchange):
    """A question in flight whose address is known, and what came of it if that is a final answer.

    Whatever else comes of it, an error or an answer that leads on, is handed to a ``CurlAsking``.
    """

    _following: CurlAsking | None = None
    _over = False

    def __init__(
        self, means: Means, probe: CurlProbe, request: Request, address: str, timeout_s: float, done: Done
    ) -> None:
        self._words = request.plain.words if request.plain is not None else b""
        self.request = request
        self.address = address
        self.guard = means.guard
        self._left = request.limit
        self._means = means
        self._probe = probe
        self._timeout_s = timeout_s
        self._limits_ms = (int(timeout_s * 1000), 0)
        self._told = done

    @classmethod
    def of(cls, means: Means, probe: CurlProbe, timeout_s: float, done: Done) -> PlainAsking | None:
        """Return an asking of a probe, if all that it takes is known: its words and its judged address."""
        request = probe.standing
        if request is None or (plain := request.plain) is None or not plain.words or plain.odd:
            return None
        address = means.literals.get((request.host, request.family))
        return None if address is None else cls(means, probe, request, address, timeout_s, done)

    def ask(self) -> None:
        """Ask; it never raises for what the target or this machine does."""
        self._connect(self._means.loop, monotonic_ns())

    def cancel(self) -> None:
        """Stop without an answer and close the connection."""
        self._over = True
        if self._following is not None:
            self._following.cancel()
        self.end()
        self._means.flying.discard(self)

    def _finished(self, code: int, message: str) -> None:
        means = self._means
        means.flying.discard(self)
        if self._over:
            return
        if code or 300 <= self.status < 400:
            self._lead_on(code, message)
            return
        connected_us = (self._connected_ns - self._begun_ns) // 1000 or 1
        phases = Phases(None, connected_us, None, (self._first_ns - self._sent_ns) // 1000)
        try:
            facts = self._probe.facts(self, phases)
        except Exception:  # noqa: BLE001 - it is raised again where it becomes an answer
            self._lead_on(code, message)
            return
        self._told(Answer(self._begun_ns, (self._ended_ns - self._begun_ns) // 1000, facts))

    def _lead_on(self, code: int, message: str) -> None:
        self._following = CurlAsking(self._means, self._probe, self._timeout_s, self._told)
        self._means.flying.add(self._following)
        self._following.resume(self, self._begun_ns, code, message)

"""A request over HTTP within a question of another kind: asked by libcurl, awaited in the side thread."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import ClassVar

from trueup.domain.result import Facts, Phases
from trueup.net.connect import Fetched
from trueup.net.transfer import Request, Transfer
from trueup.probes.asking import Answer, CurlAsking
from trueup.probes.base import CurlProbe, ProbeError
from trueup.probes.header import Headers
from trueup.probes.means import Means

_OURS = ("asked", "waited_us")  # the whole question's, which its asker knows


@dataclass(frozen=True, kw_only=True)
class _FetchProbe(CurlProbe):
    kind: ClassVar[str] = "fetch"

    wanted: Request = field(repr=False)

    def request(self) -> Request:
        return self.wanted

    def facts(self, transfer: Transfer, phases: Phases) -> Facts:
        values = {"status": transfer.status, "type": Headers(transfer.headers).get("content-type", "")}
        return Facts(values=values, phases=phases, address=transfer.address, body=transfer.body)


async def fetch(means: Means, request: Request, timeout_s: float) -> Fetched:
    """Return what came for a request; a redirect is an answer like any other.

    Raises:
        ProbeError: No whole answer came.
    """
    here = asyncio.get_running_loop()
    landed: asyncio.Future[Answer] = here.create_future()

    def done(answer: Answer) -> None:
        here.call_soon_threadsafe(give, answer)

    def give(answer: Answer) -> None:
        if not landed.done():
            landed.set_result(answer)

    asking = CurlAsking(means, _FetchProbe(target=request.url, wanted=request), timeout_s, done)

    def begin() -> None:
        means.flying.add(asking)
        asking.begin()

    means.loop.call_soon_threadsafe(begin)
    try:
        facts = (await landed).facts
    except asyncio.CancelledError:
        means.loop.call_soon_threadsafe(asking.cancel)
        raise
    if facts.failure is not None:
        params = {name: value for name, value in facts.failure.text.params.items() if name not in _OURS}
        raise ProbeError(facts.failure.cause, facts.failure.text.id, **params)
    return Fetched(facts.values["status"], facts.values["type"], facts.body or b"", facts.address)

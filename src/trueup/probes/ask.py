"""Ask a probe's question once: the owner of deadline, duration and the wording of errors."""

from __future__ import annotations

from collections.abc import Sequence

from trueup.net.guard import Guard, Policy
from trueup.net.multi import Loop
from trueup.net.resolve import Resolver
from trueup.net.side import Side
from trueup.net.transfer import Pool, Request
from trueup.probes.aside import SideAsking
from trueup.probes.asking import Answer, CurlAsking, Done
from trueup.probes.base import CurlProbe, Probe

__all__ = ["Answer", "Asker", "ask_once"]

_LITERALS = 50_000
Asking = CurlAsking | SideAsking


class Asker:
    """Asks any probe from the loop's thread; the answers come there as well. ``flying`` holds what is asked.

    ``servers`` replace the DNS servers of this machine. Close it after the loop has stopped.
    """

    def __init__(
        self,
        loop: Loop,
        *,
        policy: Policy = "operator",
        deny_private: bool = False,
        servers: Sequence[str] = (),
        resolver: Resolver | None = None,
    ) -> None:
        self.loop = loop
        self.guard = Guard(policy, deny_private)
        self.side = Side()
        self.resolver = resolver or Resolver(self.side, servers=servers)
        self.pool = Pool()
        self.flying: set[Asking] = set()
        self.literals: dict[tuple[str, int], str] = {}  # hosts that are addresses, judged

    def start(self, probe: Probe, timeout_s: float, done: Done) -> Asking:
        """Ask now; ``done(answer)`` is called in the loop's thread, once, at the latest after the deadline.

        It never raises for what the target or this machine does: that is in the answer. The asking
        that is returned can be cancelled, and is then never answered.
        """
        asking: Asking
        if isinstance(probe, CurlProbe):
            asking = CurlAsking(self, probe, timeout_s, done)
        else:
            asking = SideAsking(self, probe, timeout_s, done)
        self.flying.add(asking)
        asking.begin()
        return asking

    def note(self, request: Request, address: str) -> None:
        """Remember the judged address of a host that is one: it never changes."""
        if len(self.literals) >= _LITERALS:
            self.literals.clear()
        self.literals[request.host, request.family] = address

    def close(self) -> None:
        """Cancel what is in flight and close every connection; the loop does not run any more."""
        for asking in list(self.flying):
            asking.cancel()
        self.side.close()
        self.pool.close()


def ask_once(
    probe: Probe,
    timeout_s: float,
    *,
    policy: Policy = "operator",
    deny_private: bool = False,
    servers: Sequence[str] = (),
) -> Answer:
    """Ask one question and wait for its answer."""
    loop = Loop()
    asker = Asker(loop, policy=policy, deny_private=deny_private, servers=servers)
    answers: list[Answer] = []

    def take(answer: Answer) -> None:
        answers.append(answer)
        loop.stop()

    try:
        loop.call_soon_threadsafe(lambda: asker.start(probe, timeout_s, take))
        loop.run()
    finally:
        asker.close()
        loop.close()
    return answers[0]

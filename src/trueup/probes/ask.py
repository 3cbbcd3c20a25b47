"""Ask a probe's question once: the owner of deadline, duration and the wording of errors."""

from __future__ import annotations

from collections.abc import Sequence

from trueup.net.guard import Guard, Policy
from trueup.net.multi import Loop
from trueup.net.resolve import Resolver
from trueup.net.side import Side
from trueup.probes.aside import SideAsking
from trueup.probes.asking import Answer, CurlAsking, Done
from trueup.probes.base import CurlProbe, Probe
from trueup.probes.means import Asking, Means
from trueup.probes.plain import PlainAsking

__all__ = ["Answer", "Asker", "ask_once"]


class Asker:
    """Asks any probe from the loop's thread; the answers come there as well.

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
        side = Side()
        self._means = Means(
            loop, Guard(policy, deny_private), side, resolver or Resolver(side, servers=servers)
        )

    @property
    def flying(self) -> int:
        """Return how many questions are in flight."""
        return len(self._means.flying)

    def start(self, probe: Probe, timeout_s: float, done: Done) -> Asking:
        """Ask now; ``done(answer)`` is called in the loop's thread, once, at the latest after the deadline.

        It never raises for what the target or this machine does: that is in the answer. The asking
        that is returned can be cancelled, and is then never answered.
        """
        asking: CurlAsking | SideAsking
        if isinstance(probe, CurlProbe):
            plain = PlainAsking.of(self._means, probe, timeout_s, done)
            if plain is not None:
                self._means.flying.add(plain)
                plain.ask()
                return plain
            asking = CurlAsking(self._means, probe, timeout_s, done)
        else:
            asking = SideAsking(self._means, probe, timeout_s, done)
        self._means.flying.add(asking)
        asking.begin()
        return asking

    def close(self) -> None:
        """Cancel what is in flight and close every connection; the loop does not run any more."""
        for asking in list(self._means.flying):
            asking.cancel()
        self._means.side.close()
        self._means.pool.close()


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

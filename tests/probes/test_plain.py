"""A check that is asked again, over its own socket, finds what it found the first time through libcurl."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from tests.probes.asking import Asking
from tests.servers import Servers
from tests.servers.http import Reader, Writer, ok, silent

from trueup.domain.result import Facts, FailureClass, Phases
from trueup.net.transfer import Transfer
from trueup.probes.ask import Answer
from trueup.probes.base import Probe, build
from trueup.probes.kinds.http import HttpProbe
from trueup.probes.plain import PlainAsking

HEAD = b"HTTP/1.1 200 OK\r\n"


def saying(*pieces: bytes) -> Callable[[Reader, Writer], Any]:
    """Give a server that answers each request with the same bytes."""

    async def handle(reader: Reader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)

    return handle


SERVERS: dict[str, Any] = {
    "good": ok(),
    "not found": ok(status=404),
    "down": ok(b"sorry", status=503),
    "a redirect": ok(status=302, Location="/again"),
    "a redirect elsewhere": ok(status=301, Location="http://169.254.169.254/"),
    "a redirect without an address": ok(status=302),
    "chunks": saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
    "too little": saying(HEAD + b"Content-Length: 9\r\n\r\nok"),
    "nothing": saying(),
    "nonsense": saying(b"SSH-2.0-OpenSSH\r\n"),
    "silence": silent,
}


def found(answer: Answer) -> tuple[Any, ...]:
    """Return what an answer says but for how long everything took."""
    facts = answer.facts
    values = {name: dict(value) if name == "header" else value for name, value in facts.values.items()}
    failure = facts.failure
    told = failure and (
        failure.cause,
        failure.text.id,
        {name: value for name, value in failure.text.params.items() if not name.endswith("_us")},
    )
    timed = tuple(getattr(facts.phases, name) is not None for name in ("dns_us", "connect_us", "wait_us"))
    return values, timed, facts.address, facts.body, facts.body_truncated, told


@pytest.mark.parametrize("name", SERVERS)
def test_asked_again_it_finds_the_same(name: str, servers: Servers) -> None:
    probe = build("http", servers.start(SERVERS[name]).url(), {"max_redirects": 2})
    with Asking() as asking:
        for _ in range(3):
            asking.answers(probe, timeout_s=0.3 if name == "silence" else 5)
        flying = asking.call(lambda: asking.asker.flying)

    first, *others = [found(answer) for answer in asking.taken]
    assert others == [first, first]
    assert flying == 0


def test_port_that_nobody_listens_on_is_refused_each_time() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        probe = build("http", f"http://127.0.0.1:{bound.getsockname()[1]}/", {})
        with Asking() as asking:
            for _ in range(3):
                asking.answers(probe, timeout_s=5)

    first, *others = [found(answer) for answer in asking.taken]
    assert others == [first, first]
    assert asking.taken[2].facts.failure is not None
    assert asking.taken[2].facts.failure.cause is FailureClass.REFUSED


def test_check_that_is_asked_again_needs_no_libcurl(servers: Servers) -> None:
    probe = build("http", servers.start(ok()).url(), {})
    with Asking() as asking:
        asking.answers(probe, timeout_s=5)
        kinds = asking.call(lambda: type(asking.asker.start(probe, 5, asking.take)))
        asking.settle(lambda: len(asking.taken) == 2)

    assert kinds is PlainAsking


def test_cancelled_it_is_never_answered(servers: Servers) -> None:
    for server in (silent, SERVERS["a redirect"]):
        probe = build("http", servers.start(server).url(), {"follow": False})
        again = build("http", servers.start(silent).url(), {})
        with Asking() as asking:
            asking.answers(probe, again, timeout_s=0.05)
            before = len(asking.taken)
            asking.call(lambda: asking.asker.start(probe, 5, asking.take).cancel())  # noqa: B023 - called here
            asking.call(lambda: None)

            assert asking.call(lambda: asking.asker.flying) == 0
        assert len(asking.taken) == before


@dataclass(frozen=True, kw_only=True)
class Faulty(HttpProbe):
    """A kind with a fault of its own."""

    kind: ClassVar[str] = "faulty-web"

    def facts(self, transfer: Transfer, phases: Phases) -> Facts:
        """Fail."""
        raise ZeroDivisionError("a kind's own fault")


def test_fault_of_a_kind_is_an_answer_each_time(servers: Servers) -> None:
    probe: Probe = Faulty(target=servers.start(ok()).url())
    with Asking() as asking:
        for _ in range(2):
            asking.answers(probe, timeout_s=5)

    causes = [answer.facts.failure and answer.facts.failure.cause for answer in asking.taken]
    assert causes == [FailureClass.INTERNAL] * 2

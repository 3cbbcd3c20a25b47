"""The asker: one answer for every question, in the loop's thread, whatever a kind does."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from dataclasses import dataclass, replace
from typing import ClassVar

import pytest
from tests.probes.asking import Asking
from tests.probes.conftest import why
from tests.servers import Servers
from tests.servers.dns import Zone
from tests.servers.http import ok, silent
from tests.servers.websocket import echo, upgrading

from trueup.domain.result import Facts, FailureClass, Phases
from trueup.domain.text import render
from trueup.net.connect import Net
from trueup.net.transfer import Request, Transfer
from trueup.probes.ask import Answer, ask_once
from trueup.probes.base import CurlProbe, Probe, build
from trueup.probes.kinds.http import HttpProbe


@dataclass(frozen=True, kw_only=True)
class Faulty(Probe):
    """A kind with a fault of its own."""

    kind: ClassVar[str] = "faulty"

    async def ask(self, net: Net) -> Facts:
        """Fail."""
        raise ZeroDivisionError("a kind's own fault")


@dataclass(frozen=True, kw_only=True)
class FaultyCurl(HttpProbe):
    """A kind that libcurl speaks, with a fault of its own."""

    kind: ClassVar[str] = "faulty-curl"

    def facts(self, transfer: Transfer, phases: Phases) -> Facts:
        """Fail."""
        raise ZeroDivisionError("a kind's own fault")


@dataclass(frozen=True, kw_only=True)
class Speechless(Probe):
    """A kind that forgot to ask."""

    kind: ClassVar[str] = "speechless"


@dataclass(frozen=True, kw_only=True)
class Sleeping(Probe):
    """A kind that would wait for ever, and cleans up late."""

    kind: ClassVar[str] = "sleeping"

    async def ask(self, net: Net) -> Facts:
        """Wait."""
        await asyncio.Event().wait()
        return Facts()


@dataclass(frozen=True, kw_only=True)
class Upgrading(CurlProbe):
    """A kind that keeps the connection and does not know what to say."""

    kind: ClassVar[str] = "upgrading"

    def request(self) -> Request:
        """Ask for an upgrade."""
        probe = build("websocket", self.target, {})
        assert isinstance(probe, CurlProbe)
        return replace(probe.request(), name=self.target)

    def facts(self, transfer: Transfer, phases: Phases) -> Facts:
        """Measure nothing."""
        return Facts()


@pytest.mark.parametrize("cls", [Faulty, Speechless])
def test_fault_of_a_kind_is_an_answer_and_is_logged(
    cls: type[Probe], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = ask_once(cls(target="somewhere"), 1)

    cause, sentence = why(answer)
    assert cause is FailureClass.INTERNAL
    assert "a fault in trueup, not in the target" in sentence
    assert "Traceback" in caplog.text


def test_fault_of_a_kind_that_libcurl_speaks_is_an_answer(
    servers: Servers, caplog: pytest.LogCaptureFixture
) -> None:
    place = servers.start(ok())

    with caplog.at_level(logging.ERROR):
        cause, sentence = why(ask_once(FaultyCurl(target=place.url()), 1))

    assert cause is FailureClass.INTERNAL
    assert "ZeroDivisionError: a kind's own fault" in sentence
    assert "Traceback" in caplog.text


def test_kind_that_keeps_the_connection_must_know_what_to_say(servers: Servers) -> None:
    place = servers.start(upgrading(echo))

    cause, sentence = why(ask_once(Upgrading(target=place.url(scheme="ws")), 1))

    assert cause is FailureClass.INTERNAL
    assert "has no talk()" in sentence


def test_deadline_ends_whatever_a_kind_waits_for() -> None:
    begun_s = time.monotonic()

    answer = ask_once(Sleeping(target="somewhere"), 0.1)

    assert why(answer)[0] is FailureClass.TIMEOUT
    assert time.monotonic() - begun_s < 10


def test_answers_come_in_the_loops_thread(servers: Servers) -> None:
    place = servers.start(ok())
    threads: list[int] = []
    with Asking() as asking:

        def take(answer: Answer) -> None:
            threads.append(threading.get_ident())
            asking.take(answer)

        for probe in (build("http", place.url(), {}), build("tcp", place.endpoint, {}), Faulty(target="x")):
            asking.call(lambda probe=probe: asking.asker.start(probe, 1, take))  # type: ignore[misc]
        asking.settle(lambda: len(asking.taken) == 3)

        assert threads == [asking.call(threading.get_ident)] * 3


def test_answer_says_when_it_was_asked_and_how_long_it_took(servers: Servers) -> None:
    place = servers.start(silent)
    for kind, target in (("http", place.url()), ("tcp", place.endpoint)):
        begun_ns = time.monotonic_ns()
        answer = ask_once(build(kind, target, {"listen": True} if kind == "tcp" else {}), 0.1)
        ended_ns = time.monotonic_ns()

        assert begun_ns <= answer.asked_mono_ns
        assert answer.asked_mono_ns + answer.duration_us * 1000 <= ended_ns
        assert 99_000 <= answer.duration_us < 250_000


def test_name_takes_time_once_and_then_none(servers: Servers) -> None:
    place = servers.start(ok())
    resolver = Zone({"a.test": ["127.0.0.1"]}).start(servers)
    probes = (build("http", place.url(host="a.test"), {}), build("tcp", f"a.test:{place.port}", {}))
    with Asking(servers=[resolver]) as asking:
        for probe in probes * 2:
            asking.answers(probe, timeout_s=2)

    took = [answer.facts.phases.dns_us for answer in asking.taken]
    assert [answer.facts.failure for answer in asking.taken] == [None] * 4
    assert took[0]
    assert took[1:] == [0, 0, 0]


def test_closing_the_asker_ends_what_is_in_flight(servers: Servers) -> None:
    place = servers.start(silent)
    with Asking() as asking:
        for probe in (
            build("http", place.url(), {}),
            build("websocket", place.url(scheme="ws"), {}),
            build("tcp", place.endpoint, {"listen": True}),
        ):
            asking.call(lambda probe=probe: asking.asker.start(probe, 60, asking.take))  # type: ignore[misc]
        servers.settle(lambda: len(place.taken) == 3)

    assert asking.taken == []
    assert asking.asker.flying == 0


def test_no_time_to_ask_is_a_timeout(servers: Servers) -> None:
    place = servers.start(ok())

    answer = ask_once(build("http", place.url(), {}), 0.0001)

    assert answer.facts.failure is not None
    assert answer.facts.failure.cause is FailureClass.TIMEOUT
    assert "waited" in render(answer.facts.failure.text)

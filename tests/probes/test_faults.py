"""Targets that do not behave: each fault has its class, a whole sentence, and an end."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from tests.probes.conftest import Ask, why
from tests.servers import Servers, http
from tests.servers.dns import SERVFAIL, SILENT, Zone
from tests.servers.run import Handler

from trueup.domain.result import FailureClass
from trueup.net.multi import Loop
from trueup.probes.ask import Answer, Asker
from trueup.probes.base import build

SLACK_S = 0.15


def test_refused(servers: Servers, ask: Ask) -> None:
    nothing = servers.refusing()

    cause, sentence = why(ask("http", nothing.url()))

    assert cause is FailureClass.REFUSED
    assert f"GET {nothing.url()}" in sentence
    assert f"127.0.0.1 port {nothing.port} refused the connection" in sentence


@pytest.mark.parametrize(
    ("handler", "words"),
    [
        (http.silent, "no answer came"),
        (http.deaf, "no answer came"),
        (http.slow_loris, "was not whole"),
        (http.stalling, "9 B of 1 kB had come"),
    ],
)
def test_answer_that_does_not_come_in_time(servers: Servers, ask: Ask, handler: Handler, words: str) -> None:
    place = servers.start(handler)

    answer = ask("http", place.url(), timeout_s=0.3)

    cause, sentence = why(answer)
    assert cause is FailureClass.TIMEOUT
    assert words in sentence
    assert 0.29 < answer.duration_us / 1e6 < 0.3 + SLACK_S


def test_connection_that_does_not_come_about_in_time(servers: Servers, ask: Ask) -> None:
    place = servers.full()

    answer = ask("http", place.url(), timeout_s=0.2)

    cause, sentence = why(answer)
    assert cause is FailureClass.TIMEOUT
    assert "no connection" in sentence
    assert answer.facts.phases.connect_us is None
    assert answer.duration_us / 1e6 < 0.2 + SLACK_S


def test_redirects_end_with_the_deadline_of_the_whole(servers: Servers, ask: Ask) -> None:
    last = servers.start(http.silent)
    first = servers.start(http.ok(status=302, Location=last.url()))

    answer = ask("http", first.url(), timeout_s=0.2)

    cause, sentence = why(answer)
    assert cause is FailureClass.TIMEOUT
    assert f"GET {first.url()}, then GET {last.url()}" in sentence
    assert answer.duration_us / 1e6 < 0.2 + SLACK_S


@pytest.mark.parametrize(
    ("handler", "cause", "words"),
    [
        (http.closing, FailureClass.RESET, "closed without an answer"),
        (http.cutting, FailureClass.RESET, "the connection was cut"),
        (http.cut_off, FailureClass.RESET, "closed after 9 B of 1 kB"),
        (http.garbage, FailureClass.PROTOCOL, "not HTTP"),
        (http.saying(b"HTTP/1.1 OK 200\r\n\r\n"), FailureClass.PROTOCOL, "not HTTP"),
        (http.header_bomb, FailureClass.TOO_LARGE, "headers"),
        (http.long_header, FailureClass.TOO_LARGE, "headers"),
        (http.interim_bomb, FailureClass.TOO_LARGE, "headers"),
        (http.redirect_loop, FailureClass.REDIRECT, "in a circle"),
        (http.redirect_on, FailureClass.REDIRECT, "more than 10 redirects"),
        (http.ok(status=302, Location="ftp://host/"), FailureClass.REDIRECT, "ftp://host/"),
        (http.ok(status=302, Location="file:///etc/passwd"), FailureClass.REDIRECT, "file:///etc/passwd"),
        (http.ok(status=302, Location="http://[bad/"), FailureClass.REDIRECT, "nowhere"),
        (http.ok(status=302, Location="http://user:pw@host/"), FailureClass.REDIRECT, "nowhere"),
        (http.ok(status=302, Location="http://169.254.169.254/"), FailureClass.GUARD, "metadata"),
        (http.ok(status=302, Location="http://[::ffff:169.254.169.254]/"), FailureClass.GUARD, "metadata"),
        (http.ok(status=302, Location="http://0/"), FailureClass.GUARD, "unspecified"),
    ],
)
def test_fault_has_its_class_and_its_words(
    servers: Servers, ask: Ask, handler: Handler, cause: FailureClass, words: str
) -> None:
    place = servers.start(handler)

    found, sentence = why(ask("http", place.url(), timeout_s=5))

    assert found is cause, sentence
    assert words in sentence


def test_odd_bytes_are_an_answer(servers: Servers, ask: Ask) -> None:
    place = servers.start(http.invalid_utf8)

    facts = ask("http", place.url()).facts

    assert facts.failure is None
    assert facts.body == b"\xff\xfeok"
    assert facts.values["header"]["x-odd"] == "\ufffd\ufffd"


@pytest.mark.parametrize("handler", [http.endless_body, http.large_body(1_000_000_000)])
def test_body_without_end_costs_no_more_than_the_cap(servers: Servers, ask: Ask, handler: Handler) -> None:
    place = servers.start(handler)

    cut = ask("http", place.url())
    failed = ask("http", place.url(), larger="fail")

    assert (cut.facts.failure, len(cut.facts.body or b""), cut.facts.body_truncated) == (
        None,
        1_000_000,
        True,
    )
    assert why(failed)[0] is FailureClass.TOO_LARGE


def test_body_of_crumbs_is_cut_before_it_costs_a_second(servers: Servers, ask: Ask) -> None:
    place = servers.start(http.crumbs)

    facts = ask("http", place.url()).facts

    assert (facts.failure, facts.body_truncated) == (None, True)
    assert len(facts.body or b"") < 40_000  # a million of them would cost a second


def test_name_that_does_not_exist(servers: Servers, ask: Ask) -> None:
    resolver = Zone({}).start(servers)

    cause, sentence = why(ask("http", "http://no.such.test/", servers=[resolver]))

    assert cause is FailureClass.DNS
    assert "the name no.such.test does not exist" in sentence


def test_name_whose_server_fails(servers: Servers, ask: Ask) -> None:
    resolver = Zone({"broken.test": SERVFAIL}).start(servers)

    cause, sentence = why(ask("http", "http://broken.test/", servers=[resolver]))

    assert cause is FailureClass.DNS
    assert "answered SERVFAIL for the name broken.test" in sentence


def test_name_whose_server_is_silent_is_a_fault_of_dns_within_the_deadline(
    servers: Servers, ask: Ask
) -> None:
    resolver = Zone({"mute.test": SILENT}).start(servers)

    answer = ask("http", "http://mute.test/", timeout_s=0.2, servers=[resolver])

    cause, sentence = why(answer)
    assert cause is FailureClass.DNS
    assert "no resolver answered for the name mute.test" in sentence
    assert answer.duration_us / 1e6 < 0.2 + SLACK_S
    assert (answer.facts.phases.dns_us or 0) > 190_000


def test_name_of_an_address_that_is_refused(servers: Servers, ask: Ask) -> None:
    resolver = Zone({"evil.test": ["169.254.169.254"], "six.test": ["::ffff:10.0.0.1"]}).start(servers)

    assert why(ask("http", "http://evil.test/", servers=[resolver]))[0] is FailureClass.GUARD
    private = ask("http", "http://six.test/", servers=[resolver], deny_private=True)
    assert why(private)[0] is FailureClass.GUARD


def test_guard_of_strangers_and_of_denied_private_refuse_loopback(servers: Servers, ask: Ask) -> None:
    place = servers.start(http.ok())

    for more in ({"policy": "stranger"}, {"deny_private": True}):
        for target in (place.url(), place.url(host="localhost"), place.url(host="2130706433")):
            cause, sentence = why(ask("http", target, **more))
            assert cause is FailureClass.GUARD
            assert "loopback" in sentence
    assert place.taken == []


APART = {"headers": {"X-Own": "1"}}  # a request with options of its own takes two for a moment


@contextmanager
def few_files(left: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = max(int(each.name) for each in Path("/proc/self/fd").iterdir()) + 1
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + left, hard))
    taken: list[int] = []
    try:
        with suppress(OSError):
            while True:
                taken.append(os.dup(0))
        for _ in range(left):
            os.close(taken.pop())
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for each in taken:
            os.close(each)


@pytest.mark.parametrize(("left", "options"), [(0, {}), (0, APART), (1, APART)])
def test_no_file_descriptor_left_is_our_own_fault(
    servers: Servers, left: int, options: dict[str, Any]
) -> None:
    place = servers.start(http.ok())
    answers: list[Answer] = []
    loop = Loop()
    asker = Asker(loop)

    def take(answer: Answer) -> None:
        answers.append(answer)
        loop.stop()

    def begin() -> None:
        asker.start(build("http", place.url(), options), 1, take)

    loop.call_soon_threadsafe(begin)
    with few_files(left):
        loop.run()
    asker.close()
    loop.close()

    cause, sentence = why(answers[0])
    assert cause is FailureClass.LOCAL, sentence
    assert "ulimit" in sentence

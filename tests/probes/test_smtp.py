"""SMTP: a conversation up to the point where a mail would begin; each step has its words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.probes.conftest import Ask, why
from tests.probes.pages import states
from tests.servers import Servers
from tests.servers.http import cut, silent
from tests.servers.mail import mail
from tests.servers.run import Handler
from tests.servers.tls import Authority

from trueup.domain.result import FailureClass, State
from trueup.probes.base import OptionError, build

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter
LOGIN = {"username": "monitor", "password": "open sesame"}


def test_conversation_without_tls_is_heard(servers: Servers, ask: Ask) -> None:
    place = mail(servers, ident="ESMTP here")

    facts = ask("smtp", place.endpoint).facts

    assert facts.failure is None
    assert facts.values["banner"] == "mail.example.test ESMTP here"
    assert facts.values["code"] == facts.values["status"] == 250
    assert {"SIZE", "8BITMIME", "HELP"} <= set(facts.values["extensions"].split())
    assert facts.phases.wait_us is not None
    assert facts.certificate is None


def test_tls_is_used_where_it_is_offered_whoever_answers(
    servers: Servers, ask: Ask, authority: Authority
) -> None:
    place = mail(servers, tls=authority.server("mail.example.test"))

    facts = ask("smtp", f"smtp://{place.endpoint}").facts

    assert facts.failure is None
    assert facts.certificate is not None
    assert facts.certificate.names == ("mail.example.test",)
    assert facts.phases.tls_us is not None
    assert "STARTTLS" not in facts.values["extensions"]  # those under TLS


def test_tls_that_is_required_is_verified(servers: Servers, ask: Ask, authority: Authority) -> None:
    place = mail(servers, tls=authority.server("mail.example.test"))
    required = {"encrypt": "required", "server_name": "mail.example.test"}

    assert ask("smtp", place.endpoint, ca=authority.file, **required).facts.failure is None
    assert why(ask("smtp", place.endpoint, **required))[0] is FailureClass.TLS
    assert ask("smtp", place.endpoint, insecure=True, **required).facts.failure is None


def test_tls_that_is_required_and_not_offered_is_a_failure(servers: Servers, ask: Ask) -> None:
    cause, sentence = why(ask("smtp", mail(servers).endpoint, encrypt="required"))

    assert cause is FailureClass.TLS
    assert "offers no TLS" in sentence


def test_tls_from_the_first_byte(servers: Servers, ask: Ask, authority: Authority) -> None:
    place = mail(servers, tls=authority.server(), implicit=True)

    facts = ask("smtp", place.endpoint, encrypt="implicit", ca=authority.file, **LOGIN).facts

    assert (facts.failure, facts.values["code"]) == (None, 235)


@pytest.mark.parametrize("excluded", [[], ["PLAIN"]])
def test_login_in_either_way(servers: Servers, ask: Ask, authority: Authority, excluded: list[str]) -> None:
    place = mail(servers, tls=authority.server(), auth_exclude_mechanism=excluded)
    options = {"encrypt": "required", "ca": authority.file}

    good = ask("smtp", place.endpoint, **options, **LOGIN)
    bad = ask("smtp", place.endpoint, **options, username="monitor", password="wrong marker")

    assert (good.facts.failure, good.facts.values["code"]) == (None, 235)
    cause, sentence = why(bad)
    assert cause is FailureClass.EXPECTATION
    assert "the login of monitor was refused: 535" in sentence
    assert "marker" not in sentence


def test_examples_of_the_page_hold(servers: Servers, tmp_path: Path, authority: Authority) -> None:
    place = mail(servers, tls=authority.server())
    places = {"mail.example.org:25": place.endpoint, "mail.example.org:587": place.endpoint}

    found = states(
        "watch-a-mail-server.md", tmp_path, places, {"MAIL_PASSWORD": "open sesame"}, authority.file
    )

    # the certificate of the test is for two weeks or more
    assert {slug: state for slug, (state, _) in found.items()} == {
        "mail-incoming": State.UP,
        "mail-submission": State.UP,
    }, found


def talking(*replies: bytes, then: Handler = silent) -> Handler:
    """Say a reply at first and after each line, then go on as told."""

    async def handle(reader: Reader, writer: Writer) -> None:
        for number, reply in enumerate(replies):
            if number:
                await reader.readline()
            writer.write(reply)
            await writer.drain()
        await then(reader, writer)

    return handle


def without_end(piece: bytes, *before: bytes) -> Handler:
    """Say what is before, then a piece again and again."""

    async def handle(reader: Reader, writer: Writer) -> None:
        while True:
            writer.write(piece)
            await writer.drain()

    return talking(*before, then=handle)


async def cutting(reader: Reader, writer: Writer) -> None:
    await reader.readline()
    cut(writer)


HELLO = b"220 here\r\n"
TLS = b"250-here\r\n250 STARTTLS\r\n"


@pytest.mark.parametrize(
    ("handler", "options", "cause", "words"),
    [
        (silent, {}, FailureClass.TIMEOUT, "speak first"),
        (talking(HELLO), {}, FailureClass.TIMEOUT, "(EHLO)"),
        (talking(HELLO, TLS), {}, FailureClass.TIMEOUT, "(STARTTLS)"),
        (talking(HELLO, TLS, b"220 go\r\n"), {}, FailureClass.TIMEOUT, "TLS handshake"),
        (talking(b"554 go away\r\n"), {}, FailureClass.EXPECTATION, "greeting was answered with 554 go away"),
        (talking(HELLO, b"500 what\r\n", b"500 what\r\n"), {}, FailureClass.EXPECTATION, "HELO was answered"),
        (talking(HELLO, TLS, b"454 not now\r\n"), {}, FailureClass.EXPECTATION, "STARTTLS was answered"),
        (talking(HELLO, TLS, b"220 go\r\n250 injected\r\n"), {}, FailureClass.PROTOCOL, "plain text"),
        (talking(b"SSH-2.0-x\r\n"), {}, FailureClass.PROTOCOL, "SSH-2.0-x"),
        (talking(b"\xff\xfe\r\n"), {}, FailureClass.PROTOCOL, "against the protocol"),
        (talking(b"220-a\r\nnonsense\r\n"), {}, FailureClass.PROTOCOL, "nonsense"),
        (talking(b"220 half", then=cutting), {}, FailureClass.TIMEOUT, "speak first"),
        (talking(HELLO, then=cutting), {}, FailureClass.RESET, "cut"),
        (without_end(b"220-again\r\n"), {}, FailureClass.TOO_LARGE, "larger"),
        (without_end(b"b" * 5_000), {}, FailureClass.TOO_LARGE, "larger"),
        (without_end(b"250-again\r\n", HELLO), {}, FailureClass.TOO_LARGE, "larger"),
        (talking(HELLO, b"250 here\r\n"), {"encrypt": "no", **LOGIN}, FailureClass.PROTOCOL, "no way to log"),
    ],
)  # fmt: skip
def test_fault_has_its_class_and_its_words(
    servers: Servers, ask: Ask, handler: Handler, options: dict[str, Any], cause: FailureClass, words: str
) -> None:
    place = servers.start(handler)

    timeout_s = 0.4 if cause is FailureClass.TIMEOUT else 5
    found, sentence = why(ask("smtp", place.endpoint, timeout_s=timeout_s, **options))

    assert found is cause, sentence
    assert words in sentence


def test_server_of_old_that_knows_helo_alone_is_up(servers: Servers, ask: Ask) -> None:
    place = servers.start(talking(b"220 old\r\n", b"502 what\r\n", b"250 hi\r\n", b"221 bye\r\n"))

    values = ask("smtp", place.endpoint).facts.values

    assert (values["code"], values["extensions"]) == (250, "")


@pytest.mark.parametrize("build_options", [
    lambda: {"password": "marker"},
    lambda: {"username": "marker"},
    lambda: {"username": "me", "password": "marker"},
    lambda: {"username": "me", "password": "mark\0er", "encrypt": "required"},
    lambda: {"hello": "a b"},
])  # fmt: skip
def test_what_cannot_be_asked_is_refused(build_options: Callable[[], dict[str, Any]]) -> None:
    with pytest.raises(OptionError) as refused:
        build("smtp", "127.0.0.1:25", build_options())

    assert "mark" not in str(refused.value)

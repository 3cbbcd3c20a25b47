"""TCP: a connection is an answer; what is said on it may be one too."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.probes.conftest import Ask, why
from tests.servers import Servers
from tests.servers.dns import SILENT, Zone
from tests.servers.http import closing, cut, cutting, silent
from tests.servers.tls import Authority

from trueup.domain.result import FailureClass
from trueup.probes.base import OptionError, build

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter


async def banner(reader: Reader, writer: Writer) -> None:
    writer.write(b"220 mail.example.test\r\n")
    await silent(reader, writer)


async def shout(reader: Reader, writer: Writer) -> None:
    line = await reader.readline()
    for letter in line.decode().upper():
        writer.write(letter.encode())
        await writer.drain()
        await asyncio.sleep(0.001)
    await silent(reader, writer)


def test_connection_is_enough(servers: Servers, ask: Ask) -> None:
    place = servers.start(silent)

    facts = ask("tcp", place.endpoint).facts

    assert facts.failure is None
    assert facts.values == {}
    assert facts.address == "127.0.0.1"
    assert facts.phases.connect_us is not None
    assert facts.phases.tls_us is None


def test_server_that_speaks_first_is_heard(servers: Servers, ask: Ask) -> None:
    place = servers.start(banner)

    assert ask("tcp", place.endpoint, listen=True).facts.values["reply"] == "220 mail.example.test\r\n"


def test_reply_is_read_until_its_end(servers: Servers, ask: Ask) -> None:
    place = servers.start(shout)

    facts = ask("tcp", f"tcp://{place.endpoint}", send="hello\n", until="\n").facts

    assert facts.values["reply"] == "HELLO\n"
    assert facts.phases.wait_us is not None


def test_tls_is_spoken_and_the_certificate_known(servers: Servers, ask: Ask, authority: Authority) -> None:
    place = servers.start(banner, tls=authority.server("mail.example.test"))

    facts = ask(
        "tcp", place.endpoint, secure=True, ca=authority.file, server_name="mail.example.test", listen=True
    ).facts

    assert facts.failure is None
    assert facts.values["reply"].startswith("220 ")
    assert facts.certificate is not None
    assert facts.certificate.names == ("mail.example.test",)
    assert facts.phases.tls_us is not None


def test_client_certificate_is_shown(servers: Servers, ask: Ask, authority: Authority) -> None:
    place = servers.start(banner, tls=authority.demanding())

    facts = ask("tcp", place.endpoint, secure=True, ca=authority.file, listen=True,
                client_certificate=authority.client("tcp")).facts  # fmt: skip

    assert facts.failure is None


def test_next_address_is_asked_where_the_first_refuses_or_is_silent(servers: Servers, ask: Ask) -> None:
    place = servers.start(silent, host="::1")
    held = servers.full()
    resolver = Zone({"both.test": ["127.0.0.1", "::1"]}).start(servers)
    six = servers.start(silent, host="::1", port=held.port)

    refused = ask("tcp", f"both.test:{place.port}", servers=[resolver]).facts
    slow = ask("tcp", f"both.test:{six.port}", servers=[resolver], timeout_s=0.4).facts

    assert (refused.failure, refused.address) == (None, "::1")
    assert (slow.failure, slow.address) == (None, "::1")


async def endless(reader: Reader, writer: Writer) -> None:
    while True:
        writer.write(b"b" * 65_536)
        await writer.drain()


async def half(reader: Reader, writer: Writer) -> None:
    writer.write(b"half a li")
    await writer.drain()


async def half_and_cut(reader: Reader, writer: Writer) -> None:
    await reader.read(100)
    cut(writer)


@pytest.mark.parametrize(
    ("handler", "options", "cause", "words"),
    [
        (silent, {"listen": True}, FailureClass.TIMEOUT, "speak first"),
        (silent, {"send": "x"}, FailureClass.TIMEOUT, "no reply"),
        (banner, {"until": "250 "}, FailureClass.TIMEOUT, "speak first"),
        (closing, {"send": "x"}, FailureClass.RESET, "without an answer"),
        (cutting, {"send": "x"}, FailureClass.RESET, "cut"),
        (half, {"until": "\n"}, FailureClass.RESET, "after 9 B"),
        (half_and_cut, {"send": "x", "until": "\n"}, FailureClass.RESET, "cut"),
        (endless, {"until": "never"}, FailureClass.TOO_LARGE, "64 kB"),
    ],
)
def test_fault_has_its_class_and_its_words(
    servers: Servers, ask: Ask, handler: Any, options: dict[str, Any], cause: FailureClass, words: str
) -> None:
    place = servers.start(handler)

    answer = ask("tcp", place.endpoint, timeout_s=0.3, **options)

    found, sentence = why(answer)
    assert found is cause, sentence
    assert words in sentence
    assert answer.duration_us < 450_000


def test_name_whose_server_is_silent_is_a_fault_of_dns(servers: Servers, ask: Ask) -> None:
    resolver = Zone({"mute.test": SILENT}).start(servers)

    cause, sentence = why(ask("tcp", "mute.test:80", timeout_s=0.2, servers=[resolver]))

    assert cause is FailureClass.DNS
    assert "no resolver answered for the name mute.test" in sentence


@pytest.mark.parametrize(
    "target", ["host", "host:", "host:0", "host:99999", ":80", "::1:80", "a b:80", "tcp://h"]
)
def test_bad_targets_are_refused(target: str) -> None:
    with pytest.raises(OptionError) as refused:
        build("tcp", target, {})

    assert refused.value.field == "target"

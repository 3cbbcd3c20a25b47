"""Redis: a PING is an answer, a command's reply may be judged, and no reply is larger than its cap."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.probes.conftest import Ask, why
from tests.probes.pages import states
from tests.servers import Place, Servers
from tests.servers.http import Reader, Writer, closing, saying, silent
from tests.servers.redis import redis
from tests.servers.run import Handler
from tests.servers.tls import Authority
from tests.system import PATIENT

from trueup.domain.result import FailureClass, State
from trueup.probes.base import OptionError, build

PASSWORD = "open sesame"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with redis(tmp_path_factory.mktemp("redis"), password=PASSWORD) as place:
        yield place


@PATIENT
def test_ping_is_an_answer(store: Place, ask: Ask) -> None:
    facts = ask("redis", f"redis://{store.endpoint}", password=PASSWORD).facts

    assert (facts.failure, facts.values["reply"]) == (None, "PONG")
    assert facts.phases.wait_us is not None


@PATIENT
@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("ECHO 'two words'", "two words"),
        ("DBSIZE", 0),
        ("GET nothing", None),
        ("CONFIG GET maxmemory", ["maxmemory", "0"]),
        ("COMMAND INFO get nothing", None),
    ],
)
def test_reply_has_its_form(store: Place, ask: Ask, command: str, reply: Any) -> None:
    found = ask("redis", store.endpoint, password=PASSWORD, database=3, command=command).facts.values["reply"]

    if reply is None and command.startswith("COMMAND"):
        assert (found[0][0], found[1]) == ("get", None)
    else:
        assert found == reply


@PATIENT
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "PING was answered with NOAUTH"),
        ({"password": "wrong marker"}, "the login of default was refused: WRONGPASS"),
        ({"username": "who", "password": "wrong marker"}, "the login of who was refused"),
        ({"password": PASSWORD, "database": 999}, "SELECT was answered with ERR"),
        ({"password": PASSWORD, "command": "LLEN"}, "LLEN was answered with ERR wrong number"),
    ],
)
def test_error_of_the_server_is_shown(store: Place, ask: Ask, options: dict[str, Any], words: str) -> None:
    cause, sentence = why(ask("redis", store.endpoint, **options))

    assert cause is FailureClass.EXPECTATION
    assert words in sentence
    assert "marker" not in sentence


@PATIENT
def test_tls_is_spoken_and_the_certificate_known(tmp_path: Path, ask: Ask, authority: Authority) -> None:
    with redis(tmp_path, authority=authority) as place:
        facts = ask("redis", place.endpoint, secure=True, ca=authority.file).facts
        plain = ask("redis", place.endpoint)

    assert (facts.failure, facts.values["reply"]) == (None, "PONG")
    assert facts.certificate is not None
    assert why(plain)[0] in (FailureClass.RESET, FailureClass.PROTOCOL)


@PATIENT
def test_examples_of_the_page_hold(store: Place, tmp_path: Path) -> None:
    places = {"queue.example.org:6379": store.endpoint}

    found = states("watch-redis.md", tmp_path, places, {"REDIS_PASSWORD": PASSWORD})

    assert {slug: state for slug, (state, _) in found.items()} == {
        "queue-length": State.UP,
        "queue-replica": State.UP,
    }, found


async def endless(reader: Reader, writer: Writer) -> None:
    await reader.read(65_536)
    while True:
        writer.write(b"*1\r\n" * 8_000)
        await writer.drain()


async def endless_bulk(reader: Reader, writer: Writer) -> None:
    await reader.read(65_536)
    writer.write(b"*1000\r\n")
    while True:
        writer.write(b"$60000\r\n" + b"b" * 60_000 + b"\r\n")
        await writer.drain()


@pytest.mark.parametrize(
    ("handler", "cause"),
    [
        (silent, FailureClass.TIMEOUT),
        (closing, FailureClass.RESET),
        (saying(b"+PO", then=silent), FailureClass.TIMEOUT),
        (saying(b"$10\r\nshort"), FailureClass.RESET),
        (saying(b"$4\r\nlonger than that\r\n"), FailureClass.PROTOCOL),
        (saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"), FailureClass.PROTOCOL),
        (saying(b":12x\r\n"), FailureClass.PROTOCOL),
        (saying(b"$99999999999999999999999\r\n"), FailureClass.PROTOCOL),
        (saying(b"$9999999999\r\n"), FailureClass.TOO_LARGE),
        (saying(b"*9999999999\r\n"), FailureClass.TOO_LARGE),
        (saying(b"*2\r\n*-9999999999\r\n$9999999999\r\n"), FailureClass.TOO_LARGE),
        (saying(b"b" * 70_000), FailureClass.TOO_LARGE),
        (endless_bulk, FailureClass.TOO_LARGE),
        (endless, FailureClass.PROTOCOL),
    ],
)
def test_hostile_server_ends_with_a_class(
    servers: Servers, ask: Ask, handler: Handler, cause: FailureClass
) -> None:
    place = servers.start(handler)

    found, sentence = why(ask("redis", place.endpoint, timeout_s=0.4 if cause is FailureClass.TIMEOUT else 5))

    assert found is cause, sentence


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"command": "GET 'open"}, "command"),
        ({"username": "me"}, "username"),
        ({"database": -1}, "database"),
    ],
)
def test_what_cannot_be_asked_is_refused(options: dict[str, Any], field: str) -> None:
    with pytest.raises(OptionError) as refused:
        build("redis", "127.0.0.1", options)

    assert refused.value.field == field

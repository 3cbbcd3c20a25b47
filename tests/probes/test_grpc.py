"""gRPC: what the health service says is what is known, and every other end of the call has its words."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]
import pytest
from tests.probes.conftest import Ask, why
from tests.probes.pages import states
from tests.servers import Servers
from tests.servers.health import Health, serving
from tests.servers.http import saying, silent
from tests.servers.spoken import ANSWER, END, SETTINGS, frame, header
from tests.servers.tls import Authority

from trueup.domain.result import FailureClass, State
from trueup.probes.base import OptionError, build

STATES = {"": "SERVING", "shop.orders.v1.Orders": "SERVING", "shop.old": "NOT_SERVING", "shop.new": "UNKNOWN"}


@pytest.fixture(scope="module")
def health() -> Iterator[Health]:
    with serving(STATES) as place:
        yield place


@pytest.mark.parametrize(("service", "state"), STATES.items())
def test_state_of_a_service_is_known(health: Health, ask: Ask, service: str, state: str) -> None:
    facts = ask("grpc", health.endpoint, service=service).facts

    assert facts.failure is None
    assert (facts.values["serving"], facts.values["code"], facts.values["status"]) == (state, "OK", 0)
    assert facts.phases.wait_us is not None


def test_service_that_is_not_known_is_a_status(health: Health, ask: Ask) -> None:
    values = ask("grpc", f"grpc://{health.endpoint}", service="shop.none").facts.values

    assert (values["code"], values["status"]) == ("NOT_FOUND", 5)
    assert "serving" not in values


def test_metadata_is_sent_and_says_who_asks(health: Health, ask: Ask) -> None:
    ask("grpc", health.endpoint, metadata={"x-tenant": "a b"}, secret_metadata={"authorization": "Bearer x"})

    sent = health.calls[-1]
    assert (sent["x-tenant"], sent["authorization"]) == ("a b", "Bearer x")
    assert sent["user-agent"].startswith("trueup/")


def test_tls_is_spoken_and_the_certificate_known(ask: Ask, authority: Authority) -> None:
    with serving({"": "SERVING"}, tls=authority.files("grpc.example.test")) as place:
        named = ask("grpc", place.endpoint, secure=True, ca=authority.file, server_name="grpc.example.test")
        unnamed = ask("grpc", place.endpoint, secure=True, ca=authority.file)
        anyone = ask("grpc", place.endpoint, secure=True, insecure=True)
        plain = ask("grpc", place.endpoint)

    assert named.facts.values["serving"] == "SERVING"
    assert named.facts.certificate is not None
    assert named.facts.certificate.names == ("grpc.example.test",)
    assert why(unnamed)[0] is FailureClass.TLS
    assert anyone.facts.values["serving"] == "SERVING"
    assert why(plain)[0] in (FailureClass.RESET, FailureClass.PROTOCOL)


def test_call_that_fails_is_a_status_with_its_words(ask: Ask) -> None:
    with serving({}, fails=grpc.StatusCode.UNAVAILABLE) as place:
        facts = ask("grpc", place.endpoint).facts

    assert (facts.values["code"], facts.values["message"]) == ("UNAVAILABLE", "no, and here is wh\u00fd")
    assert facts.body == "no, and here is wh\u00fd".encode()


def test_server_without_health_service_says_so(ask: Ask) -> None:
    with serving({}, without=True) as place:
        assert ask("grpc", place.endpoint).facts.values["code"] == "UNIMPLEMENTED"


def test_examples_of_the_page_hold(health: Health, tmp_path: Path) -> None:
    places = {"orders.example.org:50051": health.endpoint}

    found = states("watch-a-grpc-service.md", tmp_path, places, {"ORDERS_TOKEN": "t"})

    assert {slug: state for slug, (state, _) in found.items()} == {
        "orders-server": State.UP,
        "orders-api": State.UP,
    }, found


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        ([frame(1, 5, b"\x8d")], "status 404"),
        ([frame(1, 5, b"\x88" + header(b"content-type", b"text/html"))], "text/html"),
        ([ANSWER, frame(0, 1, b"\0\0\0\0\2\x08\1")], "without a grpc-status"),
        ([ANSWER, frame(1, 5, header(b"grpc-status", b"\xb2"))], "without a grpc-status"),
        ([ANSWER, frame(0, 0, b"\0\0\0\0\2\x08"), END], "no message of gRPC"),
        ([ANSWER, frame(0, 0, b"\1\0\0\0\2\x08\1"), END], "no message of gRPC"),
        ([ANSWER, frame(0, 0, b"\0\0\0\0\2\x08\xff"), END], "cannot be read"),
        ([ANSWER, frame(0, 0, b"\0\0\0\0\2\x12\x7f"), END], "cannot be read"),
    ],
)
def test_answer_that_is_no_grpc_is_a_fault_of_the_protocol(
    servers: Servers, ask: Ask, frames: list[bytes], words: str
) -> None:
    place = servers.start(saying(SETTINGS + b"".join(frames), then=silent))

    cause, sentence = why(ask("grpc", place.endpoint))

    assert cause is FailureClass.PROTOCOL, sentence
    assert words in sentence


def test_fields_of_later_versions_are_passed_over(servers: Servers, ask: Ask) -> None:
    message = b"\x12\1x" + b"\x18\xac\2" + b"\x25abcd" + b"\x29abcdefgh" + b"\x08\2"
    body = b"\0" + len(message).to_bytes(4, "big") + message
    place = servers.start(saying(SETTINGS + ANSWER + frame(0, 0, body) + END, then=silent))

    assert ask("grpc", place.endpoint).facts.values["serving"] == "NOT_SERVING"


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a message without end, as far as the window reaches and beyond."""
    await reader.read(65_536)
    writer.write(SETTINGS + ANSWER)
    while True:
        writer.write(frame(0, 0, b"b" * 16_000))
        await writer.drain()


async def older(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer as a server does that speaks an older HTTP."""
    await reader.read(65_536)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    writer.write_eof()
    await silent(reader, writer)


@pytest.mark.parametrize("handler", [endless, older, silent])
def test_hostile_answer_ends_with_a_class(servers: Servers, ask: Ask, handler: Any) -> None:
    place = servers.start(handler)

    cause, sentence = why(ask("grpc", place.endpoint, timeout_s=0.4 if handler is silent else 5))

    wanted = {endless: FailureClass.TOO_LARGE, silent: FailureClass.TIMEOUT}
    assert cause is wanted.get(handler, FailureClass.PROTOCOL), sentence


@pytest.mark.parametrize(
    ("target", "options", "field"),
    [
        ("h", {}, "target"),
        ("h:1/x", {}, "target"),
        ("http://h:1", {}, "target"),
        ("h:1", {"metadata": {"Upper": "x"}}, "metadata"),
        ("h:1", {"metadata": {"grpc-timeout": "1S"}}, "metadata"),
        ("h:1", {"secret_metadata": {"x": "a\r\nb: c"}}, "secret_metadata"),
        ("h:1", {"authority": "a b"}, "authority"),
    ],
)
def test_what_cannot_be_asked_is_refused(target: str, options: dict[str, Any], field: str) -> None:
    with pytest.raises(OptionError) as refused:
        build("grpc", target, options)

    assert refused.value.field == field

"""TLS alone: the chain that is served, whether it is believed or not."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.probes import how_to
from tests.probes.conftest import Ask, why
from tests.servers import Servers
from tests.servers.http import closing, cutting, garbage, ok, silent
from tests.servers.tls import Authority, broken_handshake, half_handshake

from trueup.config.load import loads
from trueup.domain.expect import judge, parse
from trueup.domain.result import FailureClass, State
from trueup.probes.base import OptionError, build, registry
from trueup.probes.chain import covers, read_chain

TLS = registry()["tls"]
BROKEN_OFF = (FailureClass.TLS, FailureClass.RESET)  # a server says why it ends a handshake, or just ends it
RULES = [parse(source, TLS.provides) for source in TLS.default_degraded_when]


def now_us() -> int:
    return int(datetime.now(UTC).timestamp() * 1e6)


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        writer.write(b"\x16\x03\x03\x40\x00" + bytes(16_384))
        await writer.drain()


def test_chain_is_read_with_all_that_was_agreed_on(servers: Servers, ask: Ask, authority: Authority) -> None:
    place = servers.start(silent, tls=authority.chained("localhost"))

    facts = ask("tls", place.endpoint, ca=authority.file, server_name="localhost").facts

    assert facts.failure is None
    assert facts.certificate is not None
    assert facts.certificate.names == ("localhost",)
    assert (facts.values["trusted"], facts.values["name_matches"]) == (True, True)
    assert facts.values["protocol"] == "TLSv1.3"
    assert facts.values["cipher"].startswith("TLS_")
    assert (facts.values["key"], facts.values["key_bits"]) == ("EC", 256)
    assert len(facts.values["subjects"]) == len(facts.values["issuers"]) == len(facts.values["ends"]) == 2
    assert facts.values["issuers"][0] == facts.values["subjects"][1]
    assert facts.phases.tls_us is not None


def test_earliest_end_of_the_chain_is_a_fact_of_its_own(
    servers: Servers, ask: Ask, authority: Authority
) -> None:
    soon = datetime.now(UTC) + timedelta(days=3)
    place = servers.start(silent, tls=authority.chained("localhost", ca_not_after=soon))

    facts = ask("tls", place.endpoint, ca=authority.file, server_name="localhost").facts

    assert facts.certificate is not None
    assert timedelta(days=2) < facts.values["chain"] < timedelta(days=3)
    assert facts.certificate.chain_not_after_us == int(soon.timestamp()) * 1_000_000


def test_certificate_that_ends_within_two_weeks_is_degraded(
    servers: Servers, ask: Ask, authority: Authority
) -> None:
    def state(days: int) -> State:
        context = authority.server(not_after=datetime.now(UTC) + timedelta(days=days, hours=1))
        place = servers.start(silent, tls=context)
        answer = ask("tls", place.endpoint, ca=authority.file)
        return judge(answer.facts, answer.duration_us, now_us(), [], RULES).state

    assert (state(13), state(15)) == (State.DEGRADED, State.UP)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("expired", "ended at"),
        ("early", "begins only at"),
        ("other", "the certificate is for other.test, not for 127.0.0.1"),
        ("stranger", "is not trusted"),
    ],
)
def test_refused_certificate_is_a_failure_and_kept_as_evidence(
    servers: Servers, ask: Ask, authority: Authority, fault: str, words: str
) -> None:
    contexts = {
        "expired": authority.expired,
        "early": authority.early,
        "other": lambda: authority.server("other.test"),
        "stranger": authority.server,
    }
    place = servers.start(silent, tls=contexts[fault]())
    options = {} if fault == "stranger" else {"ca": authority.file}

    refused = ask("tls", place.endpoint, **options)
    accepted = ask("tls", place.endpoint, insecure=True, **options).facts

    cause, sentence = why(refused)
    assert cause is FailureClass.TLS
    assert words in sentence
    assert refused.facts.certificate == accepted.certificate is not None
    assert accepted.failure is None
    assert accepted.values["trusted"] is (fault == "other")
    assert accepted.values["name_matches"] is (fault != "other")


def test_end_of_an_intermediate_is_told_as_such(servers: Servers, ask: Ask, authority: Authority) -> None:
    gone = datetime.now(UTC) - timedelta(days=1)
    place = servers.start(silent, tls=authority.chained("localhost", ca_not_after=gone))

    cause, sentence = why(ask("tls", place.endpoint, ca=authority.file, server_name="localhost"))

    assert cause is FailureClass.TLS
    assert "in the chain of" in sentence
    assert gone.strftime("%Y-%m-%dT%H:%M") in sentence


def test_client_certificate_is_shown(servers: Servers, ask: Ask, authority: Authority) -> None:
    context = authority.demanding()
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # where it is refused within the handshake
    place = servers.start(silent, tls=context)

    shown = ask("tls", place.endpoint, ca=authority.file, client_certificate=authority.client("tls")).facts
    cause, _ = why(ask("tls", place.endpoint, ca=authority.file))

    assert shown.failure is None
    assert shown.values["protocol"] == "TLSv1.2"
    assert cause in BROKEN_OFF


def test_version_that_is_too_old_is_refused(servers: Servers, ask: Ask, authority: Authority) -> None:
    context = authority.server()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    place = servers.start(silent, tls=context)

    old = ask("tls", place.endpoint, ca=authority.file).facts
    cause, _ = why(ask("tls", place.endpoint, ca=authority.file, min_version="1.3"))

    assert old.values["protocol"] == "TLSv1.2"
    assert cause in BROKEN_OFF


@pytest.mark.parametrize(
    ("handler", "causes"),
    [
        (silent, {FailureClass.TIMEOUT}),
        (half_handshake, {FailureClass.TIMEOUT}),
        (closing, {FailureClass.RESET}),
        (cutting, {FailureClass.RESET}),
        (garbage, {FailureClass.TLS}),
        (broken_handshake, {FailureClass.TLS}),
        (ok(), {FailureClass.TIMEOUT}),
        (endless, {FailureClass.TLS, FailureClass.TIMEOUT}),
    ],
)
def test_hostile_server_ends_in_a_class_within_the_deadline(
    servers: Servers, ask: Ask, handler: object, causes: set[FailureClass]
) -> None:
    place = servers.start(handler)  # type: ignore[arg-type]

    answer = ask("tls", place.endpoint, timeout_s=0.3)

    assert why(answer)[0] in causes


def test_refused_chain_of_a_server_that_falls_silent_is_still_that_failure(
    servers: Servers, ask: Ask, authority: Authority
) -> None:
    context, taken = authority.server(), []

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.append(writer)
        if len(taken) == 1:
            await writer.start_tls(context)
        await asyncio.Event().wait()

    place = servers.start(once)

    answer = ask("tls", place.endpoint, timeout_s=1)

    cause, sentence = why(answer)
    assert cause is FailureClass.TLS
    assert "is not trusted" in sentence
    assert answer.facts.certificate is None
    assert len(taken) == 2


def test_port_is_443_unless_another_is_written() -> None:
    assert build("tls", "example.test", {}).asks == "tls example.test:443"
    with pytest.raises(OptionError, match="port"):
        build("tls", "example.test:0", {})


@pytest.mark.parametrize(
    ("names", "host", "fits"),
    [
        (("example.test",), "EXAMPLE.test.", True),
        (("*.example.test",), "www.example.test", True),
        (("*.example.test",), "example.test", False),
        (("*.example.test",), "a.b.example.test", False),
        (("*.test",), "example.test", False),
        (("192.0.2.1",), "192.0.2.1", True),
        (("*.0.2.1",), "192.0.2.1", False),
        (("2001:db8::1",), "2001:0db8::0:1", True),
        ((), "example.test", False),
    ],
)
def test_name_of_a_certificate_is_compared_as_clients_do(
    names: tuple[str, ...], host: str, fits: bool
) -> None:
    assert covers(names, host) is fits


@given(st.lists(st.binary(max_size=200), max_size=3))
def test_what_is_no_certificate_is_refused_in_one_way(served: list[bytes]) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_chain(tuple(served))


def test_example_of_the_how_to_is_up(servers: Servers, authority: Authority) -> None:
    context = authority.server("localhost", "127.0.0.1", "shop.example.org")
    place = servers.start(ok(), tls=context)

    web, certificate = how_to.asked(
        "watch-a-certificate.md",
        {
            "https://shop.example.org/": f"{place.url(scheme='https')}\n        ca: {authority.file}",
            "tls: shop.example.org:443": f"tls: {place.endpoint}\n        ca: {authority.file}",
        },
        {},
    )

    assert web[1].state is State.UP
    assert certificate[0].facts.failure is None
    assert certificate[1].state is State.UP


def test_check_warns_and_does_not_count_unless_it_says_so(tmp_path: Path) -> None:
    text = "components: [{name: A, checks: [{tls: 'a.test'}, {tls: 'b.test', slug: b, counts: true}]}]"

    first, second = loads(text.encode(), "trueup.yaml", {}, tmp_path).components[0].checks

    assert (first.counts, second.counts) == (False, True)
    assert first.degraded_when == ("certificate <= 14 d",)

"""DNS: what is asked of whom, over what, and what the signatures prove."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import dns.message
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.probes.asking import Asking
from tests.probes.conftest import Ask, why
from tests.probes.test_contract import open_files
from tests.servers import Servers
from tests.servers.dns import CUT, SERVFAIL, SILENT, Zone
from tests.servers.http import closing, cutting, garbage, silent
from tests.servers.run import Handler
from tests.servers.tls import Authority

from trueup.domain.expect import ExpectationError, judge, parse
from trueup.domain.result import FailureClass, State
from trueup.net.nameserver import answers
from trueup.probes.base import OptionError, build, registry

DNS = registry()["dns"]
EXPECTED = [parse(source, DNS.provides) for source in DNS.default_expect]
RECORDS = {
    ("example.test", "MX"): ["20 b.example.test.", "10 A.Example.test."],
    ("example.test", "TXT"): ['"v=spf1 " "-all"'],
    ("example.test", "NS"): ["ns1.example.test.", "ns2.example.test."],
    ("_sip._tcp.example.test", "SRV"): ["10 5 5060 sip.example.test."],
    ("example.test", "CAA"): ['0 issue "ca.test"'],
    ("example.test", "SOA"): ["ns.test. admin.test. 7 3600 600 86400 60"],
    ("1.2.0.192.in-addr.arpa", "PTR"): ["host.example.test."],
    ("www.example.test", "CNAME"): ["example.test."],
}
Reply = Callable[[bytes], list[bytes]]


def zone(**more: Any) -> Zone:
    names = {"example.test": ["192.0.2.1", "192.0.2.2", "2001:db8::1"], "www.example.test": "example.test"}
    return Zone(names | more, records=dict(RECORDS), ttl=300)


def datagrams(servers: Servers, reply: Reply) -> str:
    """Answer each datagram with some; return where."""

    async def listen() -> tuple[asyncio.DatagramTransport, str]:
        class Door(asyncio.DatagramProtocol):
            def connection_made(self, transport: Any) -> None:
                self.transport = transport

            def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
                for each in reply(data):
                    self.transport.sendto(each, addr)

        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(Door, local_addr=("127.0.0.1", 0))
        host, port = transport.get_extra_info("sockname")
        return transport, f"{host}:{port}"

    transport, place = servers.run(listen())
    servers.at_end(transport.close)
    return place


@pytest.mark.parametrize(
    ("name", "kind", "answers"),
    [
        ("example.test", "A", ("192.0.2.1", "192.0.2.2")),
        ("EXAMPLE.test.", "AAAA", ("2001:db8::1",)),
        ("www.example.test", "CNAME", ("example.test",)),
        ("example.test", "MX", ("10 a.example.test", "20 b.example.test")),
        ("example.test", "TXT", ("v=spf1 -all",)),
        ("example.test", "NS", ("ns1.example.test", "ns2.example.test")),
        ("_sip._tcp.example.test", "SRV", ("10 5 5060 sip.example.test",)),
        ("example.test", "CAA", ('0 issue "ca.test"',)),
        ("example.test", "SOA", ("ns.test admin.test 7 3600 600 86400 60",)),
        ("192.0.2.1", "PTR", ("host.example.test",)),
    ],
)
def test_every_type_is_read_as_people_write_it(
    servers: Servers, ask: Ask, name: str, kind: str, answers: tuple[str, ...]
) -> None:
    facts = ask("dns", name, record=kind, server=zone().start(servers)).facts

    assert facts.failure is None
    assert facts.values["answers"] == answers
    assert facts.values["count"] == len(answers)
    assert facts.values["rcode"] == "NOERROR"
    assert facts.values["ttl"] == timedelta(seconds=300)
    assert facts.address == "127.0.0.1"


def test_answers_are_expected_in_the_one_grammar(servers: Servers, ask: Ask) -> None:
    facts = ask("dns", "www.example.test", server=zone().start(servers)).facts
    expected = [
        'answers contains "192.0.2.1"',
        'answers not contains "192.0.2.9"',
        "count >= 2",
        "len(answers) == 2",
        "ttl > 60 s",
        'rcode == "NOERROR"',
        'aliases contains "example.test"',
        "authoritative == false",
        'spoken == "udp"',
    ]

    for source in expected:
        assert judge(facts, 1, 0, [parse(source, DNS.provides)]).state is State.UP, source
    missing = judge(facts, 1, 0, [parse('answers contains "192.0.2.9"', DNS.provides)])

    assert missing.cause is FailureClass.EXPECTATION
    assert missing.text is not None
    assert missing.text.params["got"] == '"192.0.2.1", "192.0.2.2"'


@pytest.mark.parametrize(
    "source", ['answers == "x"', "answers > 2", "answers contains 1", "answers matches /x/"]
)
def test_expectation_that_fits_no_list_is_refused_with_what_does(source: str) -> None:
    with pytest.raises(ExpectationError, match=r'contains "\.\.\."|does not go together|looks for text'):
        parse(source, DNS.provides)


@pytest.mark.parametrize(
    ("name", "rcode"), [("gone.example", "NXDOMAIN"), ("broken.test", "SERVFAIL"), ("bare.test", "NOERROR")]
)
def test_answer_without_records_is_judged_by_its_code(
    servers: Servers, ask: Ask, name: str, rcode: str
) -> None:
    server = zone(**{"broken.test": SERVFAIL, "bare.test": []}).start(servers)
    facts = ask("dns", name, server=server).facts

    judged = judge(facts, 1, 0, EXPECTED)

    assert (facts.failure, facts.values["rcode"], facts.values["answers"]) == (None, rcode, ())
    assert judged.state is State.DOWN
    assert judged.cause is (FailureClass.DNS if rcode != "NOERROR" else FailureClass.EXPECTATION)
    wanted = [parse(f'rcode == "{rcode}"', DNS.provides)]
    assert judge(facts, 1, 0, wanted).state is State.UP


def test_answer_that_is_cut_is_asked_for_over_tcp(servers: Servers, ask: Ask) -> None:
    server = zone(**{"long.test": CUT}).start(servers)

    facts = ask("dns", "long.test", server=server).facts

    assert (facts.values["answers"], facts.values["spoken"]) == (("127.0.0.1",), "tcp")


def test_resolvers_of_this_machine_are_asked_without_a_server(servers: Servers, ask: Ask) -> None:
    silent_one = zone(**{"example.test": SILENT}).start(servers)
    dead, alive = servers.refusing(), zone().start(servers)

    first = ask("dns", "example.test", servers=[alive]).facts
    after_a_dead_one = ask("dns", "example.test", servers=[dead.endpoint, alive]).facts
    after_a_silent_one = ask("dns", "example.test", servers=[silent_one, alive], timeout_s=1).facts

    for facts in (first, after_a_dead_one, after_a_silent_one):
        assert facts.failure is None
        assert facts.values["answers"] == ("192.0.2.1", "192.0.2.2")


def test_every_transport_brings_the_same(servers: Servers, ask: Ask, authority: Authority) -> None:
    table = zone()
    plain, secure = table.start(servers), table.start_secure(servers, authority.server())
    web = table.start_web(servers, authority.server())

    found = {
        "udp": ask("dns", "example.test", server=plain).facts,
        "tcp": ask("dns", "example.test", server=plain, transport="tcp").facts,
        "dot": ask("dns", "example.test", server=secure, transport="dot", ca=authority.file).facts,
        "doh": ask("dns", "example.test", server=web, transport="doh", ca=authority.file).facts,
    }

    for transport, facts in found.items():
        assert facts.failure is None, transport
        assert facts.values["answers"] == ("192.0.2.1", "192.0.2.2")
        assert facts.values["spoken"] == transport
    assert found["dot"].certificate is not None


@pytest.mark.parametrize("transport", ["dot", "doh"])
def test_secure_server_that_nobody_vouches_for_is_refused(
    servers: Servers, ask: Ask, authority: Authority, transport: str
) -> None:
    start = zone().start_secure if transport == "dot" else zone().start_web
    server = start(servers, authority.server())

    cause, sentence = why(ask("dns", "example.test", server=server, transport=transport))

    assert cause is FailureClass.TLS
    assert sentence.startswith("Asked dns A example.test of")


def test_answer_to_another_question_is_passed_over(servers: Servers, ask: Ask) -> None:
    table = zone()

    def reply(data: bytes) -> list[bytes]:
        good = table.answer(data)
        assert good is not None
        other = dns.message.from_wire(data)
        other.question[0].name = dns.name.from_text("other.test")
        forged = dns.message.make_response(other).to_wire()
        number = bytes([good[0] ^ 1]) + good[1:]
        return [b"", b"\xff" * 40, number, data, forged, good]

    facts = ask("dns", "example.test", server=datagrams(servers, reply)).facts

    assert facts.failure is None
    assert facts.values["count"] == 2


def test_question_is_sent_again_where_a_datagram_is_lost(servers: Servers, ask: Ask) -> None:
    table, heard = zone(), []

    def reply(data: bytes) -> list[bytes]:
        heard.append(data)
        good = table.answer(data)
        assert good is not None
        return [good] if len(heard) == 2 else []

    facts = ask("dns", "example.test", server=datagrams(servers, reply), timeout_s=10).facts

    assert facts.failure is None
    assert heard[0] == heard[1]


def flood(data: bytes) -> list[bytes]:
    return [b"\0" * 20] * 250


@pytest.mark.parametrize(
    ("reply", "cause", "words"),
    [
        (lambda data: [], FailureClass.TIMEOUT, "no answer came"),
        (lambda data: [b"nonsense"], FailureClass.TIMEOUT, "only what answers no question"),
        (flood, FailureClass.PROTOCOL, "answers no question of ours"),
        (
            lambda data: [data[:2] + b"\x80" + data[3:] + b"\xc0\xff" * 9],
            FailureClass.PROTOCOL,
            "no message of DNS",
        ),
    ],
    ids=["silent", "garbage", "flood", "broken"],
)
def test_hostile_datagrams_end_in_a_class_within_the_deadline(
    servers: Servers, ask: Ask, reply: Reply, cause: FailureClass, words: str
) -> None:
    answer = ask("dns", "example.test", server=datagrams(servers, reply), timeout_s=0.5)

    found, sentence = why(answer)
    assert found is cause
    assert words in sentence


async def wrong_length(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    writer.write(b"\xff\xff" + b"x" * 30)
    await writer.drain()


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        writer.write(b"\xff" * 65_536)
        await writer.drain()
        await asyncio.sleep(0)  # to a client that is gone, nothing waits


@pytest.mark.parametrize("transport", ["tcp", "dot", "doh"])
@pytest.mark.parametrize(
    ("handler", "causes"),
    [
        (silent, {FailureClass.TIMEOUT}),
        (closing, {FailureClass.RESET}),
        (cutting, {FailureClass.RESET}),
        (garbage, {FailureClass.PROTOCOL, FailureClass.RESET}),
        (wrong_length, {FailureClass.RESET, FailureClass.PROTOCOL}),
        (endless, {FailureClass.PROTOCOL, FailureClass.TOO_LARGE}),
    ],
)
def test_hostile_stream_ends_in_a_class_within_the_deadline(
    servers: Servers, ask: Ask, authority: Authority, transport: str, handler: Handler,
    causes: set[FailureClass],
) -> None:  # fmt: skip
    place = servers.start(handler, tls=None if transport == "tcp" else authority.server())
    server = place.url(scheme="https") if transport == "doh" else place.endpoint

    answer = ask("dns", "example.test", server=server, transport=transport, timeout_s=0.5,
                 **({} if transport == "tcp" else {"ca": authority.file}))  # fmt: skip

    assert why(answer)[0] in causes


def test_web_server_that_speaks_no_dns_is_told(servers: Servers, ask: Ask, authority: Authority) -> None:
    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi")
        await writer.drain()

    place = servers.start(page, tls=authority.server())

    cause, sentence = why(
        ask("dns", "a.test", server=place.url(scheme="https"), transport="doh", ca=authority.file)
    )

    assert cause is FailureClass.PROTOCOL
    assert "HTTP status 200 and content of type text/html instead of a message of DNS" in sentence


@pytest.mark.parametrize("transport", ["udp", "tcp", "dot", "doh"])
def test_closed_port_is_refused(servers: Servers, ask: Ask, transport: str) -> None:
    place = servers.refusing()
    server = place.url(scheme="https") if transport == "doh" else place.endpoint

    cause, sentence = why(ask("dns", "a.test", server=server, transport=transport))

    assert cause is FailureClass.REFUSED
    assert f"port {place.port}" in sentence


def test_server_that_is_never_asked_is_refused_by_the_guard(ask: Ask) -> None:
    for transport, server in (("udp", "169.254.169.254"), ("tcp", "[::ffff:169.254.169.254]:53"),
                              ("doh", "https://169.254.169.254/")):  # fmt: skip
        assert why(ask("dns", "a.test", server=server, transport=transport))[0] is FailureClass.GUARD


def test_no_socket_stays_open(servers: Servers, authority: Authority) -> None:
    silent_place = servers.start(silent)
    mute = datagrams(servers, lambda data: [])
    probes = [
        build("dns", "a.test", {"server": mute}),
        build("dns", "a.test", {"server": silent_place.endpoint, "transport": "tcp"}),
        build("dns", "a.test", {"server": silent_place.url(scheme="https"), "transport": "doh"}),
    ]
    with Asking() as asking:
        asking.answers(*probes, timeout_s=0.05)
        before = open_files()
        asking.answers(*probes * 10, timeout_s=0.05)

        asking.settle(lambda: open_files() <= before)
        begun = asking.call(lambda: [asking.asker.start(each, 10, asking.take) for each in probes])
        asking.call(lambda: [each.cancel() for each in begun])
        asking.settle(lambda: open_files() <= before and asking.asker.flying == 0)


@pytest.mark.parametrize(
    ("target", "options", "field"),
    [
        ("", {"record": "SOA", "transport": "dot"}, "server"),
        ("http://a.test/", {}, "target"),
        ("a..test", {}, "target"),
        ("a" * 64, {}, "target"),
        ("a.test:53", {}, "target"),
        ("a.test", {"server": "127.0.0.1:0"}, "server"),
        ("a.test", {"server": "a b"}, "server"),
        ("a.test", {"transport": "doh"}, "server"),
        ("a.test", {"transport": "doh", "server": "http://127.0.0.1/"}, "server"),
        ("a.test", {"record": "ANY"}, "record"),
    ],
)
def test_what_cannot_be_asked_is_refused(target: str, options: dict[str, Any], field: str) -> None:
    with pytest.raises(OptionError) as refused:
        build("dns", target, options)
    assert refused.value.field == field


@given(st.binary(max_size=80))
def test_bytes_answer_a_question_only_where_they_repeat_it(message: bytes) -> None:
    question = dns.message.make_query("example.test", "A").to_wire()

    if answers(message, question):
        assert message[:2] == question[:2]
    assert not answers(question, question)
    assert answers(dns.message.make_response(dns.message.from_wire(question)).to_wire(), question)

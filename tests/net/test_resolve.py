"""Names: what is remembered, what is asked once, and what nobody waits for."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from tests.servers import Servers
from tests.servers.dns import CUT, SERVFAIL, SILENT, Zone

from trueup.net.query import ResolveError
from trueup.net.resolve import Resolver, literal
from trueup.net.side import Side


class Clock:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def look(side: Side, resolver: Resolver, host: str, family: int = 0) -> tuple[str, ...]:
    return side.submit(resolver.lookup(host, family)).result(10)


@pytest.fixture
def hosts(tmp_path: Path) -> Path:
    path = tmp_path / "hosts"
    path.write_text("# ours\n10.1.2.3 box.test Box-2 # and more\nfd00::5 box.test\nnot an address\n\n")
    return path


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("1.2.3.4.5", None),
        ("1a.test", None),
        ("host", None),
        ("10.test", None),
        ("256.256.256.256", None),
    ],
)
def test_literal_is_read_as_inet_aton_would(host: str, address: str | None) -> None:
    assert literal(host) == address


def test_literal_needs_nobody(side: Side) -> None:
    resolver = Resolver(side, servers=["127.0.0.1:1"])

    assert resolver.known("127.0.0.1") == ("127.0.0.1",)
    assert isinstance(resolver.known("127.0.0.1", 6), ResolveError)


def test_hosts_file_stands_above_dns_and_is_read_again_when_it_changes(side: Side, hosts: Path) -> None:
    clock = Clock()
    resolver = Resolver(side, servers=["127.0.0.1:1"], hosts=hosts, clock=clock)

    before = [resolver.known("BOX.test"), resolver.known("box.test", 6), resolver.known("box-2", 4)]
    hosts.write_text("10.9.9.9 box.test\n")
    early = resolver.known("box.test")
    clock.now_s += 1
    late = resolver.known("box.test")
    hosts.unlink()
    clock.now_s += 1

    assert before == [("10.1.2.3", "fd00::5"), ("fd00::5",), ("10.1.2.3",)]
    assert early == ("10.1.2.3", "fd00::5")
    assert late == ("10.9.9.9",)
    assert resolver.known("box.test") is None


def test_localhost_is_loopback_whatever_the_file_says(side: Side, tmp_path: Path) -> None:
    resolver = Resolver(side, servers=["127.0.0.1:1"], hosts=tmp_path / "none")

    assert resolver.known("localhost") == ("127.0.0.1", "::1")
    assert resolver.known("api.localhost", 6) == ("::1",)


def test_both_families_are_asked_and_ipv4_stands_first(side: Side, servers: Servers) -> None:
    zone = Zone(
        {"both.test": ["127.0.0.1", "::1", "127.0.0.2"], "alias.test": "both.test", "six.test": ["::1"]}
    )
    resolver = Resolver(side, servers=[zone.start(servers)])

    assert set(look(side, resolver, "both.test")[:2]) == {"127.0.0.1", "127.0.0.2"}
    assert look(side, resolver, "both.test", 6) == ("::1",)
    assert look(side, resolver, "alias.test", 4)[0].startswith("127.0.0.")
    assert look(side, resolver, "six.test") == ("::1",)
    assert zone.asked["both.test", "AAAA"] == 2


def test_answer_holds_as_long_as_it_says(side: Side, servers: Servers) -> None:
    clock = Clock()
    zone = Zone({"a.test": ["127.0.0.1"]}, ttl=30)
    resolver = Resolver(side, servers=[zone.start(servers)], clock=clock)

    look(side, resolver, "a.test", 4)
    clock.now_s += 29
    held = resolver.known("a.test", 4)
    clock.now_s += 2
    gone = resolver.known("a.test", 4)
    look(side, resolver, "a.test", 4)

    assert (held, gone) == (("127.0.0.1",), None)
    assert zone.asked["a.test", "A"] == 2


def test_long_answer_is_asked_for_again_after_five_minutes(side: Side, servers: Servers) -> None:
    clock = Clock()
    zone = Zone({"a.test": ["127.0.0.1"]}, ttl=86_400)
    resolver = Resolver(side, servers=[zone.start(servers)], clock=clock)

    look(side, resolver, "a.test", 4)
    clock.now_s += 301

    assert resolver.known("a.test", 4) is None


def test_missing_name_is_remembered_for_seconds(side: Side, servers: Servers) -> None:
    clock = Clock()
    zone = Zone({}, ttl=600)
    resolver = Resolver(side, servers=[zone.start(servers)], clock=clock)

    for _ in range(3):
        with pytest.raises(ResolveError):
            look(side, resolver, "no.test", 4)
    clock.now_s += 6

    assert zone.asked["no.test", "A"] == 1
    assert resolver.known("no.test", 4) is None


def test_name_is_asked_once_however_many_wait(side: Side, servers: Servers) -> None:
    zone = Zone({"a.test": ["127.0.0.1"]}, ttl=0)
    resolver = Resolver(side, servers=[zone.start(servers)])

    async def many() -> list[tuple[str, ...]]:
        return await asyncio.gather(*(resolver.lookup("a.test", 4) for _ in range(50)))

    assert side.submit(many()).result(10) == [("127.0.0.1",)] * 50
    assert zone.asked["a.test", "A"] == 1


def test_waiter_that_leaves_does_not_take_the_answer_from_the_others(side: Side, servers: Servers) -> None:
    zone = Zone({"a.test": ["127.0.0.1"]})
    resolver = Resolver(side, servers=[zone.start(servers)])

    async def one_leaves() -> tuple[str, ...]:
        first = asyncio.ensure_future(resolver.lookup("a.test", 4))
        second = asyncio.ensure_future(resolver.lookup("a.test", 4))
        await asyncio.sleep(0)
        first.cancel()
        return await second

    assert side.submit(one_leaves()).result(10) == ("127.0.0.1",)


@pytest.mark.parametrize(
    ("host", "kind", "detail"),
    [
        ("no.test", "not_found", "resolver"),
        ("six.test", "no_address", "family"),
        ("broken.test", "servfail", "rcode"),
        ("mute.test", "timeout", None),
        ("a..test", "invalid", "reason"),
    ],
)
def test_name_without_address_says_why(
    side: Side, servers: Servers, host: str, kind: str, detail: str | None
) -> None:
    zone = Zone({"six.test": ["::1"], "broken.test": SERVFAIL, "mute.test": SILENT})
    resolver = Resolver(side, servers=[zone.start(servers)], timeout_s=0.2)

    with pytest.raises(ResolveError) as failed:
        look(side, resolver, host, 4)

    assert failed.value.kind == kind
    assert detail is None or failed.value.params[detail]


def test_family_that_is_never_answered_costs_a_tenth_of_a_second(side: Side, servers: Servers) -> None:
    zone = Zone({"half.test": ["127.0.0.1"]}, mute=frozenset({"AAAA"}))
    resolver = Resolver(side, servers=[zone.start(servers)], timeout_s=60)

    begun_s = time.monotonic()
    found = look(side, resolver, "half.test")

    assert found == ("127.0.0.1",)
    assert 0.09 < time.monotonic() - begun_s < 10


def test_families_that_are_never_answered_are_a_timeout(side: Side, servers: Servers) -> None:
    zone = Zone({"half.test": ["127.0.0.1"]}, mute=frozenset({"A"}))
    resolver = Resolver(side, servers=[zone.start(servers)], timeout_s=0.2)

    with pytest.raises(ResolveError) as failed:
        look(side, resolver, "half.test")

    assert failed.value.kind == "timeout"


def test_next_server_is_asked_where_one_is_gone_or_fails(side: Side, servers: Servers) -> None:
    gone = servers.refusing()
    broken, good = Zone({"a.test": SERVFAIL}), Zone({"a.test": ["127.0.0.1"]})
    resolver = Resolver(side, servers=[gone.endpoint, broken.start(servers), good.start(servers)])

    assert look(side, resolver, "a.test", 4) == ("127.0.0.1",)


def test_answer_that_is_cut_is_asked_for_over_tcp(side: Side, servers: Servers) -> None:
    zone = Zone({"large.test": CUT})
    resolver = Resolver(side, servers=[zone.start(servers)])

    assert look(side, resolver, "large.test", 4) == ("127.0.0.1",)


def test_memory_of_names_is_bounded(side: Side, servers: Servers) -> None:
    zone = Zone({f"{number}.test": ["127.0.0.1"] for number in range(20)})
    resolver = Resolver(side, servers=[zone.start(servers)], entries=5)

    for number in range(20):
        look(side, resolver, f"{number}.test", 4)

    assert resolver.known("19.test", 4) == ("127.0.0.1",)
    assert [resolver.known(f"{number}.test", 4) for number in range(15)] == [None] * 15


def test_silent_names_cost_the_others_nothing(side: Side, servers: Servers) -> None:
    zone = Zone({f"good-{each}.test": ["127.0.0.1"] for each in range(200)})
    zone.names |= {f"mute-{each}.test": SILENT for each in range(100)}
    resolver = Resolver(side, servers=[zone.start(servers)], timeout_s=5)

    async def all_at_once() -> list[bool]:
        mute = [asyncio.ensure_future(resolver.lookup(f"mute-{each}.test", 4)) for each in range(100)]
        await asyncio.gather(*(resolver.lookup(f"good-{each}.test", 4) for each in range(200)))
        waiting = [not each.done() for each in mute]
        for each in mute:
            each.cancel()
        return waiting

    assert side.submit(all_at_once()).result(10) == [True] * 100

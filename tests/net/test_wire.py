"""DNS messages: a large library is the oracle, and no bytes of anyone are a fault of ours."""

from __future__ import annotations

import contextlib

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trueup.net import wire

NAME = "www.shop.test"
LABELS = wire.labels(NAME)
ASKED = wire.question(4711, LABELS, wire.A)
ADDRESSES = st.lists(st.ip_addresses(v=4).map(str), min_size=1, max_size=3, unique=True)
TTLS = st.integers(0, 2**31 - 1)


def response(
    *records: tuple[str, int, str, str], rcode: int = 0, soa: tuple[int, int] | None = None
) -> bytes:
    message = dns.message.make_response(dns.message.from_wire(ASKED))
    message.set_rcode(dns.rcode.Rcode(rcode))
    for owner, ttl, kind, *values in records:
        message.answer.append(dns.rrset.from_text(owner, ttl, "IN", kind, *values))
    if soa:
        message.authority.append(
            dns.rrset.from_text("test.", soa[0], "IN", "SOA", f"ns.test. admin.test. 1 2 3 4 {soa[1]}")
        )
    return message.to_wire()


def read(message: bytes) -> wire.Answer:
    return wire.read(message, ASKED, LABELS, wire.A)


@given(st.from_regex(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63}){0,2}", fullmatch=True), st.integers(0, 65_535))
def test_question_is_what_the_library_would_ask(name: str, number: int) -> None:
    asked = dns.message.from_wire(wire.question(number, wire.labels(name), wire.AAAA))

    assert asked.id == number
    assert asked.question[0].name.to_text() == f"{name}."
    assert asked.question[0].rdtype == dns.rdatatype.AAAA
    assert asked.flags == dns.flags.RD
    assert (asked.edns, asked.payload) == (0, 1232)


@given(ADDRESSES, TTLS)
def test_addresses_are_read_with_their_time(addresses: list[str], ttl: int) -> None:
    answer = read(response((f"{NAME}.", ttl, "A", *addresses)))  # type: ignore[arg-type]

    assert sorted(answer.addresses) == sorted(addresses)  # the library shuffles them
    assert answer.ttl_s == ttl


def test_aliases_are_followed_and_the_shortest_time_holds() -> None:
    answer = read(
        response(
            ("c.test.", 90, "A", "127.0.0.1"),
            (f"{NAME}.", 60, "CNAME", "B.Test."),
            ("b.test.", 30, "CNAME", "c.test."),
            ("other.test.", 1, "A", "127.0.0.9"),
        )
    )

    assert answer == wire.Answer(0, False, ("127.0.0.1",), 30)


def test_aliases_in_a_circle_lead_nowhere() -> None:
    answer = read(response((f"{NAME}.", 60, "CNAME", "b.test."), ("b.test.", 60, "CNAME", f"{NAME}.")))

    assert answer.addresses == ()


@given(TTLS, TTLS)
def test_absence_holds_as_long_as_its_zone_says(ttl: int, minimum: int) -> None:
    missing = read(response(rcode=wire.NXDOMAIN, soa=(ttl, minimum)))
    empty = read(response(soa=(ttl, minimum)))

    assert missing == wire.Answer(wire.NXDOMAIN, False, (), min(ttl, minimum))
    assert empty == wire.Answer(wire.NOERROR, False, (), min(ttl, minimum))
    assert read(response(rcode=wire.NXDOMAIN)).ttl_s == 0


def test_fault_of_the_server_is_told_by_its_code() -> None:
    assert read(response(rcode=2)).rcode == 2
    assert wire.RCODES[2] == "SERVFAIL"


def test_answer_to_another_question_is_none() -> None:
    good = response((f"{NAME}.", 60, "A", "127.0.0.1"))
    for bad in (
        b"\0\0" + good[2:],  # another number
        good[:2] + b"\0" + good[3:],  # a question itself
        good.replace(b"shop", b"shoq", 1),
        good.replace(b"\4test\0\0\1\0\1", b"\4test\0\0\x1c\0\1", 1),
        b"",
        good[:11],
        good[:-12],  # in the last address
    ):
        with pytest.raises(wire.WireError):
            read(bad)


def test_letters_of_a_name_have_no_case() -> None:
    assert read(response((f"{NAME}.", 60, "A", "127.0.0.1")).replace(b"shop", b"SHOP")).addresses == (
        "127.0.0.1",
    )


@given(st.binary(max_size=200), st.integers(0, 400))
@example(b"\xc0\x1f" * 8, 0)
@example(b"\xc0\x0c" + b"\xff" * 30, 0)
def test_no_bytes_are_a_fault_of_ours(garbage: bytes, cut: int) -> None:
    good = response((f"{NAME}.", 60, "A", "127.0.0.1"), soa=(1, 1))
    head = good[: 12 + len(LABELS) + 4]
    for message in (garbage, head + garbage, good[:cut] + garbage + good[cut:]):
        with contextlib.suppress(wire.WireError):
            assert all(each.count(".") == 3 for each in read(message).addresses)


@pytest.mark.parametrize("name", ["", ".", "a..b", f"{'a' * 64}.test", ".".join(["abcdefg"] * 40)])
def test_what_is_no_name_is_not_asked(name: str) -> None:
    with pytest.raises(wire.WireError):
        wire.labels(name)

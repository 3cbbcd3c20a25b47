"""Which addresses may be connected to, in every form in which one can be written."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trueup.net.guard import Guard, GuardError

OPERATOR = Guard()
STRANGER = Guard("stranger")
DENYING = Guard(deny_private=True)

NEVER = {
    "0.0.0.0": "unspecified",
    "0.1.2.3": "unspecified",
    "::": "unspecified",
    "169.254.0.1": "link-local",
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local",
    "224.0.0.251": "multicast",
    "ff02::1": "multicast",
    "255.255.255.255": "broadcast",
    "169.254.169.254": "cloud metadata",
    "fd00:ec2::254": "cloud metadata",
    "100.100.100.200": "cloud metadata",
    "168.63.129.16": "cloud metadata",
    "nonsense": "unreadable",
    "": "unreadable",
}
OURS = ["127.0.0.1", "127.8.9.10", "::1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "100.64.0.1", "fc00::1", "fd12::1"]  # fmt: skip
SPECIAL = ["192.0.2.1", "198.51.100.7", "203.0.113.7", "198.18.0.1", "240.0.0.1", "192.88.99.1",
           "2001:db8::1", "100::1", "3fff::1", "4000::1", "2001:2::1"]  # fmt: skip
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "2a00:1450::1",
    "64:ff9b::808:808",
]


def forms(address: str) -> list[str]:
    """Return an IPv4 address in every IPv6 form that carries it."""
    number = int(IPv4Address(address))
    inverted = number ^ 0xFFFFFFFF
    high, low = number >> 16, number & 0xFFFF
    return [
        f"::ffff:{address}",
        f"::{address}",
        f"::ffff:0:{address}",
        f"64:ff9b::{address}",
        str(IPv6Address(int(IPv6Address("64:ff9b:1::")) | high << 64 | low << 40)),
        str(IPv6Address(int(IPv6Address("2002::")) | number << 80)),
        str(IPv6Address(int(IPv6Address("2001::")) | int(IPv4Address("1.1.1.1")) << 64 | inverted)),
        str(IPv6Address(int(IPv6Address("2001::")) | number << 64 | (0xFFFFFFFF ^ 0x01010101))),
        str(IPv6Address(int(IPv6Address("2a00:1::")) | 0x5EFE << 32 | number)),
        str(IPv6Address(int(IPv6Address("2a00:1::")) | 0x02005EFE << 32 | number)),
    ]


@pytest.mark.parametrize(("address", "kind"), NEVER.items())
@pytest.mark.parametrize("guard", [OPERATOR, STRANGER, DENYING])
def test_some_addresses_are_never_asked(address: str, kind: str, guard: Guard) -> None:
    assert guard.refusal(address) == kind


@pytest.mark.parametrize("guard", [OPERATOR, STRANGER])
def test_what_is_never_asked_is_not_asked_in_another_form(guard: Guard) -> None:
    for address in ("169.254.169.254", "169.254.1.1", "224.0.0.1", "0.0.0.0", "255.255.255.255"):
        for form in forms(address):
            if form not in ("::0.0.0.0", "::ffff:0:0.0.0.0"):
                assert guard.refusal(form) is not None, form


@pytest.mark.parametrize("address", OURS)
def test_private_addresses_are_the_operators_to_ask_unless_denied(address: str) -> None:
    assert OPERATOR.refusal(address) is None
    assert STRANGER.refusal(address) in ("private", "loopback")
    assert DENYING.refusal(address) in ("private", "loopback")


def test_private_addresses_are_denied_in_every_form() -> None:
    for address in ("127.0.0.1", "10.1.2.3", "192.168.1.1"):
        for form in forms(address):
            assert STRANGER.refusal(form) is not None, form


@pytest.mark.parametrize("address", SPECIAL)
def test_strangers_ask_public_addresses_only(address: str) -> None:
    assert STRANGER.refusal(address) == "reserved"


@pytest.mark.parametrize("address", PUBLIC)
@pytest.mark.parametrize("guard", [OPERATOR, STRANGER, DENYING])
def test_public_addresses_are_asked_by_all(address: str, guard: Guard) -> None:
    assert guard.refusal(address) is None


def test_error_names_the_address_and_what_it_is() -> None:
    with pytest.raises(GuardError, match=r"10\.0\.0\.1 is refused: it is a private address") as refused:
        STRANGER.check("10.0.0.1")

    assert (refused.value.address, refused.value.kind) == ("10.0.0.1", "private")


addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str)


@given(addresses)
@example("192.0.0.9")
@example("2001:20::1")
def test_what_a_stranger_may_ask_is_global_and_what_is_refused_to_operators_is_refused_to_strangers(
    address: str,
) -> None:
    found = ip_address(address)
    carries = address.startswith(("64:ff9b::", "::ffff:", "2002:")) or (
        found.version == 6 and int(found) < 1 << 49
    )
    if STRANGER.refusal(address) is None and not carries:
        assert found.is_global, address
        assert not found.is_multicast
    if OPERATOR.refusal(address) is not None:
        assert STRANGER.refusal(address) is not None


@given(st.ip_addresses(v=4).map(str))
def test_an_address_is_never_more_allowed_for_being_carried_by_another(address: str) -> None:
    for guard in (OPERATOR, STRANGER):
        if guard.refusal(address) is not None:
            for form in forms(address):
                if form not in ("::0.0.0.0", "::0.0.0.1"):
                    assert guard.refusal(form) is not None, form

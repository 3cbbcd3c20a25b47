"""Who the witnesses are by default."""

from __future__ import annotations

from pathlib import Path

import pytest

from trueup.engine.run.witness import (
    NetworkOfThisMachine,
    gateways,
    gateways6,
    host_of,
    is_loopback,
    resolvers,
    with_port,
)
from trueup.probes.base import build

ROUTE = """Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
tun0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0
"""
_NONE6, _HOP6 = "0" * 32, "20010db8000000000000000000000001"
ROUTE6 = f"""{_NONE6} 00 {_NONE6} 00 {_HOP6} 00000400 00000001 00000000 00000003     eth0
{_NONE6} 00 {_NONE6} 00 fe800000000000000000000000000001 00000400 00000001 00000000 00450003     eth0
20010db8000000000000000000000000 40 {_NONE6} 00 {_NONE6} 00000100 00000001 00000000 00000001     eth0
{_HOP6} 80 {_NONE6} 00 {_HOP6} 00000400 00000001 00000000 00000003     eth0
{_NONE6} 00 {_NONE6} 00 {_NONE6} ffffffff 00000001 00000000 00200200       lo
"""
RESOLV = (
    "# made by hand\nnameserver 127.0.0.53\nnameserver 192.0.2.53\nnameserver ::1\nnameserver 2001:db8::53\n"
)


def test_gateway_is_read_from_the_route_without_destination():
    assert gateways(ROUTE) == ("192.0.2.1",)
    assert gateways("") == ()


def test_gateway_of_ipv6_is_read_unless_nobody_may_ask_it():
    assert gateways6(ROUTE6) == ("2001:db8::1",)
    assert gateways6("") == ()


def test_resolvers_on_loopback_are_no_witnesses():
    assert resolvers(RESOLV) == ("192.0.2.53", "2001:db8::53")


def test_witnesses_are_read_anew_and_what_vanished_is_missed(tmp_path: Path):
    route, resolv, behind = tmp_path / "route", tmp_path / "resolv.conf", tmp_path / "behind.conf"
    route6 = tmp_path / "route6"
    route.write_text(ROUTE)
    resolv.write_text("nameserver 127.0.0.53\n")
    behind.write_text(RESOLV)
    network = NetworkOfThisMachine(route, route6, (resolv, behind))

    assert network() == ("192.0.2.1:53", "192.0.2.53:53", "[2001:db8::53]:53")

    route.write_text("")
    behind.unlink()

    assert network() == ("192.0.2.1:53", "192.0.2.53:53", "[2001:db8::53]:53")

    route.write_text(ROUTE.replace("010200C0", "01026433"))

    assert network() == ("51.100.2.1:53", "192.0.2.53:53", "[2001:db8::53]:53")

    route6.write_text(ROUTE6)

    assert network() == ("51.100.2.1:53", "[2001:db8::1]:53", "192.0.2.53:53", "[2001:db8::53]:53")


def test_a_machine_without_network_has_no_witnesses(tmp_path: Path):
    assert NetworkOfThisMachine(tmp_path / "none", tmp_path / "none", (tmp_path / "none",))() == ()


@pytest.mark.parametrize(
    ("target", "host"),
    [
        ("https://api.example.org:8443/health?x=1", "api.example.org"),
        ("http://[2001:db8::1]:80/", "2001:db8::1"),
        ("db.example.org:5432", "db.example.org"),
        ("[::1]:22", "::1"),
        ("example.org", "example.org"),
        ("[broken", "[broken"),
    ],
)
def test_host_of_a_target(target: str, host: str):
    assert host_of(target) == host


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("localhost", True),
        ("api.localhost.", True),
        ("192.0.2.1", False),
        ("::ffff:192.0.2.1", False),
        ("fe80::1%eth0", False),
        ("localhost.example.org", False),
        ("", False),
    ],
)
def test_loopback_is_known_by_name_and_number(host: str, loopback: bool):
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(
    ("named", "asked"),
    [
        ("192.0.2.1", "192.0.2.1:53"),
        ("gateway.example.org", "gateway.example.org:53"),
        ("example.org:443", "example.org:443"),
        ("2001:db8::1", "[2001:db8::1]:53"),
        ("[2001:db8::1]", "[2001:db8::1]:53"),
        ("[2001:db8::1]:443", "[2001:db8::1]:443"),
    ],
)
def test_a_witness_named_without_a_port_is_asked_on_that_of_dns(named: str, asked: str):
    assert with_port(named) == asked
    assert build("tcp", with_port(named), {}).target == asked

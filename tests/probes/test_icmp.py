"""ICMP: hosts that answer, hosts that do not, and machines that may not ask; each in a network of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.probes import how_to
from tests.probes.conftest import Ask, why

from trueup.domain.expect import judge, parse
from trueup.domain.result import Facts, FailureClass, State
from trueup.net.echo import _checksum
from trueup.probes.base import OptionError, build, registry

ICMP = registry()["icmp"]
EXPECTED = [parse(source, ICMP.provides) for source in ICMP.default_expect]
QUICK = {"gap": "1ms", "wait": "300ms"}
Inside = Callable[..., dict[str, Any]]

# What runs in a network of its own: the settings of its kernel, its user, then one question.
SCRIPT = """
import json, os, subprocess, sys
from pathlib import Path
from trueup.domain.text import render
from trueup.probes.ask import ask_once
from trueup.probes.base import build

told = json.loads(sys.argv[1])
for words in told["commands"]:
    subprocess.run(words, check=True)
for name, value in told["settings"].items():
    Path("/proc/sys/net", name).write_text(value)
probe = build("icmp", told["target"], told["options"])
if told["nobody"]:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
facts = ask_once(probe, told["timeout_s"]).facts
failure = facts.failure and [facts.failure.cause, render(facts.failure.text)]
print(json.dumps({"failure": failure, **facts.values}, default=str))
"""


def may_unshare() -> bool:
    """Return whether this user may make a network of its own."""
    if os.geteuid() or not shutil.which("unshare") or not shutil.which("ip"):
        return False
    return subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False).returncode == 0


@pytest.fixture
def inside() -> Inside:
    """Ask once in a new network, in which only loopback is up."""
    if not may_unshare():
        pytest.skip("needs root, unshare and ip (apt-get install util-linux iproute2)")

    def ask(
        target: str,
        *,
        settings: dict[str, str] | None = None,
        commands: tuple[tuple[str, ...], ...] = (),
        nobody: bool = False,
        timeout_s: float = 5,
        **options: Any,
    ) -> dict[str, Any]:
        told = {
            "target": target,
            "options": QUICK | options,
            "settings": settings or {},
            "commands": (("ip", "link", "set", "lo", "up"), *commands),
            "nobody": nobody,
            "timeout_s": timeout_s,
        }
        done = subprocess.run(
            ["unshare", "-n", sys.executable, "-W", "error", "-c", SCRIPT, json.dumps(told)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=Path(__file__).parents[2],
        )
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    return ask


def may_ask() -> bool:
    low, high = map(int, Path("/proc/sys/net/ipv4/ping_group_range").read_text().split())
    return not os.geteuid() or low <= os.getegid() <= high


needs_icmp = pytest.mark.skipif(not may_ask(), reason="needs root, or a group that may send ICMP")


@needs_icmp
@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_host_that_answers(ask: Ask, host: str) -> None:
    facts = ask("icmp", host, **QUICK).facts

    assert facts.failure is None
    assert (facts.values["sent"], facts.values["received"], facts.values["loss"]) == (3, 3, Fraction(0))
    assert timedelta(0) < facts.values["rtt_min"] <= facts.values["rtt_avg"] <= facts.values["rtt_max"]
    assert facts.address == ("::1" if ":" in host else "127.0.0.1")
    assert facts.phases.wait_us is not None


@needs_icmp
def test_packets_are_as_many_and_as_large_as_was_said(ask: Ask) -> None:
    facts = ask("icmp", "127.0.0.1", packets=7, size="20 kB", gap="10ms").facts

    assert (facts.values["sent"], facts.values["received"]) == (7, 7)


def test_addresses_that_are_never_asked_are_refused_by_the_guard(ask: Ask) -> None:
    for host in ("169.254.169.254", "224.0.0.1", "0.0.0.0", "fe80::1", "255.255.255.255"):
        assert why(ask("icmp", host))[0] is FailureClass.GUARD


def test_socket_without_privilege_is_enough(inside: Inside) -> None:
    allowed = {"ipv4/ping_group_range": "65534 65534"}

    four = inside("127.0.0.1", settings=allowed, nobody=True)
    six = inside("::1", settings=allowed, nobody=True)

    assert (four["failure"], four["received"]) == (None, 3)
    assert (six["failure"], six["received"]) == (None, 3)


def test_raw_socket_is_taken_where_the_other_is_not_allowed(inside: Inside) -> None:
    nobody = {"ipv4/ping_group_range": "1 0"}

    four, six = inside("127.0.0.1", settings=nobody), inside("::1", settings=nobody)

    assert (four["failure"], four["received"]) == (None, 3)
    assert (six["failure"], six["received"]) == (None, 3)


def test_sentence_says_how_to_allow_it_where_neither_is(inside: Inside) -> None:
    cause, sentence = inside("127.0.0.1", settings={"ipv4/ping_group_range": "1 0"}, nobody=True)["failure"]

    assert cause == "local"
    assert 'sysctl -w net.ipv4.ping_group_range="0 2147483647"' in sentence
    assert f"setcap cap_net_raw+ep {os.path.realpath(sys.executable)}" in sentence


def test_host_that_is_silent_loses_every_packet_and_no_more_time(inside: Inside) -> None:
    silent = {"ipv4/icmp_echo_ignore_all": "1"}

    found = inside("127.0.0.1", settings=silent)
    hurried = inside("127.0.0.1", settings=silent, wait="60s", timeout_s=0.3)

    assert (found["failure"], found["sent"], found["received"], found["loss"]) == (None, 3, 0, "1")
    assert (hurried["failure"], hurried["loss"]) == (None, "1")


def test_network_without_a_way_is_unreachable(inside: Inside) -> None:
    cause, sentence = inside("192.0.2.1")["failure"]
    barred = inside("192.0.2.1", commands=(("ip", "route", "add", "unreachable", "192.0.2.0/24"),))

    assert cause == barred["failure"][0] == "unreachable"
    assert "there is no way to 192.0.2.1" in sentence


def test_what_is_lost_is_told_in_per_cent() -> None:
    some, all_lost = Facts(values={"loss": Fraction(1, 3)}), Facts(values={"loss": Fraction(1)})
    strict = [parse("loss < 20 %", ICMP.provides)]

    lossy = judge(some, 1, 0, strict)
    silent = judge(all_lost, 1, 0, EXPECTED)

    assert judge(some, 1, 0, EXPECTED).state is State.UP
    assert lossy.cause is FailureClass.EXPECTATION
    assert lossy.text is not None
    assert lossy.text.params["got"] == "33.3 %"
    assert (silent.state, silent.cause) == (State.DOWN, FailureClass.TIMEOUT)


@pytest.mark.parametrize("target", ["", "a b", "127.0.0.1:80", "http://a.test/", "a..test", "x" * 64])
def test_target_that_is_no_host_is_refused(target: str) -> None:
    with pytest.raises(OptionError) as refused:
        build("icmp", target, {})
    assert refused.value.field == "target"


@pytest.mark.parametrize(
    ("name", "value"),
    [("packets", 0), ("packets", 101), ("size", "7 B"), ("size", "66 kB"), ("gap", "0s"), ("gap", "5"),
     ("wait", "2m"), ("ip", "ipv5")],
)  # fmt: skip
def test_option_out_of_its_range_is_refused(name: str, value: Any) -> None:
    with pytest.raises(OptionError) as refused:
        build("icmp", "127.0.0.1", {name: value})
    assert refused.value.field == name


@given(st.binary(max_size=100).map(lambda data: data + b"\0" * (len(data) % 2)))
def test_checksum_makes_a_message_add_up(message: bytes) -> None:
    assert _checksum(message + _checksum(message).to_bytes(2, "big")) == 0


@needs_icmp
def test_example_of_the_how_to_is_up() -> None:
    ((answer, judged),) = how_to.asked("ping-a-host.md", {"router.example.org": "127.0.0.1"}, {})

    assert answer.facts.values["received"] == 5
    assert judged.state is State.UP

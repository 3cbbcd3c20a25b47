"""Domains: what a registry says over RDAP, what it refuses to say, and where it is found."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.probes import how_to
from tests.probes.conftest import Ask, why
from tests.servers import Servers
from tests.servers.http import closing, cutting, garbage, silent
from tests.servers.run import Handler
from tests.servers.tls import Authority

from trueup import conf
from trueup.config.load import loads
from trueup.domain.expect import judge, parse
from trueup.domain.result import FailureClass, State
from trueup.probes.base import OptionError, ProbeError, build, registry
from trueup.probes.kinds import domain_expiry
from trueup.probes.registry import base_address, registered_domain

KIND = registry()["domain_expiry"]
EXPECTED = [parse(source, KIND.provides) for source in KIND.default_expect]
RULES = [parse(source, KIND.provides) for source in KIND.default_degraded_when]
Heads = list[str]


@pytest.fixture(autouse=True)
def nobody_rests() -> Iterator[None]:
    """Forget which registries wanted to be left alone: all of them are on one host here."""
    domain_expiry._resting.clear()
    yield
    domain_expiry._resting.clear()


def domain(days: float = 90, **more: Any) -> dict[str, Any]:
    """Return what a registry says of a domain that ends in some days."""
    end = datetime.now(UTC) + timedelta(days=days)
    card = ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", "Example Registrar, Inc."]]]
    return {
        "objectClassName": "domain",
        "ldhName": "EXAMPLE.ORG",
        "status": ["client transfer prohibited"],
        "events": [
            {"eventAction": "registration", "eventDate": "1995-08-31T04:00:00Z"},
            {"eventAction": "expiration", "eventDate": end.strftime("%Y-%m-%dT%H:%M:%SZ")},
        ],
        "entities": [{"roles": ["registrar"], "handle": "376", "vcardArray": card}],
        **more,
    }


def says(body: object, *head: str, status: str = "200 OK", seen: Heads | None = None) -> Handler:
    """Return a registry that says one thing."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).decode()
        if seen is not None:
            seen.append(asked)
        lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(data)}", "Connection: close", *head, "", "")
        writer.write("\r\n".join(lines).encode() + data)
        await writer.drain()

    return handle


def test_registry_is_asked_for_the_registered_domain(servers: Servers, ask: Ask) -> None:
    seen: Heads = []
    place = servers.start(says(domain(), seen=seen))

    facts = ask("domain_expiry", "www.Example.org.", rdap=place.url("/rdap")).facts

    assert facts.failure is None
    assert seen[0].startswith("GET /rdap/domain/example.org HTTP/1.1\r\n")
    assert "accept: application/rdap+json" in seen[0].lower()
    values = dict(facts.values)
    assert timedelta(days=89) < values.pop("expires") < timedelta(days=90)
    assert values == {
        "status": 200,
        "domain": "example.org",
        "registered": True,
        "registrar": "Example Registrar, Inc.",
        "statuses": ("client transfer prohibited",),
    }


@pytest.mark.parametrize(("days", "state"), [(90, State.UP), (29, State.DEGRADED), (-1, State.DEGRADED)])
def test_end_within_a_month_is_degraded(servers: Servers, ask: Ask, days: float, state: State) -> None:
    place = servers.start(says(domain(days)))

    facts = ask("domain_expiry", "example.org", rdap=place.url()).facts

    assert judge(facts, 1, 0, EXPECTED, RULES).state is state


def test_domain_that_nobody_has_is_down(servers: Servers, ask: Ask) -> None:
    place = servers.start(says({"errorCode": 404}, status="404 Not Found"))

    facts = ask("domain_expiry", "example.org", rdap=place.url()).facts
    judged = judge(facts, 1, 0, EXPECTED, RULES)

    assert (facts.failure, facts.values["registered"]) == (None, False)
    assert (judged.state, judged.cause) == (State.DOWN, FailureClass.EXPECTATION)


def test_registry_without_a_date_is_not_taken_for_good(servers: Servers, ask: Ask) -> None:
    place = servers.start(says(domain(events=[])))

    facts = ask("domain_expiry", "example.org", rdap=place.url()).facts

    assert judge(facts, 1, 0, EXPECTED, RULES).state is State.DEGRADED


@pytest.mark.parametrize(("after", "least_s", "most_s"), [
    ("120", 60, 120), ("", 1_800, 3_600), ("nonsense", 1_800, 3_600), ("99999999", 86_400, 8 * 86_400),
    ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 1),
])  # fmt: skip
def test_registry_that_is_asked_too_often_is_left_alone(
    servers: Servers, ask: Ask, after: str, least_s: int, most_s: int
) -> None:
    place = servers.start(says(b"", f"Retry-After: {after}", status="429 Too Many Requests"))

    cause, sentence = why(ask("domain_expiry", "example.org", rdap=place.url()))

    assert cause is FailureClass.WITHDRAWN
    assert "asked too often" in sentence
    if least_s:
        probe = build("domain_expiry", "other.org", {"rdap": place.url()})
        with pytest.raises(ProbeError) as resting:
            probe.request()  # type: ignore[attr-defined]
        assert resting.value.cause is FailureClass.WITHDRAWN
        assert least_s * 1e6 < resting.value.text.params["rest_us"] <= most_s * 1e6  # type: ignore[operator]
        assert why(ask("domain_expiry", "example.org", rdap=place.url()))[0] is FailureClass.WITHDRAWN
        assert len(place.taken) == 1


def test_redirect_is_followed_and_a_circle_is_not(servers: Servers, ask: Ask) -> None:
    good = servers.start(says(domain()))
    first = servers.start(says(b"", f"Location: {good.url('/domain/example.org')}", status="302 Found"))
    circle = servers.start(says(b"", "Location: /domain/example.org", status="301 Moved"))
    away = servers.start(says(b"", "Location: ftp://127.0.0.1/x", status="302 Found"))

    found = ask("domain_expiry", "example.org", rdap=first.url()).facts
    causes = [why(ask("domain_expiry", "example.org", rdap=each.url()))[0] for each in (circle, away)]

    assert (found.failure, found.values["registered"]) == (None, True)
    assert causes == [FailureClass.REDIRECT] * 2


def test_secure_registry_is_verified(servers: Servers, ask: Ask, authority: Authority) -> None:
    place = servers.start(says(domain()), tls=authority.server())
    base = place.url(scheme="https")

    trusted = ask("domain_expiry", "example.org", rdap=base, ca=authority.file).facts

    assert trusted.failure is None
    assert trusted.certificate is not None
    assert why(ask("domain_expiry", "example.org", rdap=base))[0] is FailureClass.TLS


@pytest.mark.parametrize(
    "body",
    [
        b"<html>", b"", b"[]", b'"x"', b"[" * 5_000, b'{"objectClassName": "entity"}',
        b'{"ldhName": "other.org"}', b'{"events": [{"eventAction": "expiration", "eventDate": "soon"}]}',
        b'{"events": [{"eventAction": "expiration"}]}',
    ],
)  # fmt: skip
def test_answer_that_is_none_is_a_fault_of_the_protocol(servers: Servers, ask: Ask, body: bytes) -> None:
    place = servers.start(says(body))

    assert why(ask("domain_expiry", "example.org", rdap=place.url()))[0] is FailureClass.PROTOCOL


@pytest.mark.parametrize(
    "body",
    [
        {"events": {}, "entities": 3, "status": None},
        {"events": [None, 1], "entities": [[], {"roles": "registrar"}]},
        {"entities": [{"roles": ["registrar"], "vcardArray": each} for each in (["vcard"], [1, 2], 3)]},
    ],
)
def test_parts_of_a_wrong_form_are_passed_over(servers: Servers, ask: Ask, body: dict[str, Any]) -> None:
    place = servers.start(says(body))

    facts = ask("domain_expiry", "example.org", rdap=place.url()).facts

    assert facts.failure is None
    assert "expires" not in facts.values


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"x" * 65_536)
        await writer.drain()
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("handler", "cause"),
    [
        (silent, FailureClass.TIMEOUT),
        (closing, FailureClass.RESET),
        (cutting, FailureClass.RESET),
        (garbage, FailureClass.PROTOCOL),
        (endless, FailureClass.TOO_LARGE),
        (says(b"", status="503 Unavailable"), FailureClass.PROTOCOL),
    ],
)
def test_hostile_registry_ends_in_a_class_within_the_deadline(
    servers: Servers, ask: Ask, handler: Handler, cause: FailureClass
) -> None:
    place = servers.start(handler)

    assert why(ask("domain_expiry", "example.org", rdap=place.url(), timeout_s=0.5))[0] is cause


def test_closed_port_and_forbidden_address_are_told(servers: Servers, ask: Ask) -> None:
    place = servers.refusing()

    assert why(ask("domain_expiry", "example.org", rdap=place.url()))[0] is FailureClass.REFUSED
    assert why(ask("domain_expiry", "a.org", rdap="http://169.254.169.254/"))[0] is FailureClass.GUARD


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("example.org", "example.org"),
        ("a.b.example.co.uk", "example.co.uk"),
        ("shop.github.io", "github.io"),  # which is registered; what stands before it is not
        ("co.uk", None),
        ("xn--bcher-kva.example.com", "example.com"),
    ],
)
def test_registered_domain_of_a_name(name: str, domain: str | None) -> None:
    assert registered_domain(name) == domain


@pytest.mark.parametrize(
    ("domain", "base"),
    [
        ("example.com", "https://rdap.verisign.com/com/v1/"),
        ("example.org", "https://rdap.publicinterestregistry.org/rdap/"),
        ("example.co.uk", "https://rdap.nominet.uk/uk/"),
        ("example.app", "https://pubapi.registry.google/rdap/"),
    ],
)
def test_shipped_list_knows_the_large_registries(domain: str, base: str) -> None:
    assert base_address(domain) == base


@pytest.fixture
def listed(tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Use a list of registries of our own."""
    file = tmp_path / "dns.json"

    def write(text: str) -> None:
        file.write_text(text)
        conf.override(rdap_bootstrap=file)

    yield write
    os.environ.pop("TRUEUP_RDAP_BOOTSTRAP", None)
    conf.current.cache_clear()


def test_own_list_replaces_the_shipped_one(listed: Callable[[str], None]) -> None:
    services = [[["de", "co.de"], ["http://a.test", "https://b.test"]]]
    listed(json.dumps({"publication": "2031-05-01T00:00:00Z", "services": services}))

    assert base_address("example.de") == "https://b.test/"
    with pytest.raises(OptionError, match=r"list of 2031-05-01.*rdap.*TRUEUP_RDAP_BOOTSTRAP"):
        build("domain_expiry", "example.org", {})
    listed("{}")
    with pytest.raises(OptionError, match=r"no bootstrap file of RDAP"):
        build("domain_expiry", "example.org", {})


@pytest.mark.parametrize(
    ("target", "field"),
    [(each, "target") for each in ("co.uk", "", "http://a.org", "a..org", "x.invalidtld")],
)
def test_target_that_nobody_registered_is_refused(target: str, field: str) -> None:
    with pytest.raises(OptionError) as refused:
        build("domain_expiry", target, {})
    assert refused.value.field == field


@given(st.text(max_size=60))
def test_any_target_is_accepted_or_refused(target: str) -> None:
    with suppress(OptionError):
        build("domain_expiry", target, {"rdap": "https://127.0.0.1/"})


def test_check_is_asked_once_a_day_and_does_not_count(tmp_path: Path) -> None:
    text = """
defaults: {interval: 30s}
components:
  - name: A
    checks:
      - domain_expiry: example.org
      - {domain_expiry: example.com, slug: often, interval: 5m}
"""
    spec = loads(text.encode(), "trueup.yaml", {}, tmp_path)
    day, often = spec.components[0].checks

    assert (day.interval_us, day.timeout_us, day.counts) == (86_400_000_000, 10_000_000, False)
    assert often.interval_us == 300_000_000
    assert [notice for notice in spec.notices if "limits how often" in notice and "1d is enough" in notice]


def test_examples_of_the_how_to_are_up(servers: Servers) -> None:
    place = servers.start(says(domain(90)))
    private = servers.start(says(domain(90, ldhName="example.internal")))

    written = "domain_expiry: www.example.org"
    real = f"{written}\n        rdap: {place.url()}"
    ((_, public),) = how_to.asked("watch-a-domain.md", {written: real}, {})
    ((_, intranet),) = how_to.asked(
        "watch-a-domain.md", {"https://rdap.registry.example.org/": private.url()}, {}, number=1
    )

    assert (public.state, intranet.state) == (State.UP, State.UP)

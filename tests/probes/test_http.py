"""HTTP: what is asked, and what comes of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.probes.conftest import Ask, why
from tests.servers import Servers
from tests.servers.dns import Zone
from tests.servers.http import Asked, Site, ok

from trueup.domain.result import FailureClass
from trueup.domain.spec import Secret
from trueup.probes.base import OptionError, build

Answers = dict[str, Callable[[Asked], tuple[int, dict[str, str], bytes]]]


def page(body: bytes = b"ok", status: int = 200, **headers: str) -> Callable[[Asked], Any]:
    return lambda _request: (status, headers, body)


def to(location: str, status: int = 302) -> Callable[[Asked], Any]:
    return lambda _request: (status, {"Location": location}, b"")


def test_answer_brings_status_headers_body_size_version_and_phases(servers: Servers, ask: Ask) -> None:
    place = servers.start(ok(b'{"status": "ok"}', Content_Type="application/json", X_Twice="1"))

    answer = ask("http", place.url())

    facts = answer.facts
    assert facts.failure is None
    assert {name: facts.values[name] for name in ("status", "size", "version", "redirects")} == {
        "status": 200,
        "size": 16,
        "version": "1.1",
        "redirects": 0,
    }
    assert facts.values["header"]["Content-Type"] == "application/json"
    assert json.loads(facts.body or b"") == {"status": "ok"}
    assert facts.address == "127.0.0.1"
    assert facts.phases.dns_us is None
    assert facts.phases.tls_us is None
    assert facts.phases.connect_us is not None
    assert facts.phases.wait_us is not None
    assert 0 < facts.phases.connect_us + facts.phases.wait_us <= answer.duration_us


def test_request_carries_method_headers_body_and_a_name(servers: Servers, ask: Ask) -> None:
    site = Site({"/orders": page()})
    place = servers.start(site)

    ask("http", place.url("/orders?x=1"), method="POST", body='{"a": 1}',
        headers={"Content-Type": "application/json", "x-trace": "7"})  # fmt: skip

    (asked,) = site.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/orders?x=1", b'{"a": 1}')
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["x-trace"] == "7"
    assert asked.headers["connection"] == "close"
    assert asked.headers["user-agent"].startswith("trueup/")


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "DELETE", "PUT", "PATCH"])
def test_every_method_is_sent_as_written(servers: Servers, ask: Ask, method: str) -> None:
    site = Site({"/": lambda request: (204 if request.method == "HEAD" else 200, {}, b"")})
    place = servers.start(site)

    answer = ask("http", place.url(), method=method)

    assert answer.facts.failure is None
    assert [request.method for request in site.asked] == [method]


def test_headers_that_are_secret_and_credentials_are_sent_and_appear_nowhere(
    servers: Servers, ask: Ask
) -> None:
    site = Site({"/": page()})
    place = servers.start(site)
    probe = build("http", place.url(), {"secret_headers": {"X-Key": Secret("marker-1")}, "username": "u",
                                        "password": Secret("marker-2")})  # fmt: skip

    ask("http", place.url(), username="user", password=Secret("pä ss"))
    ask("http", place.url(), token=Secret("marker-3"), secret_headers={"X-Key": "marker-1"})

    assert site.asked[1].headers["authorization"] == "Bearer marker-3"
    assert site.asked[1].headers["x-key"] == "marker-1"
    assert site.asked[0].headers["authorization"].startswith("Basic ")
    assert "marker" not in repr(probe)
    assert "marker" not in probe.asks
    assert "marker" not in repr(probe.request())  # type: ignore[attr-defined]


def test_redirects_are_followed_and_their_phases_add_up(servers: Servers, ask: Ask) -> None:
    site = Site({"/": to("/next?a=b c"), "/next": to("last"), "/last": page(b"here")})
    place = servers.start(site)

    answer = ask("http", place.url())

    assert answer.facts.body == b"here"
    assert answer.facts.values["redirects"] == 2
    assert answer.facts.values["url"] == place.url("/last")
    assert [request.path for request in site.asked] == ["/", "/next?a=b%20c", "/last"]
    assert len(place.taken) == 3


def test_redirect_is_an_answer_where_it_is_not_followed(servers: Servers, ask: Ask) -> None:
    place = servers.start(Site({"/": to("/next")}))

    answer = ask("http", place.url(), follow=False)

    assert answer.facts.values["status"] == 302
    assert answer.facts.values["header"]["location"] == "/next"


def test_redirect_without_location_is_an_answer(servers: Servers, ask: Ask) -> None:
    place = servers.start(Site({"/": page(status=301)}))

    assert ask("http", place.url()).facts.values["status"] == 301


@pytest.mark.parametrize(("status", "method"), [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST")])
def test_posted_body_goes_on_only_where_the_redirect_keeps_the_method(
    servers: Servers, ask: Ask, status: int, method: str
) -> None:
    site = Site({"/": to("/next", status), "/next": page()})
    place = servers.start(site)

    ask("http", place.url(), method="POST", body="data")

    assert [(each.method, each.body) for each in site.asked] == [
        ("POST", b"data"),
        (method, b"data" if method == "POST" else b""),
    ]


def test_credentials_stay_with_the_origin_they_were_given_for(servers: Servers, ask: Ask) -> None:
    other = Site({"/in": page()})
    elsewhere = servers.start(other)
    site = Site({"/": to(elsewhere.url("/in")), "/here": to("/there"), "/there": page()})
    place = servers.start(site)
    secrets: dict[str, Any] = {
        "token": Secret("marker"),
        "secret_headers": {"X-Key": "marker"},
        "headers": {"Cookie": "marker", "X-Plain": "1"},
    }

    ask("http", place.url(), **secrets)
    ask("http", place.url("/here"), **secrets)

    assert "marker" not in str(other.asked)
    assert other.asked[0].headers["x-plain"] == "1"
    assert [request.headers.get("authorization") for request in site.asked] == ["Bearer marker"] * 3


def test_body_is_not_sent_on_to_another_origin(servers: Servers, ask: Ask) -> None:
    other = Site({"/": page()})
    elsewhere = servers.start(other)
    place = servers.start(Site({"/": to(elsewhere.url(), 307)}))

    cause, sentence = why(ask("http", place.url(), method="POST", body="password=marker"))

    assert (cause, other.asked) == (FailureClass.REDIRECT, [])
    assert elsewhere.url() in sentence


def test_version_2_is_spoken_in_the_clear_where_it_is_asked_for(servers: Servers, ask: Ask) -> None:
    async def settings(reader: Any, writer: Any) -> None:
        await reader.readexactly(24)  # the preface of HTTP/2
        writer.write(bytes.fromhex("000000040000000000"))  # empty SETTINGS
        writer.write(bytes.fromhex("000001010500000001") + b"\x88")  # HEADERS of stream 1: 200, the end
        await writer.drain()
        while await reader.read(1000):
            pass

    place = servers.start(settings)

    answer = ask("http", place.url(), version="2")

    assert answer.facts.values["version"] == "2"
    assert answer.facts.values["status"] == 200


def test_larger_body_is_cut_at_the_cap_and_said_to_be(servers: Servers, ask: Ask) -> None:
    place = servers.start(ok(b"b" * 5_000))

    facts = ask("http", place.url(), max_body="2 kB").facts

    assert facts.failure is None
    assert (facts.body, facts.body_truncated, facts.values["size"]) == (b"b" * 2_000, True, 2_000)


def test_body_as_large_as_the_cap_is_whole(servers: Servers, ask: Ask) -> None:
    place = servers.start(ok(b"b" * 2_000))

    facts = ask("http", place.url(), max_body="2 kB", larger="fail").facts

    assert (len(facts.body or b""), facts.body_truncated) == (2_000, False)


def test_larger_body_fails_where_that_was_asked_for(servers: Servers, ask: Ask) -> None:
    place = servers.start(ok(b"b" * 5_000))

    cause, sentence = why(ask("http", place.url(), max_body="2 kB", larger="fail"))

    assert cause is FailureClass.TOO_LARGE
    assert "larger than 2 kB" in sentence


def test_connect_to_asks_another_place_by_the_targets_name(servers: Servers, ask: Ask) -> None:
    site = Site({"/": page()})
    place = servers.start(site)

    answer = ask("http", "http://shop.example.test:81/", connect_to=place.endpoint)

    assert answer.facts.failure is None
    assert site.asked[0].headers["host"] == "shop.example.test:81"


def test_address_family_is_kept_to(servers: Servers, ask: Ask) -> None:
    four = servers.start(ok())
    six = servers.start(ok(), host="::1")

    assert ask("http", four.url(host="localhost"), ip="ipv4").facts.address == "127.0.0.1"
    assert ask("http", six.url(host="localhost"), ip="ipv6").facts.address == "::1"
    assert why(ask("http", six.url(host="localhost"), ip="ipv4"))[0] is FailureClass.REFUSED


def test_next_address_is_asked_where_the_first_refuses(servers: Servers, ask: Ask) -> None:
    place = servers.start(ok(), host="::1")
    zone = Zone({"both.test": ["127.0.0.1", "::1"]})

    facts = ask("http", place.url(host="both.test"), servers=[zone.start(servers)]).facts

    assert (facts.failure, facts.address) == (None, "::1")
    assert facts.phases.dns_us is not None


def test_environment_names_no_proxy(servers: Servers, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    place = servers.start(ok())
    nothing = servers.refusing()
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, nothing.url())

    assert ask("http", place.url()).facts.failure is None


def test_proxy_is_asked_for_the_whole_address(servers: Servers, ask: Ask) -> None:
    site = Site({"http://shop.example.test/": page(b"by proxy")})
    place = servers.start(site)

    answer = ask("http", "http://shop.example.test/", proxy=place.url().rstrip("/"), proxy_username="me",
                 proxy_password=Secret("it"))  # fmt: skip

    assert answer.facts.body == b"by proxy"
    assert site.asked[0].headers["proxy-authorization"].startswith("Basic ")


def test_address_beyond_a_proxy_is_judged_too(servers: Servers, ask: Ask) -> None:
    place = servers.start(ok())

    assert why(ask("http", "http://169.254.169.254/", proxy=place.url()))[0] is FailureClass.GUARD
    assert ask("http", place.url()).facts.failure is None
    assert why(ask("http", "http://0xa9fea9fe/", proxy=place.url()))[0] is FailureClass.GUARD
    assert len(place.taken) == 1


def test_body_is_called_a_form_only_by_the_check_itself(servers: Servers, ask: Ask) -> None:
    site = Site({"/": page()})
    place = servers.start(site)

    ask("http", place.url(), method="POST", body="{}")
    ask("http", place.url(), method="PUT")

    assert [request.headers.get("content-type") for request in site.asked] == [None, None]
    assert [request.headers.get("content-length") for request in site.asked] == ["2", "0"]


async def socks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Be a SOCKS5 proxy (RFC 1928) that answers for whoever is asked for."""
    _, count = await reader.readexactly(2)
    await reader.readexactly(count)
    writer.write(b"\x05\x00")
    _, _, _, kind, length = await reader.readexactly(5)
    assert kind == 3  # a name: it is the proxy that resolves
    host = await reader.readexactly(length + 2)
    writer.write(b"\x05\x00\x00\x01" + bytes(6))
    await ok(host[:-2])(reader, writer)


def test_socks_proxy_resolves_the_name_itself(servers: Servers, ask: Ask) -> None:
    place = servers.start(socks)

    facts = ask("http", "http://shop.example.test/", proxy=f"socks5h://{place.endpoint}").facts

    assert (facts.failure, facts.body) == (None, b"shop.example.test")


def test_proxy_that_refuses_is_named(servers: Servers, ask: Ask) -> None:
    nothing = servers.refusing()

    cause, sentence = why(ask("http", "http://shop.example.test/", proxy=nothing.url()))

    assert cause is FailureClass.REFUSED
    assert f"port {nothing.port}" in sentence


@pytest.mark.parametrize(
    ("target", "options", "field", "word"),
    [
        ("ftp://host/", {}, "target", "http://"),
        ("host/path", {}, "target", "http://"),
        ("http://", {}, "target", "no host"),
        ("http://host:0/", {}, "target", "port"),
        ("http://host:99999/", {}, "target", "port"),
        ("http://user:pass@host/", {}, "target", "username"),
        ("http://ho st/", {}, "target", "%20"),
        ("http://host/\r\nX: y", {}, "target", "control"),
        (f"http://{'a' * 64}.test/", {}, "target", "63"),
        ("http://host/", {"methd": "GET"}, "methd", "method"),
        ("http://host/", {"method": "STEAL"}, "method", "GET"),
        ("http://host/", {"headers": {"Bad name": "x"}}, "headers", "Bad name"),
        ("http://host/", {"headers": {"X": "a\nb"}}, "headers", "line break"),
        ("http://host/", {"headers": ["X"]}, "headers", "mapping"),
        ("http://host/", {"max_body": "9 TB"}, "max_body", "size"),
        ("http://host/", {"max_body": 1}, "max_body", "1 kB"),
        ("http://host/", {"max_redirects": 99}, "max_redirects", "50"),
        ("http://host/", {"follow": "perhaps"}, "follow", "true or false"),
        ("http://host/", {"body": "x"}, "body", "method"),
        ("http://host/", {"password": "x"}, "password", "username"),
        ("http://host/", {"username": "a:b"}, "username", "colon"),
        ("http://host/", {"token": "a\r\nX: y"}, "token", "line break"),
        ("http://host/", {"token": "x", "username": "y"}, "token", "Authorization"),
        ("http://host/", {"connect_to": "nowhere"}, "connect_to", "port"),
        ("http://host/", {"proxy": "ftp://x:1"}, "proxy", "socks5h"),
        ("http://host/", {"proxy": "http://x:1", "connect_to": "y:1"}, "proxy", "both"),
        ("http://host/", {"ip": "5"}, "ip", "ipv4"),
    ],
)  # fmt: skip
def test_bad_options_are_refused_with_a_remedy(
    target: str, options: dict[str, Any], field: str, word: str
) -> None:
    with pytest.raises(OptionError) as refused:
        build("http", target, options)

    assert refused.value.field == field
    assert word in str(refused.value)


def test_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"ca: .*none\.pem cannot be read: No such file"):
        build("http", "https://host/", {"ca": str(tmp_path / "none.pem")})


def test_host_of_another_script_is_asked_in_its_idna_form() -> None:
    probe = build("http", "http://Bücher.example.test/päth?q=ü", {})

    assert probe.asks == "GET http://xn--bcher-kva.example.test/p%C3%A4th?q=%C3%BC"

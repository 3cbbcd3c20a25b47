"""Several requests in order: what one answer gives, the next request uses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from tests.probes import how_to
from tests.probes.asking import Asking
from tests.probes.conftest import Ask, why
from tests.servers import Servers
from tests.servers.http import Asked, Site, silent
from tests.servers.tls import Authority

from trueup.domain import expect
from trueup.domain.result import FailureClass, State
from trueup.domain.spec import Secret
from trueup.engine.run.evidence import detail_of
from trueup.probes.base import OptionError, build, option_schema

Reply = tuple[int, Mapping[str, str], bytes]


def said(status: int = 200, body: Any = b"ok", **headers: str) -> Any:
    """Return an answer to every request."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _: (status, named, data)


SIGN_IN = {
    "name": "sign in",
    "method": "POST",
    "path": "/login",
    "body": '{"password": "hunter2-password"}',
    "expect": ["status == 201"],
    "extract": {"user": "$.user"},
    "extract_secret": {"token": "$.token"},
}
ORDER = {
    "name": "order",
    "path": "/users/{{user}}/orders?last=1",
    "headers": {"Authorization": "Bearer {{token}}"},
    "expect": ["status == 200", "$.open == true"],
}


@pytest.fixture
def shop() -> Site:
    return Site(
        {
            "/login": said(201, {"user": "a/b", "token": "tok-4711"}),
            "/users/a%2Fb/orders": said(200, {"open": True, "seen": "tok-4711"}, X_Seen="tok-4711"),
            "/jar": said(200, b"ok", Set_Cookie="session=s1; Path=/"),
            "/moved": said(302, b"", Location="/login"),
            "/created": said(201, b'<a href="x?id=17">', Location="/orders/17"),
            "/orders/17": said(200, b"seventeen"),
            "/away": said(201, b"", Location="http://127.0.0.2:1/orders"),
            "/odd": said(200, {"line": "a\r\nX-Evil: 1", "host": "//127.0.0.2/"}),
        }
    )


def test_values_of_one_answer_stand_in_the_next_request(servers: Servers, ask: Ask, shop: Site) -> None:
    place = servers.start(shop)

    facts = ask("steps", place.url(), requests=[SIGN_IN, ORDER]).facts

    assert facts.failure is None
    assert [each.path for each in shop.asked] == ["/login", "/users/a%2Fb/orders?last=1"]
    assert shop.asked[0].body == b'{"password": "hunter2-password"}'
    assert shop.asked[1].headers["authorization"] == "Bearer tok-4711"
    assert facts.values["status"] == 200
    assert facts.values["steps"] == 2
    assert list(facts.values["step"]) == ["sign in", "order"]
    assert all(isinstance(each, timedelta) for each in facts.values["wait"].values())


def test_secrets_are_in_no_evidence(servers: Servers, ask: Ask, shop: Site) -> None:
    place = servers.start(shop)
    last = {**ORDER, "expect": ['$.seen == "x"'], "secret_headers": {"X-Key": "hunter2-key"}}
    shop.answers = {**shop.answers, "/echo": lambda asked: (500, {}, asked.body + b" tok-4711")}
    echo = {"path": "/echo", "method": "POST", "body": "hunter2-body {{token}}"}

    failed = [ask("steps", place.url(), requests=[SIGN_IN, each]).facts for each in (last, echo)]

    for facts in failed:
        assert facts.failure is not None
        kept = repr(detail_of(facts, facts.failure.text)) + repr(facts)
        assert "tok-4711" not in kept
        assert "hunter2" not in kept
    assert failed[0].values["header"]["x-seen"] == "********"


@pytest.mark.parametrize(
    "written", [r'"ab\/cd <e> \"f\""', "ab/cd &lt;e&gt; &quot;f&quot;", "ab%2Fcd+%3Ce%3E+%22f%22"]
)
def test_secret_that_an_answer_writes_in_another_way_is_in_no_evidence(
    servers: Servers, ask: Ask, shop: Site, written: str
) -> None:
    place = servers.start(shop)
    shop.answers = {"/login": said(201, {"token": 'ab/cd <e> "f"'}), "/": said(500, written.encode())}
    sign_in = {"path": "/login", "method": "POST", "extract_secret": {"token": "$.token"}}

    facts = ask("steps", place.url(), requests=[sign_in, {"path": "/"}]).facts

    assert facts.failure is not None
    assert (facts.body or b"").strip(b'"') == b"********"


@pytest.mark.parametrize(
    ("requests", "cause", "words"),
    [
        ([{**SIGN_IN, "expect": ["status == 200"]}, ORDER], FailureClass.EXPECTATION,
         "step 1 of 2 (sign in), POST {url}login, and waited"),
        ([SIGN_IN, {**ORDER, "expect": ["$.open == false"]}], FailureClass.EXPECTATION,
         "step 2 of 2 (order), GET {url}users/{{{{user}}}}/orders?last=1, and waited"),
        ([{"path": "/none"}, SIGN_IN], FailureClass.EXPECTATION, "step 1 of 2, GET {url}none, and"),
        ([{"path": "/created", "extract": {"id": "$.id"}}, {"path": "/{{id}}"}], FailureClass.EXPECTATION,
         "$.id was to be taken from the answer, but the body is not JSON"),
        ([{"path": "/created", "extract": {"id": "body matches /id=([a-z]+)/"}}], FailureClass.EXPECTATION,
         "the expression matched nothing in body"),
        ([{"path": "/odd", "extract": {"x": "$.line"}}, {"path": "/", "headers": {"X-Line": "{{x}}"}}],
         FailureClass.PROTOCOL, "the header X-Line would hold a line break"),
        ([{"path": "/away", "extract": {"next": 'header["location"]'}}, {"path": "{{next}}"}],
         FailureClass.REDIRECT, "another host than the target's"),
        ([{"path": "/odd", "extract": {"next": "$.host"}}, {"path": "{{next}}"}],
         FailureClass.REDIRECT, "another host than the target's"),
        ([{"path": "/odd", "extract": {"next": "$.line"}}, {"path": "{{next}}"}],
         FailureClass.PROTOCOL, "made no address to ask"),
    ],
)  # fmt: skip
def test_check_stops_at_the_first_bad_step_and_names_it(
    servers: Servers, ask: Ask, shop: Site, requests: Any, cause: FailureClass, words: str
) -> None:
    place = servers.start(shop)

    found, sentence = why(ask("steps", place.url(), requests=requests))

    assert found is cause, sentence
    assert words.format(url=place.url()) in sentence


def test_nothing_is_asked_after_a_bad_step(servers: Servers, ask: Ask, shop: Site) -> None:
    place = servers.start(shop)

    facts = ask("steps", place.url(), requests=[{"path": "/none"}, SIGN_IN, ORDER]).facts

    assert [each.path for each in shop.asked] == ["/none"]
    assert facts.values["steps"] == 1
    assert facts.values["status"] == 404


def test_deadline_is_one_for_all_steps(servers: Servers, ask: Ask, shop: Site) -> None:
    place, mute = servers.start(shop), servers.start(silent)
    last = {"name": "last", "path": f"{mute.url()}slow?key={{{{token}}}}"}

    cause, sentence = why(ask("steps", place.url(), requests=[SIGN_IN, last], timeout_s=0.3))

    assert cause is FailureClass.TIMEOUT
    assert "step 2 of 2 (last)" in sentence
    assert "tok-4711" not in sentence


def test_cookies_are_kept_only_where_asked_and_only_within_one_asking(
    servers: Servers, ask: Ask, shop: Site
) -> None:
    place = servers.start(shop)
    requests = [{"path": "/jar"}, {"path": "/orders/17"}]

    for cookies in (True, False, True):
        assert ask("steps", place.url(), requests=requests, cookies=cookies).facts.failure is None

    sent = [each.headers.get("cookie") for each in shop.asked]
    assert sent == [None, "session=s1", None, None, None, "session=s1"]


def test_cookies_of_one_check_go_to_no_other(servers: Servers, shop: Site) -> None:
    place = servers.start(shop)
    keeping = build("steps", place.url(), {"requests": [{"path": "/jar"}], "cookies": True})
    others = [
        build("http", place.url("/orders/17"), {}),
        build("steps", place.url(), {"requests": [{"path": "/orders/17"}], "cookies": True}),
    ]
    with Asking() as asking:
        for probe in (keeping, *others) * 2:  # one after the other, on whichever handle is free
            asking.answers(probe, timeout_s=5)

    assert [each.facts.failure for each in asking.taken] == [None] * 6
    assert [each for each in shop.asked if "cookie" in each.headers] == []


def test_redirects_are_followed_within_a_step(servers: Servers, ask: Ask, shop: Site) -> None:
    place = servers.start(shop)
    requests = [
        {"path": "/moved", "expect": ["status == 201"]},
        {"path": "/moved", "follow": False, "expect": ["status == 302"]},
        {"path": "/created", "extract": {"next": 'header["location"]', "id": "body matches /id=([0-9]+)/"}},
        {"path": "{{next}}", "expect": ['body == "seventeen"']},
        {"path": "/orders/{{id}}", "expect": ['body == "seventeen"']},
    ]

    facts = ask("steps", place.url(), requests=requests).facts

    assert facts.failure is None
    assert facts.body == b"seventeen"
    paths = [each.path for each in shop.asked]
    assert paths == ["/moved", "/login", "/moved", "/created", "/orders/17", "/orders/17"]


def test_target_is_the_base_of_every_path(servers: Servers, ask: Ask) -> None:
    site = Site({"/api/a": said(), "/api/": said()})
    place = servers.start(site)

    ask("steps", place.url("/api/"), requests=[{"path": "/a"}, {"path": "?q=1"}])

    assert [each.path for each in site.asked] == ["/api/a", "/api/?q=1"]


def test_options_of_the_check_hold_for_every_step(servers: Servers, ask: Ask, authority: Authority) -> None:
    site = Site({"/a": said(), "/b": said()})
    place = servers.start(site, tls=authority.demanding())
    options = {
        "ca": authority.file,
        "client_certificate": authority.client("steps"),
        "headers": {"X-All": "1", "X-Some": "check"},
        "token": "t0ken",
    }
    requests = [{"path": "/a"}, {"path": "/b", "headers": {"x-some": "step"}}]

    facts = ask("steps", place.url(scheme="https", host="localhost"), requests=requests, **options).facts

    assert facts.failure is None
    assert facts.certificate is not None
    assert [each.headers["x-some"] for each in site.asked] == ["check", "step"]
    assert {each.headers["authorization"] for each in site.asked} == {"Bearer t0ken"}


def test_time_of_each_step_can_be_expected(servers: Servers, ask: Ask, shop: Site) -> None:
    place = servers.start(shop)
    probe = build("steps", place.url(), {"requests": [SIGN_IN, ORDER]})
    rules = [expect.parse(each, probe.provides) for each in ('step["order"] < 9 s', 'wait["sign in"] < 9 s')]

    answer = ask("steps", place.url(), requests=[SIGN_IN, ORDER])

    assert expect.judge(answer.facts, answer.duration_us, 0, rules).state is State.UP
    with pytest.raises(expect.ExpectationError, match="needs a unit"):
        expect.parse('step["order"] < 9', probe.provides)


@pytest.mark.parametrize(
    ("requests", "field", "words"),
    [
        ([], "requests", "there is none"),
        ("[]", "requests", "there is none"),
        ("no JSON", "requests", "a list of mappings"),
        (["/"], "requests", "a list of mappings"),
        ([{"name": "x"}], "requests.0.path", "path is missing"),
        ([{"path": "/", "methd": "GET"}], "requests.0.methd", "did you mean method"),
        ([{"path": "/"}, {"path": "/", "method": "FETCH"}], "requests.1.method", "none of GET"),
        ([{"path": "/{{x}}"}], "requests.0.path", "no request before it"),
        ([{"path": "/", "extract": {"x": "$"}, "body": "{{x}}", "method": "PUT"}], "requests.0.body", "no "),
        ([{"path": "/", "extract": {"x": "stauts"}}], "requests.0.extract.x", "did you mean 'status'"),
        ([{"path": "/", "extract": {"a b": "$"}}], "requests.0.extract", "no name"),
        ([{"path": "/", "extract": {"a": "$"}, "extract_secret": {"a": "$"}}],
         "requests.0.extract_secret", "taken"),
        ([{"path": "/", "expect": ["status ="]}], "requests.0.expect", "did you mean '=='"),
        ([{"path": "/", "body": "x"}], "requests.0.body", "GET has none"),
        ([{"path": "ftp://x/"}], "requests.0.path", "begins with none of"),
        ([{"path": "http://{{x}}.test/"}], "requests.0.path", "stands in the host"),
        ([{"path": "/a b"}], "requests.0.path", "write a space as %20"),
        ([{"path": "/", "name": "a"}, {"path": "/", "name": "a"}], "requests.1.name", "name of another"),
        ([{"path": "/", "headers": {"a": "b\n"}}], "requests.0.headers", "line break"),
        ([{"path": "/"}] * 101, "requests", "more than 100"),
    ],
)  # fmt: skip
def test_bad_requests_are_refused_with_their_place(requests: Any, field: str, words: str) -> None:
    with pytest.raises(OptionError) as refused:
        build("steps", "http://127.0.0.1/", {"requests": requests})

    assert refused.value.field == field
    assert words in refused.value.message


def test_requests_can_be_typed_as_json(servers: Servers, ask: Ask, shop: Site) -> None:
    place = servers.start(shop)

    facts = ask("steps", place.url(), requests=json.dumps([{"path": "/orders/17"}])).facts

    assert facts.failure is None


def test_schema_describes_each_request() -> None:
    items = option_schema("steps")["properties"]["requests"]["items"]

    assert items["required"] == ["path"]
    assert items["properties"]["method"]["enum"][0] == "GET"
    assert items["additionalProperties"] is False


def test_request_shows_no_secret(shop: Site) -> None:
    probe = build("steps", "http://127.0.0.1/", {"requests": [SIGN_IN, ORDER], "token": Secret("t0ken")})

    assert "hunter2" not in repr(probe)
    assert "hunter2" not in repr(probe.request())  # type: ignore[attr-defined]


def test_asked_is_what_the_server_saw(servers: Servers, ask: Ask, shop: Site) -> None:
    place = servers.start(shop)
    heard: list[Asked] = shop.asked

    ask("steps", place.url(), requests=[{"path": "/orders/17", "method": "HEAD"}])

    assert [(each.method, each.path) for each in heard] == [("HEAD", "/orders/17")]


def test_example_of_the_how_to_is_up(servers: Servers) -> None:
    def orders(asked: Asked) -> Reply:
        known = (
            asked.headers["authorization"] == "Bearer tok-4711" and "session=s1" in asked.headers["cookie"]
        )
        return (200, {}, json.dumps({"orders": [{"link": "/done/17"}]}).encode()) if known else (403, {}, b"")

    def sign_in(asked: Asked) -> Reply:
        known = json.loads(asked.body) == {"user": "monitor", "password": "pa55"}
        body = json.dumps({"user": {"id": 7}, "token": "tok-4711"}).encode()
        return (200 if known else 401, {"Set-Cookie": "session=s1; Path=/"}, body)

    shop = Site({"/login": sign_in, "/users/7/orders": orders, "/done/17": said(body=b"Thank you!")})
    place = servers.start(shop)

    ((answer, judgement),) = how_to.asked(
        "watch-a-sequence-of-requests.md",
        {"https://shop.example.org": place.url("")},
        {"SHOP_PASSWORD": "pa55"},
    )

    assert judgement.state is State.UP, judgement
    assert list(answer.facts.values["step"]) == ["sign in", "order", "page"]

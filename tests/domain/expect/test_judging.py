"""What becomes of an answer: up, degraded or down, and the sentence that says why."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trueup.domain import text
from trueup.domain.expect import ExpectationError, judge, parse
from trueup.domain.result import Certificate, Facts, Failure, FailureClass, Judgement, State
from trueup.domain.text import Text

NOW = 1_766_863_800_000_000
DAY = 86_400_000_000
CERTIFICATE = Certificate("x", "y", (), NOW - DAY, NOW + 20 * DAY, "00", NOW + 5 * DAY)
BODY = json.dumps(
    {
        "status": "ok",
        "ratio": 0.1,
        "count": 3,
        "items": [{"name": "a"}, {"name": "b"}],
        "tags": ["x", 5, True],
        "none": None,
        "yes": True,
    }
).encode()
FACTS = Facts(
    values={
        "status": 200,
        "version": "1.1",
        "reply": b"pong",
        "load": 0.3,
        "offset": timedelta(milliseconds=-3),
        "header": {"content-type": "application/json", "X-Upper": "Yes"},
    },
    body=BODY,
    certificate=CERTIFICATE,
)


def judged(
    *expect: str, degraded: tuple[str, ...] = (), facts: Facts = FACTS, duration_us: int = 12_300
) -> Judgement:
    return judge(facts, duration_us, NOW, [*map(parse, expect)], [*map(parse, degraded)], "http://x/")


def said(judgement: Judgement) -> str:
    assert judgement.text is not None
    assert text.missing(judgement.text) == []
    lead, _, rest = text.render(judgement.text).partition("waited 12.3 ms: ")
    assert lead == "Asked http://x/ and "
    return rest


@pytest.mark.parametrize(
    "source",
    [
        "status == 200",
        "status != 404",
        "status in 200..299",
        "status in [200, 404]",
        "status not in 400..599",
        "status not in [404]",
        "latency < 800 ms",
        "latency >= 12300 us",
        "latency in 12 ms..13 ms",
        "certificate > 14 d",
        "certificate <= 20 d",
        'body contains "ratio"',
        'body not contains "error"',
        'body matches /"count": \\d,/',
        "body not matches /ERROR/i",
        f"len(body) == {len(BODY)}",
        '$.status == "ok"',
        '$.status != "bad"',
        '$.status in ["ok", "fine"]',
        '$.status contains "k"',
        "$.status matches /^ok$/",
        "$.ratio == 0.1",
        "$.ratio < 0.10000000000000000000001",
        "$.count == 3.0",
        "$.count in 3..4",
        "$.items[1].name == 'b'",
        "len($.items) > 0",
        "len($.status) == 2",
        "len($) == 7",
        "$.none == null",
        "$.none != 5",
        "$.status != null",
        "$.yes == true",
        '$.tags contains "x"',
        "$.tags contains 5",
        "$.tags not contains 1",
        'header["Content-Type"] contains "json"',
        'header["x-upper"] == "Yes"',
        'reply == "pong"',
        'version == "1.1"',
        "load == 0.3",
        "offset < 0 s",
        "offset < 1 us",
    ],
)
def test_what_is_as_expected_is_up(source: str) -> None:
    assert judged(source) == Judgement(State.UP)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("status == 404", "expected status == 404, but status was 200."),
        ("status not in 200..299", "expected status not in 200..299, but status was 200."),
        ("latency < 1 ms", "expected latency < 1 ms, but latency was 12.3 ms."),
        ("certificate > 30 d", "expected certificate > 30 d, but certificate was 20 d."),
        ('reply == "ping"', 'expected reply == "ping", but reply was "pong".'),
        ('reply contains "x"', 'expected reply contains "x", but reply was "pong".'),
        ("reply matches /x/", 'expected reply matches /x/, but reply was "pong".'),
        ('body not contains "ok"', 'expected body not contains "ok", but it was there.'),
        ("body not matches /ok/", "expected body not matches /ok/, but it matched."),
        ("$.count > 3", "expected $.count > 3, but $.count was 3."),
        ("len($.items) == 0", "expected len($.items) == 0, but len($.items) was 2."),
        ("$.tags contains 1", "expected $.tags contains 1, but $.tags was a list of 3."),
        ("$.ratio == 0.2", "expected $.ratio == 0.2, but $.ratio was 0.1."),
        # There is nothing to be judged by.
        ("$.count == 'x'", "expected $.count == 'x', but $.count was a number: 3."),
        ("$.status > 5", 'expected $.status > 5, but $.status was text: "ok".'),
        ("$.status in 1..5", 'expected $.status in 1..5, but $.status was text: "ok".'),
        ("$.none > 5", "expected $.none > 5, but $.none was null."),
        ("$.yes == 1", "expected $.yes == 1, but $.yes was a truth value: true."),
        ("$.items == 'x'", "expected $.items == 'x', but $.items was a list: a list of 2."),
        ("$.count contains 'x'", "expected $.count contains 'x', but $.count was a number: 3."),
        ("$.count matches /3/", "expected $.count matches /3/, but $.count was a number: 3."),
        ("len($.count) > 0", "expected len($.count) > 0, but len($.count) was a number: 3."),
        ("$.count in ['a']", "expected $.count in ['a'], but $.count was a number: 3."),
        ("$.nope == 1", "expected $.nope == 1, but $ was an object of 7, without .nope."),
        ("$.items[5].x == 1", "expected $.items[5].x == 1, but $.items was a list of 2, without [5]."),
        ('header["x"] == "y"', 'expected header["x"] == "y", but there was no header["x"].'),
        ("greeting == 'x'", "expected greeting == 'x', but there was no greeting."),
    ],
)
def test_what_is_not_as_expected_is_down_and_says_what_was_there(source: str, sentence: str) -> None:
    judgement = judged("status == 200", source)

    assert judgement.state is State.DOWN
    assert judgement.cause is FailureClass.EXPECTATION
    assert said(judgement) == sentence


@pytest.mark.parametrize(
    ("body", "cause", "reason"),
    [
        (None, FailureClass.EXPECTATION, "there was no body."),
        (b"", FailureClass.EXPECTATION, "the body is not JSON: it is empty."),
        (b"<p>", FailureClass.EXPECTATION, 'the body is not JSON: it begins with "<p>", and breaks off'),
        (b"[" * 65 + b"]" * 65, FailureClass.PROTOCOL, "the body is JSON nested deeper than 64 levels"),
    ],
)
def test_a_body_that_cannot_be_read_as_json_is_down(
    body: bytes | None, cause: FailureClass, reason: str
) -> None:
    judgement = judged("$.status == 'ok'", facts=replace(FACTS, body=body))

    assert judgement.state is State.DOWN
    assert judgement.cause is cause
    assert said(judgement).startswith(f"expected $.status == 'ok', but {reason}")


def test_a_body_that_was_cut_says_so_where_the_rest_could_matter() -> None:
    facts = replace(FACTS, body=b'{"status": "ok", "x": "' + b"a" * 63_977, body_truncated=True)

    assert judged('body contains "status"', facts=facts).state is State.UP
    assert said(judged('body contains "zz"', facts=facts)) == (
        'expected body contains "zz", but it was not in the first 64 kB of body; the rest was not read.'
    )
    assert said(judged("$.status == 'ok'", facts=facts)) == (
        "expected $.status == 'ok', but the body is not JSON: only its first 64 kB were read."
    )


def test_a_regular_expression_sees_64_kb_and_says_so() -> None:
    facts = replace(FACTS, body=b"a" * 64_000 + b"z")

    assert judged("body contains 'z'", facts=facts).state is State.UP
    assert said(judged("body matches /z/", facts=facts)) == (
        "expected body matches /z/, but it was not in the first 64 kB of body; the rest was not read."
    )
    assert "rest was not read" not in said(judged("body matches /zzz/"))


def test_a_failure_of_the_probe_wins_over_every_expectation() -> None:
    failure = Failure(FailureClass.REFUSED, Text("refused", {"peer": "127.0.0.1:1"}))

    judgement = judged("status == 200", degraded=("status == 200",), facts=replace(FACTS, failure=failure))

    assert judgement == Judgement(State.DOWN, FailureClass.REFUSED, failure.text)


def test_the_first_expectation_that_fails_gives_the_reason() -> None:
    assert "status == 1," in said(judged("status == 200", "status == 1", "status == 2"))


def test_slow_but_up_is_degraded() -> None:
    judgement = judged("status == 200", degraded=("latency > 20 ms", "latency > 10 ms"))

    assert judgement.state is State.DEGRADED
    assert judgement.cause is FailureClass.EXPECTATION
    assert said(judgement) == "up, but latency was 12.3 ms, and latency > 10 ms means degraded."


def test_down_wins_over_degraded() -> None:
    assert judged("status == 404", degraded=("latency > 10 ms",)).state is State.DOWN


def test_a_rule_for_degraded_that_cannot_be_judged_does_not_hide() -> None:
    judgement = judged(degraded=("$.queue > 100",))

    assert judgement.state is State.DEGRADED
    assert said(judgement) == (
        "up, but it cannot be told whether $.queue > 100, which means degraded: "
        "$ was an object of 7, without .queue."
    )


def test_without_expectations_an_answer_is_up() -> None:
    assert judged() == Judgement(State.UP)


def test_an_expired_certificate_has_less_than_no_time_left() -> None:
    facts = replace(FACTS, certificate=replace(CERTIFICATE, not_after_us=NOW - 3 * DAY))

    assert said(judged("certificate > 14 d", facts=facts)).endswith("but certificate was -3 d.")


def test_an_answer_is_named_only_where_its_name_is_known() -> None:
    judgement = judge(FACTS, 5, NOW, [parse("status == 1")])

    assert judgement.text is not None
    assert "asked" not in judgement.text.params
    assert text.render(judgement.text) == "expected status == 1, but status was 200."


def test_what_a_body_holds_stays_on_one_line_of_the_sentence() -> None:
    facts = replace(FACTS, body="line\nfeed\x1b[31m\u202e".encode())

    assert said(judged("body == 'x'", facts=facts)).isprintable()


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
subjects = st.sampled_from(["$.x", "len($.x)", "$.x[0]", "$", "thing", "body", "status", 'header["x"]'])
operators = st.sampled_from(["==", "!=", "<", ">=", "in", "not in", "contains", "not contains", "matches"])
operands = st.sampled_from(["5", "0.5", '"a"', "null", "true", "1..5", '["a", 5, null]', "/a+/", "1 s"])


@given(subjects, operators, operands, anything, anything)
def test_every_expectation_judges_every_answer(
    subject: str, operator: str, operand: str, content: Any, thing: Any
) -> None:
    try:
        expectation = parse(f"{subject} {operator} {operand}")
    except ExpectationError:
        return
    facts = Facts(
        values={"thing": thing, "status": thing, "header": {"x": str(thing)}},
        body=json.dumps({"x": content}).encode(),
    )
    for expect, degraded in (([expectation], []), ([], [expectation])):
        judgement = judge(facts, 5, NOW, expect, degraded, "it")
        if judgement.text is not None:
            assert text.missing(judgement.text) == []
        assert (judgement.text is None) == (judgement.state is State.UP)


@pytest.mark.parametrize("expected", ["status in 200..299", "status == 200", "status < 400"])
def test_an_answer_404_says_where_the_path_is_set(expected: str) -> None:
    judgement = judged(expected, facts=replace(FACTS, values={**FACTS.values, "status": 404}))

    assert said(judgement) == (
        f"expected {expected}, but status was 404: the server has nothing at this path. "
        "The path is part of the check's address in trueup.yaml."
    )


def test_a_search_that_was_given_up_is_our_fault_and_not_the_targets() -> None:
    chance = random.Random(1)
    body = "".join(chance.choice("ab") for _ in range(60_000)) + "c"
    judgement = judged("body matches /(a|b)*a(a|b){120}c/", facts=replace(FACTS, body=body.encode()))

    assert judgement.cause is FailureClass.INTERNAL
    assert "this expression costs too much on this text" in said(judgement)

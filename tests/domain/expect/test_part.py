"""A part of an answer, named as people name it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from trueup.domain.expect.answer import Answer, UnjudgedError
from trueup.domain.expect.error import ExpectationError
from trueup.domain.expect.part import parse_part
from trueup.domain.result import Facts

PROVIDES: Mapping[str, type] = {"status": int, "header": Mapping, "body": str, "latency": timedelta}
ANSWER = Answer(
    Facts(
        values={"status": 200, "header": {"location": "/orders/17"}},
        body=b'{"token": "abc", "n": 1.50, "on": true, "list": [1], "none": null}',
    ),
    1000,
    0,
)


@pytest.mark.parametrize(
    ("source", "taken"),
    [
        ("$.token", "abc"),
        ("$.n", "1.50"),
        ("$.on", "true"),
        ("status", "200"),
        ('header["Location"]', "/orders/17"),
        (r'header["location"] matches /orders\/(\d+)/', "17"),
        ("$.token matches /B(.)/i", "c"),
        ("body matches /token/", "token"),
        ("len($.list)", "1"),
    ],
)
def test_part_is_taken_as_text(source: str, taken: str) -> None:
    assert parse_part(source, PROVIDES).taken(ANSWER) == taken


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("$.missing", "path"),
        ("$.list", "type"),
        ("$.none", "type"),
        ('header["x-none"]', "absent"),
        ("body matches /no(where)/", "unmatched"),
        ("$.list matches /a/", "type"),
        ("body matches /.*.*.*.*(x)/", "unmatched"),
    ],
)
def test_part_that_is_not_there_says_why(source: str, problem: str) -> None:
    with pytest.raises(UnjudgedError) as missing:
        parse_part(source, PROVIDES).taken(ANSWER)

    assert missing.value.problem == problem


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("stauts", "did you mean 'status'"),
        ("header", "needs a key"),
        ("status matches /2/", "is no text"),
        ("latency matches /2/", "is no text"),
        ('body == "x"', "matches /before"),
        ("body matches", "matches /before"),
        ("body matches /a/ and more", "here it should end"),
        ("body matches /(a)(b)/", "one group"),
        ("", "begins with what is judged"),
        ("$" * 2000, "longer than"),
    ],
)
def test_what_cannot_be_taken_is_refused(source: str, words: str) -> None:
    with pytest.raises(ExpectationError, match=words):
        parse_part(source, PROVIDES)

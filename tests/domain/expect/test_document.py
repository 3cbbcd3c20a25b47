"""Bodies as JSON: exact, never too deep, and never trusted."""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trueup.domain.expect.document import (
    MAX_DEPTH,
    NoPlaceError,
    NotJsonError,
    TooDeepError,
    load,
    place,
    shown,
)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


def nested(depth: int, *, opening: str = "[", closing: str = "]") -> bytes:
    return (opening * depth + closing * depth).encode()


@given(values)
def test_json_is_read_as_it_was_written(value: object) -> None:
    assert load(json.dumps(value).encode()) == value


def test_numbers_keep_every_digit() -> None:
    assert load(b"[0.1, 1e400, 123456789012345678901234567890]") == [
        Decimal("0.1"),
        Decimal("1e400"),
        123456789012345678901234567890,
    ]


def test_a_byte_order_mark_does_no_harm() -> None:
    assert load(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_depth_is_counted_where_it_is_depth() -> None:
    load(nested(MAX_DEPTH))
    load(b"[" + b"[]," * 5_000 + b"[]]")
    load(json.dumps(["[{" * 5_000, '\\"[[' * 500]).encode())
    mixed = b'{"a":[' * (MAX_DEPTH // 2) + b"]}" * (MAX_DEPTH // 2)
    load(mixed)
    for body in (nested(MAX_DEPTH + 1), b"[" + mixed + b"]", b"[" * 1_000_000):
        with pytest.raises(TooDeepError):
            load(body)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"<html>", 'it begins with "<html>", and breaks off at line 1 column 1'),
        (b'{"a": 1', 'it begins with "{\\"a\\": 1", and breaks off at line 1 column 8'),
        (b'{"a": \xff}', "byte 6 is not UTF-8"),
        (b"[NaN]", 'it begins with "[NaN]"'),
        (b"[1e99999999999999999999]", "it begins with"),
        (b"1" * 5_000, "it begins with"),
        (b'"' + b"\\" * 1_001, "it begins with"),
        (b"]]]]" * 50 + b"[" * 70, "it begins with"),
        (b'"\\"' * 40_000, "it begins with"),
    ],
)
def test_what_is_no_json_says_why(body: bytes, reason: str) -> None:
    with pytest.raises(NotJsonError) as caught:
        load(body)

    assert reason in str(caught.value)
    assert len(str(caught.value)) < 150


@given(st.binary(max_size=200) | st.text(alphabet='[]{}",:\\1e-.a ', max_size=200).map(str.encode))
def test_any_body_is_json_or_says_why_not(body: bytes) -> None:
    with contextlib.suppress(NotJsonError, TooDeepError):
        load(body)


def test_a_path_leads_by_names_and_indices() -> None:
    document = {"items": [{"name": "x"}, {"two words": 5}], "0": "zero"}

    assert place(document, ()) is document
    assert place(document, ("items", 0, "name")) == "x"
    assert place(document, ("items", -1, "two words")) == 5


@pytest.mark.parametrize(
    ("path", "parent", "got", "step"),
    [
        (("items", 2), "$.items", "a list of 2", "[2]"),
        (("nope",), "$", "an object of 2", ".nope"),
        (("items", "name"), "$.items", "a list of 2", ".name"),
        ((0,), "$", "an object of 2", "[0]"),
        (("text", 0), "$.text", '"abc"', "[0]"),
        (("items", 1, "two words", "x"), '$.items[1]["two words"]', "5", ".x"),
    ],
)
def test_a_path_that_leads_nowhere_says_where_it_ended(
    path: tuple[str | int, ...], parent: str, got: str, step: str
) -> None:
    with pytest.raises(NoPlaceError) as caught:
        place({"items": [{}, {"two words": 5}], "text": "abc"}, path)

    assert (caught.value.parent, caught.value.got, caught.value.step) == (parent, got, step)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (503, "503"),
        (Decimal("1.10"), "1.10"),
        ("a\nb", '"a\\nb"'),
        ("\x9b\u202e\ud800", '"\\u009b\\u202e\\ud800"'),
        ([1, 2], "a list of 2"),
        ({"a": 1}, "an object of 1"),
    ],
)
def test_a_value_is_shown_in_signs_that_can_be_printed(value: object, text: str) -> None:
    assert shown(value) == text


@given(values | st.text(min_size=70) | st.integers(10**79, 10**90))
def test_a_shown_value_is_short_and_printable(value: object) -> None:
    assert len(shown(value)) <= 80
    assert shown(value).isprintable()

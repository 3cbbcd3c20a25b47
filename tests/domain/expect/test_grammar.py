"""What an expectation may look like, and where the finger points when it does not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trueup.domain.expect import ExpectationError, parse
from trueup.domain.expect.automaton import Pattern
from trueup.domain.expect.form import Length, Operand, Range
from trueup.domain.result import Certificate

PROVIDES: Mapping[str, type] = {
    "status": int,
    "version": str,
    "reply": str,
    "header": Mapping,
    "body": bytes,
    "certificate": Certificate,
    "offset": timedelta,
    "resumed": bool,
}


@pytest.mark.parametrize(
    ("source", "operand"),
    [
        ("status == 200", 200),
        ("status in 200..299", Range(200, 299)),
        ("status in [200, 404]", (200, 404)),
        ("status not  in 500..599", Range(500, 599)),
        ("status==200", 200),
        ("latency < 800 ms", Length(800_000)),
        ("latency<1.5s", Length(1_500_000)),
        ("latency in 1 ms .. 2 s", Range(Length(1_000), Length(2_000_000))),
        ("certificate > 14 d", Length(14 * 86_400_000_000)),
        ("offset < 5 us", Length(5)),
        ('body contains "ok"', "ok"),
        ("body not contains 'he said \"no\"'", 'he said "no"'),
        (r"body contains 'it\'s\n'", "it's\n"),
        (r'body contains "\u0436\/"', "ж/"),
        ("body matches /a\\/b+/i", Pattern("a\\/b+", "i")),
        ("body not matches /error/", Pattern("error")),
        ('$.status == "ok"', "ok"),
        ('$["two words"].x-y == true', True),
        ("$.items[0].name != null", None),
        ("$.items[-1] >= -1.50", Decimal("-1.50")),
        ("len($.items) > 0", 0),
        ("len( $ ) > 0", 0),
        ("len(body) <= 1e6", Decimal("1e6")),
        ('header["content-type"] contains "json"', "json"),
        ('reply == "pong"', "pong"),
        ("resumed == false", False),
        ('  version in ["1.1", "2"]  ', ("1.1", "2")),
    ],
)
def test_an_expectation_is_read(source: str, operand: Operand) -> None:
    expectation = parse(source, PROVIDES)

    assert expectation.operand == operand
    assert type(expectation.operand) is type(operand)
    assert expectation.source == source


def test_an_expectation_says_what_it_refers_to() -> None:
    assert parse("status == 200").subject.name == "status"
    assert parse("len($.items[0]) > 0").subject.name == "$"
    assert parse('header["x"] == "y"').subject.name == "header"
    assert parse("$.items[0]['a b'].c == 1").subject.path == ("items", 0, "a b", "c")
    assert parse("anything == 5").subject.name == "anything"  # whether a kind has it is asked with its names


@pytest.mark.parametrize(
    ("pointed", "message"),
    [
        # The caret stands under the column of the error; what follows is said.
        ("\n^", "begins with what is judged"),
        ("200 == status\n^", "begins with what is judged"),
        ("stauts == 200\n^", "unknown name 'stauts': did you mean 'status'?"),
        ("zzz == 200\n^", "this kind knows body"),
        ("status\n      ^", "a comparison is missing"),
        ("status = 200\n       ^", "did you mean '=='?"),
        ("status is 200\n       ^", "did you mean '=='?"),
        ("status => 200\n       ^", "did you mean"),
        ('body not contain "x"\n     ^', "did you mean 'not contains'?"),
        ("status %% 200\n       ^", "write ==, !="),
        ("status ==\n         ^", "a value is missing"),
        ("status == ok\n          ^", 'text stands in quotes: "ok"'),
        ("status == 200 and latency < 1 s\n              ^", "one expectation demands one thing"),
        ("status == 200 || 201\n              ^", "one expectation demands one thing"),
        ("status in 200-299\n             ^", "a range has two points: 200..299"),
        ("status in 299..200\n               ^", "from the lower to the higher"),
        ("latency in 1 s..2\n                ^", "of one kind"),
        ("status == 200 200\n              ^", "here it should end"),
        ("status in 200\n          ^", "wants a range or a list"),
        ("status == 200..299\n          ^", "goes with in: status in"),
        ("status == [200]\n          ^", "goes with in"),
        ("status in [200\n              ^", "a ] is missing"),
        ("status matches 200\n               ^", "matches wants /.../"),
        ("status == /2../\n          ^", "write: matches /.../"),
        ('status == "200"\n          ^', "status is a number and cannot be compared with text"),
        ("status contains 2\n                ^", "looks for text"),
        ('status contains "2"\n                ^', "cannot be compared with text"),
        ("status < true\n         ^", "true or false has no order"),
        ("status == 5 s\n          ^", "cannot be compared with a duration"),
        ("resumed == 1\n           ^", "resumed is true or false"),
        ('version < "2"\n          ^', "text has no order"),
        ("version[0] == 1\n        ^", "the key stands in quotes"),
        ('version["x"] == "1"\n^', "version has no keys"),
        ("latency < 800\n          ^", "needs a unit"),
        ("latency < 800 msec\n              ^", "did you mean 800 ms?"),
        ("latency < 5 µs\n            ^", "did you mean 5 us?"),
        ("latency < 5 parsecs\n            ^", "units are us, ms, s, m, h, d"),
        ("latency < -5 s\n          ^", "at most six digits after the point"),
        ("offset in 1..5\n          ^", "needs a unit"),
        ("certificate > 14\n              ^", "needs a unit"),
        ("len(latency) > 1\n^", "latency has no length"),
        ("len(status) > 1\n^", "status has no length"),
        ("len($.x > 1\n        ^", "len( is never closed"),
        ('len(body) == "x"\n             ^', "is a number and cannot be compared with text"),
        ('header contains "x"\n^', 'header needs a key: header["..."]'),
        ("header[x] == 1\n       ^", "the key stands in quotes"),
        ('header["x" == 1\n           ^', "a ] is missing"),
        ("$.a.* == 1\n   ^", "names and indices only"),
        ("$..a == 1\n ^", "names and indices only"),
        ("$.a[1:2] == 1\n   ^", "names and indices only"),
        ("$.a < 5 s\n      ^", "its numbers have no unit"),
        ('body == "abc\n        ^', "this quote is never closed"),
        ("body == 'abc\n        ^", "this quote is never closed"),
        ('body == "a\\q"\n          ^', "a backslash here stands before"),
        ("body matches /a\n             ^", "this / is never closed"),
        ("body matches /a/x\n                ^", "the flag 'x' is not known"),
        ("body matches //\n              ^", "this expression is empty"),
        ("body matches /ab(c+)+/\n                ^", "repeats a repetition"),
        ("body matches /a\\/[z/\n                 ^", "this [ is never closed"),
        ("  stauts == 200\n  ^", "did you mean 'status'?"),
    ],
)
def test_the_finger_points_at_the_column_and_the_sentence_says_what_is_right(
    pointed: str, message: str
) -> None:
    source = pointed.partition("\n")[0]

    with pytest.raises(ExpectationError) as caught:
        parse(source, PROVIDES)

    assert caught.value.pointed(source) == pointed
    assert message in caught.value.message
    assert str(caught.value) == f"column {caught.value.column}: {caught.value.message}"


def test_names_are_those_of_the_kind() -> None:
    parse("latency < 1 s", {})
    for source in ("body == 'x'", "$.x == 1", "certificate > 1 d", 'header["x"] == "y"', "status == 1"):
        with pytest.raises(ExpectationError, match="unknown name"):
            parse(source, {"reply": str})


def test_a_kind_may_provide_what_no_other_has() -> None:
    given: list[tuple[str, dict[str, type]]] = [
        ("answers > 0", {"answers": int}),
        ("anything == 5", {"anything": object}),
        ('meta["key"] == "x"', {"meta": dict}),
        ("$.x == 1", {"$": object}),
    ]
    for source, provides in given:
        assert parse(source, provides).source == source


@pytest.mark.parametrize(
    "source",
    [
        "status == " + "9" * 1_000,
        "$" + "[0]" * 65 + " == 1",
        "$" + ".a" * 499 + " == 1",
    ],
)
def test_what_is_far_too_long_is_refused(source: str) -> None:
    with pytest.raises(ExpectationError, match=r"longer than|at most 64 steps"):
        parse(source)


WORDS = "status latency $ .a [0] len( ) == in not contains matches < 200 .. 800ms 1e999 null ж"
SIGNS = r"""  "x" ' " /a+/ /( [ ] , \  """
pieces = st.sampled_from([*WORDS.split(), *SIGNS.split(), "\x00"])


@given(st.lists(pieces, max_size=8).map(" ".join) | st.text(max_size=30))
def test_whatever_is_written_is_read_or_refused_with_a_column_inside(source: str) -> None:
    column = refused_at(source)

    if column is None:
        assert parse(source, PROVIDES) == parse(source, PROVIDES)
        assert hash(parse(source, PROVIDES)) == hash(parse(source, PROVIDES))
    else:
        assert 1 <= column <= len(source) + 1


def refused_at(source: str) -> int | None:
    """Return the column in which an expectation is refused, None if it is taken."""
    try:
        parse(source, PROVIDES)
    except ExpectationError as error:
        return error.column
    return None

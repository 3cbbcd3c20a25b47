"""Regular expressions: the same answers as Python's, in time that the text cannot stretch."""

from __future__ import annotations

import random
import re
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trueup.domain.expect import ExpectationError, automaton
from trueup.domain.expect.automaton import Pattern, TooMuchWorkError

TAKERS = r"a b - ж . \d \w \W \s \n \. \x61 \u0436 [ab] [^a] [a-c0-9] [\d_] []a] [^]a] [a-] [\]\\]"
PLACES = r"^ $ \b \B \A \Z (a|b) (?:ab|) { } ] {,} a{}"
REPEATS = "* + ? {2} {1,3} {2,} {,2} *? +? {1,2}?"

atoms = st.sampled_from([*TAKERS.split(), *PLACES.split(), " "])
repeats = st.sampled_from(["", "", "", *REPEATS.split()])
sequences = st.lists(st.tuples(atoms, repeats).map("".join), max_size=5).map("".join)
grouped = st.tuples(sequences, sequences, repeats, sequences).map(
    lambda parts: f"{parts[0]}({parts[1]}){parts[2]}{parts[3]}"
)
patterns = st.lists(sequences | grouped, min_size=1, max_size=3).map("|".join)
texts = st.text(alphabet="abcAB01-_ж \n.{}]\\", max_size=12)
flags = st.sampled_from(["", "i", "m", "s", "im", "ims"])


def refused_at(source: str) -> int | None:
    """Return the column in which an expression is refused, None if it is taken."""
    try:
        Pattern(source)
    except ExpectationError as error:
        return error.column
    return None


def by_python(source: str, flag_letters: str, text: str) -> bool:
    value = 0
    for letter in flag_letters:
        value |= {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}[letter]
    return re.search(source, text, value) is not None


@settings(max_examples=500)
@given(patterns, flags, st.lists(texts, min_size=1, max_size=6))
def test_a_text_matches_when_python_says_so(source: str, letters: str, many: list[str]) -> None:
    try:
        pattern = Pattern(source, letters)
    except ExpectationError:
        return  # refused: a place repeated, a repetition repeated, an empty expression
    for text in many:
        if not text and r"\B" in source:
            continue  # Python changed its mind about this one in 3.14
        assert pattern.found_in(text) == by_python(source, letters, text), text


@pytest.mark.parametrize(
    "source", ["^b", "a$", "^$", r"\Ab", r"a\Z", r"\bb\b", r"a\Bb", "^a.b$", "(^|,)b(,|$)"]
)
@pytest.mark.parametrize("letters", ["", "m", "s", "ms"])
def test_places_in_a_text_are_where_python_sees_them(source: str, letters: str) -> None:
    for text in ("", "\n", "a", "b", "a\n", "a\nb", "a\nb\n", "b\na", "\n\nb", "a,b", "ab", "a b c", "a\n\n"):
        assert Pattern(source, letters).found_in(text) == by_python(source, letters, text), text


@given(patterns)
def test_an_expression_that_is_taken_is_one_for_python_too(source: str) -> None:
    column = refused_at(source)

    if column is None:
        re.compile(source)
    else:
        assert 1 <= column <= len(source) + 1


@pytest.mark.parametrize(
    ("source", "column", "message"),
    [
        ("(a+)+", 1, "repeats a repetition"),
        ("x(a*)*", 2, "repeats a repetition"),
        ("(a|b+)*", 1, "repeats a repetition"),
        ("((a+)b)*", 1, "repeats a repetition"),
        ("(a{2,})+", 1, "repeats a repetition"),
        ("a**", 3, "one repetition follows another"),
        ("a+*", 3, "one repetition follows another"),
        ("a++", 3, "one repetition follows another"),
        ("a{2}{3}", 7, "one repetition follows another"),
        ("*a", 1, "repeats nothing"),
        ("a|+", 3, "repeats nothing"),
        ("a{3,2}", 2, "counts backwards"),
        ("a{0}", 2, "counts to nothing"),
        ("a{600}", 1, "needs more than 500 steps"),
        ("((a{30}){30}){30}", 1, "needs more than 500 steps"),
        ("(){9}", 1, "only what takes a character"),
        ("^*", 1, "only what takes a character"),
        ("(a", 1, "this ( is never closed"),
        ("a)", 2, "this ) closes nothing"),
        ("x[a", 2, "this [ is never closed"),
        ("x[z-a]", 3, "is no range"),
        (r"x[\d-a]", 3, "is no range"),
        (r"x[a-\d]", 3, "is no range"),
        ("{2}", 1, "repeats nothing"),
        (r"(a)\1", 4, "references to groups are refused"),
        ("(?=a)", 1, "only (?:...) is known"),
        ("(?P<n>a)", 1, "only (?:...) is known"),
        ("\\", 1, "a single \\"),
        (r"\q", 1, "\\q is not known"),
        ("(" * 21 + "a" + ")" * 21, 21, "nested deeper"),
    ],
)
def test_an_expression_that_is_refused_says_why_and_where(source: str, column: int, message: str) -> None:
    with pytest.raises(ExpectationError) as caught:
        Pattern(source)

    assert caught.value.column == column
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("(x|x)*y", "x" * 64_000),
        (".*=.*=.*;", "=" * 64_000),
        (r"\s+$", " " * 64_000 + "x"),
        ("x*x*x*x*x*y", "x" * 64_000),
        ("(a?){50}a{50}b", "a" * 64_000),
        ("(a|b)*a(a|b){12}c", "ab" * 32_000),
        ('"status".*"ok"', '"status":' * 7_000),
    ],
)
def test_no_text_makes_a_search_last(source: str, text: str) -> None:
    pattern = Pattern(source)
    started = process_time()

    assert not pattern.found_in(text)
    assert process_time() - started < 2  # backtracking would take from minutes to for ever


def test_a_search_that_costs_too_much_is_given_up() -> None:
    pattern = Pattern("(a|b)*a(a|b){120}c")
    chance = random.Random(1)
    text = "".join(chance.choice("ab") for _ in range(60_000)) + "c"
    started = process_time()

    with pytest.raises(TooMuchWorkError):
        pattern.found_in(text)
    assert process_time() - started < 2  # to the end it would take half a minute


def test_a_search_keeps_no_more_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(automaton, "_MAX_WORK", 10**9)
    pattern = Pattern("(a|b)*a(a|b){12}c.")
    many = "".join(map(chr, range(0x4E00, 0x9000)))

    for text in (many, "ab" * 20_000, many[::-1], "aabab" * 10_000):
        assert not pattern.found_in(text)
    assert len(pattern._states) <= 20_001
    assert pattern.found_in("b" * 5_000 + "a" + "b" * 12 + "c!")


def test_patterns_are_equal_by_what_is_written() -> None:
    assert Pattern("a+", "i") == Pattern("a+", "i")
    assert Pattern("a+") != Pattern("a+", "i")
    assert repr(Pattern("a+", "i")) == "/a+/i"

"""A part taken out of a text: what Python's own search takes, in time proportional to the text."""

from __future__ import annotations

import contextlib
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trueup.domain.expect.automaton import TooMuchWorkError
from trueup.domain.expect.capture import Capture
from trueup.domain.expect.error import ExpectationError

EXPRESSIONS = (
    r"id=(\d+)", r"(a|ab)(?:c|bcd)", r"(a+?)b", r"(a*)", r"x(.*)y", r"x(.*?)y", r"\b(\w+)\b", r"^(a|b)$",
    r"a{2,3}(b?)", r"(?:a|b)+(c)", r"b", r"(a|)b", r"[^a](.)", r"(?:ab?){2}(a?)", r"(b+)$", r"\B(a)",
    r"(\Aa|b\Z)", r"(a{0,2}?)b", r"((?:a|b)*?)c",
)  # fmt: skip


@pytest.mark.parametrize("source", EXPRESSIONS)
@given(text=st.text("abcxyd=1\n ", max_size=12))
def test_it_takes_what_python_takes(source: str, text: str) -> None:
    found = re.search(source, text)
    wanted = None if found is None else found[1] if found.re.groups else found[0]

    assert Capture(source).taken_from(text) == wanted


@pytest.mark.parametrize(
    ("source", "flags", "text", "taken"),
    [
        ("token: (.+)", "i", "TOKEN: 42\nrest", "42"),
        ("^(b)$", "m", "a\nb\nc", "b"),
        ("<(.*)>", "s", "<a\nb>", "a\nb"),
        ("<(.*)>", "", "<a\nb>", None),
    ],
)
def test_flags_mean_what_they_mean_elsewhere(source: str, flags: str, text: str, taken: str | None) -> None:
    assert Capture(source, flags).taken_from(text) == taken


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("(a)(b)", "one group is taken out"),
        ("(a)+", "cannot be repeated"),
        ("(a", "never closed"),
        (r"(a)\1", "references to groups"),
        ("a{400}b{400}", "more than 500 steps"),
    ],
)
def test_what_cannot_be_taken_out_is_refused(source: str, words: str) -> None:
    with pytest.raises(ExpectationError, match=words):
        Capture(source)


@pytest.mark.parametrize("source", ["(?:a|a)*(b)", "(a?a?a?a?a?a?a?a?)b", ".*.*.*.*(x)", "(a*)c"])
def test_no_text_makes_it_slow(source: str) -> None:
    begun_s = time.process_time()

    with contextlib.suppress(TooMuchWorkError):
        Capture(source).taken_from("a" * 64_000)

    assert time.process_time() - begun_s < 2
